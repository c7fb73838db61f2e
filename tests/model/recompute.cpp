// Kinds of recomputation: what each brings back, by closed form, in bytes kept and in flops and bytes run again.
#include "approx.hpp"
#include "model/execution.hpp"
#include "shapes.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <vector>

namespace weft {
namespace {

Workload deepseek() { return shipped("deepseek-v3-671b", 4096); }
constexpr double s = 4096, h = 7168, query_rank = 1536, kv_rank = 512, rope = 64, heads = 128, key = 192, value = 128;

Shard with(const Workload& w, const Recomputation& again) { return {.workload = &w, .recompute = again}; }

/// What a kind saves of one layer.
double saved(const Workload& w, const Recomputation& again, int layer)
{
  return (layer_activation_bytes(with(w, {}), layer) - layer_activation_bytes(with(w, again), layer)).base();
}

std::vector<Operator> run_again(const LayerOperators& ops)
{
  std::vector<Operator> all;
  const auto add = [&all](std::initializer_list<const std::vector<Operator>*> parts) {
    for (const auto* part : parts)
      for (const Operator& op : *part)
        if (op.again) all.push_back(op);
  };
  for (const Block* b : {&ops.attention, &ops.feedforward})
    add({&b->entry, &b->main, &b->core, &b->tail, &b->exit, &b->exit_backward, &b->tail_data, &b->tail_weights, &b->core_backward,
         &b->column_data, &b->column_weights, &b->entry_backward});
  if (!ops.experts) return all;
  const ExpertBlock& x = *ops.experts;
  add({&x.entry, &x.route, &x.experts, &x.merge, &x.shared, &x.exit, &x.exit_backward, &x.merge_backward, &x.experts_data,
       &x.experts_weights, &x.route_data, &x.route_weights, &x.entry_backward, &x.shared_data, &x.shared_weights});
  return all;
}
double bytes_again(const Workload& w, const Recomputation& again, int layer)
{
  double bytes = 0;
  for (const Operator& op : run_again(layer_operators(with(w, again), layer))) bytes += op.bytes.base();
  return bytes;
}

} // namespace

TEST_CASE("norms that run again are not kept: two of the residual stream, and those of the latents")
{
  const Workload w = deepseek();
  const double of_latents = query_rank + kv_rank;
  CHECK(saved(w, Recompute::norms, 0) == near(2 * s * (2 * h + of_latents)));       // two bytes a value
  CHECK(bytes_again(w, Recompute::norms, 0) == near(4 * s * (2 * h + of_latents))); // read and written once more
  CHECK(saved(w, Recompute::norms, 60) == saved(w, Recompute::norms, 0));           // a routed layer has as many
  const Workload gpt = gpt3(); // equation 1: of 34 sbh the outputs of two norms, 4 sbh
  CHECK(saved(gpt, Recompute::norms, 0) == near(4 * 2048.0 * 12288));
  CHECK((head_activation_bytes(with(gpt, {})) - head_activation_bytes(with(gpt, Recompute::norms))).base() == near(2 * 2048.0 * 12288));
}

TEST_CASE("up-projections that run again spare queries, keys and values, and cost two products of the latents")
{
  const Workload w = deepseek();
  CHECK(saved(w, Recompute::latent_up_projections, 0) == near(2 * s * heads * (key + key + value)));
  double flops = 0;
  for (const Operator& op : run_again(layer_operators(with(w, Recompute::latent_up_projections), 0))) flops += op.counted.base();
  CHECK(flops == near(2 * s * heads * (query_rank * key + kv_rank * (key - rope + value))));
  // 61 layers and that of the prediction module
  const Flops more = hardware_flops_per_sample(w, Recompute::latent_up_projections) - model_flops_per_sample(w);
  CHECK(more.base() == near(62 * flops));
}

TEST_CASE("an activation function that runs again spares its output, once per copy of a token in experts")
{
  const Workload w = deepseek();
  CHECK(saved(w, Recompute::activation_function, 0) == near(2 * s * 18432));
  CHECK(saved(w, Recompute::activation_function, 60) == near(2 * s * (8 + 1) * 2048)); // eight routed, one shared
  CHECK(bytes_again(w, Recompute::activation_function, 60) == near(6 * s * (8 + 1) * 2048));
}

TEST_CASE("kinds together save and run again what they do alone, and nothing that runs again is a model flop")
{
  const Workload w = deepseek();
  const std::vector<Recompute> kinds{Recompute::norms, Recompute::latent_up_projections, Recompute::activation_function};
  const Recomputation all = Recomputation(kinds[0]).with(kinds[1]).with(kinds[2]);
  for (const int layer : {0, 60, 61}) {
    double bytes = 0, again = 0;
    for (const Recompute kind : kinds) {
      bytes += saved(w, kind, layer);
      again += bytes_again(w, kind, layer);
    }
    CHECK(saved(w, all, layer) == near(bytes));
    CHECK(bytes_again(w, all, layer) == near(again));
    const Passes plain = passes_of(layer_operators(with(w, {}), layer)), repeated = passes_of(layer_operators(with(w, all), layer));
    CHECK(plain.total().base() == repeated.total().base());
  }
  CHECK(passes_of(with(w, all)).total().base() == near(model_flops_per_sample(w).base()));
}

TEST_CASE("what runs again exists while its layer runs backward: the larger of the halves, all of it when all is repeated")
{
  const Workload w = deepseek();
  CHECK(repeated_activation_bytes(with(w, {}), 60) == Bytes(0));
  const Recomputation parts = Recomputation(Recompute::norms).with(Recompute::latent_up_projections).with(Recompute::activation_function);
  const double attention = 2 * s * (h + query_rank + kv_rank + heads * (key + key + value)), experts = 2 * s * (h + 9 * 2048);
  CHECK(attention > experts);
  CHECK(repeated_activation_bytes(with(w, parts), 60).base() == near(attention));
  CHECK(repeated_activation_bytes(with(w, Recompute::full), 60) == layer_activation_bytes(with(w, {}), 60));
  const Workload gpt = gpt3();
  CHECK(repeated_activation_bytes(with(gpt, Recompute::selective), 0) == Bytes(0)); // as in Korthikanti's equation 6
}

TEST_CASE("fp8 keeps the operands of products in a byte, attention's output in 12 bits, with a scale per 128 values")
{
  Workload w = deepseek();
  w.precision = Precision::fp8;
  const auto kept = [&w](SavedActivations form, int layer) {
    w.execution.saved_activations = form;
    return layer_activation_bytes(with(w, {}), layer).base();
  };
  const double operands = s * (2 * h + query_rank + kv_rank + 18432), context = s * heads * value, inputs = s * 2 * 18432;
  const double wide = kept(SavedActivations::bf16, 0), scale = 4.0 / 128;
  // Transformer Engine: attention in bf16 keeps its output beside the cast one
  CHECK(wide - kept(SavedActivations::fp8_operands, 0) == near(operands - context));
  CHECK(wide - kept(SavedActivations::fp8, 0) == near((1 - scale) * (operands + inputs) + (0.5 - scale) * context));
  // routed: the router reads 16 bits, the shared expert an fp8 operand of its own; eight copies of a token arrive in fp8
  const double routed = s * (h + query_rank + kv_rank + 8 * h + 9 * 2048), inner = s * 9 * 2 * 2048;
  CHECK(kept(SavedActivations::bf16, 60) - kept(SavedActivations::fp8, 60) ==
        near((1 - scale) * (routed + inner) + (0.5 - scale) * context - (1 + scale) * s * h));
}

TEST_CASE("where copies are summed on their way back from the experts, nobody keeps them")
{
  const Workload w = deepseek();
  const Shard direct{.workload = &w}, limited{.workload = &w, .dispatch = Dispatch::node_limited};
  CHECK((layer_activation_bytes(direct, 60) - layer_activation_bytes(limited, 60)).base() == near(2 * s * 8 * h));
}

} // namespace weft
