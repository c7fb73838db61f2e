// However a model is cut, its ranks together count the same flops, and splitting backward loses none.
#include "approx.hpp"
#include "shapes.hpp"

#include <doctest/doctest.h>

namespace weft {
namespace {

struct Cut {
  int tp, cp, ep, etp;
};

/// One sample on all ranks of a replica.
Passes together(const Workload& w, const Cut& cut, ContextExchange context = ContextExchange::ring)
{
  const Passes one = passes_of(
      Shard{.workload = &w, .tp = cut.tp, .sequence_parallel = cut.tp > 1, .cp = cut.cp, .context = context, .ep = cut.ep, .etp = cut.etp});
  const double ranks = cut.tp * cut.cp;
  return {ranks * one.forward, ranks * one.data, ranks * one.weights};
}

/// A model with everything: dense and routed layers, windows, latents, shared experts and a prediction module.
Workload small_of_everything()
{
  Workload w;
  w.model.layers = 6;
  w.model.hidden = 256;
  w.model.heads = 16;
  w.model.ffn = 512;
  w.model.vocabulary = 1024;
  w.model.activation = Activation::swiglu;
  w.model.window = 64;
  w.model.window_every = 2;
  w.model.prediction_layers = 1;
  w.model.latent = {.query_rank = 64, .kv_rank = 32, .rope_dim = 8, .nope_dim = 16, .value_dim = 16};
  w.model.experts = {.count = 16, .active = 4, .ffn = 128, .shared_ffn = 128, .dense_layers = 2, .every = 2};
  w.sequence = 512;
  return w;
}

} // namespace

TEST_CASE("all cuts of a small model of everything count the same flops")
{
  const Workload w = small_of_everything();
  const double whole = model_flops_per_sample(w).base();
  for (const Cut cut :
       {Cut{1, 1, 1, 1}, {2, 1, 1, 2}, {4, 1, 1, 1}, {4, 2, 4, 2}, {2, 4, 8, 1}, {8, 2, 16, 1}, {1, 8, 2, 1}, {2, 2, 1, 4}}) {
    INFO("tp " << cut.tp << " cp " << cut.cp << " ep " << cut.ep << " etp " << cut.etp);
    CHECK(together(w, cut).total().base() == near(whole));
  }
  for (const auto context : {ContextExchange::ring, ContextExchange::all_gather, ContextExchange::all_to_all})
    CHECK(together(w, {2, 4, 2, 1}, context).total().base() == near(whole));
}

TEST_CASE("splitting backward conserves flops: inputs' and weights' gradients together cost two forwards")
{
  for (const char* name :
       {"gpt3-13b", "llama3-70b", "mixtral-8x7b", "deepseek-v3-671b", "qwen2-57b-a14b", "gpt-neox-20b", "gpt-oss-20b", "bert-large"})
    for (const Cut cut : {Cut{1, 1, 1, 1}, {2, 2, 2, 1}, {4, 1, 4, 1}}) {
      INFO(name << " tp " << cut.tp);
      const Passes p = together(shipped(name, 512), cut);
      CHECK((p.data + p.weights).base() == near(2 * p.forward.base()));
      CHECK(p.total().base() == near(model_flops_per_sample(shipped(name, 512)).base()));
    }
}

TEST_CASE("where ranks outnumber the heads of keys, each computes a whole one")
{
  const Workload w = shipped("palm-62b", 512); // one head of keys and values, 256 wide
  const double copy = 2.0 * 512 * 8192 * 2 * 256 * 64;
  CHECK((together(w, {4, 1, 1, 1}).total() - model_flops_per_sample(w)).base() == near(3 * 3 * copy, 1e-9));
}

TEST_CASE("weights' gradients cost as much as the products with weights, inputs' gradients the attention core twice on top")
{
  const Workload w = small_of_everything();
  for (const int layer : {0, 1, 2, 3}) { // dense, dense with a window, dense again (every second is routed), routed with a window
    const Passes p = passes_of(layer_operators({.workload = &w}, layer));
    const double keys = layer % 2 == 1 ? 64 : 512;
    const double core = 2 * 512 * keys * 16 * (24 + 16); // 2 per pair, head and value of keys (16 + 8) and values (16)
    CHECK(p.weights.base() == near(p.forward.base() - core));
    CHECK(p.data.base() == near(p.forward.base() + core));
  }
}

TEST_CASE("patches and images take no gradient, so their first product counts twice instead of three times")
{
  const Workload vit = shipped("vit-l-16", 197);
  // 24 layers of 12 h^2 weights on 197 tokens and two products of 197^2 pairs, 196 patches of 768 values; forward alone is 61.55e9
  // multiply-adds, as torchvision prints for vit_l_16
  const double h = 1024, products = 24 * (197 * 12 * h * h + 2 * 197 * 197.0 * h) + h * 1000, patches = 196 * 768 * h;
  CHECK((products + patches) == near(61.55e9, 1e-3));
  CHECK(model_flops_per_sample(vit).base() == near(2 * (3 * products + 2 * patches)));
  for (const int tp : {1, 2, 4}) {
    const Passes p = passes_of(Shard{.workload = &vit, .tp = tp});
    CHECK(tp * p.total().base() == near(2 * (3 * products + 2 * patches)));
  }
  const Workload resnet = shipped("resnet-50", 1);
  // forward 4.089e9 multiply-adds (torchvision, resnet50); the first convolution of 112^2 x 64 x 147 has no gradient of its input
  const double first = 112.0 * 112 * 64 * 147;
  CHECK(passes_of(Shard{.workload = &resnet}).forward.base() / 2 == near(4.089e9, 1e-3));
  CHECK(passes_of(Shard{.workload = &resnet}).total().base() == near(model_flops_per_sample(resnet).base()));
  CHECK(passes_of(Shard{.workload = &resnet}).data.base() == near(passes_of(Shard{.workload = &resnet}).forward.base() - 2 * first));
}

} // namespace weft
