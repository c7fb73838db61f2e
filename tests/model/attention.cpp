// Attention in its forms: latents, windows, encoders, contexts cut over ranks, side by side with the feed-forward block.
#include "approx.hpp"
#include "shapes.hpp"

#include <doctest/doctest.h>

namespace weft {
namespace {

const Operator& attention_of(const LayerOperators& layer) { return layer.attention.core.front(); }

} // namespace

TEST_CASE("DeepSeek-V3 has the parameters of its checkpoint, and those of its prediction module on top")
{
  Workload w = shipped("deepseek-v3-671b", 4096);
  // per layer: queries 7168 x 1536 and 1536 x 128 x 192, latent 7168 x 576, keys and values 512 x 128 x 256, output 128 x 128 x 7168, norms
  // of 1536 + 512 and 2 x 7168; experts and dense blocks of three matrices
  const double h = 7168, attention = h * 1536 + 1536 * 128.0 * 192 + h * 576 + 512 * 128.0 * 256 + 128 * 128 * h + 1536 + 512 + 2 * h;
  const double dense = 3 * h * 18432, expert = 3 * h * 2048, routed = 257 * expert + 256 * h;
  const double main = 61 * attention + 3 * dense + 58 * routed + 2 * 129280 * h + h;
  const double module = attention + routed + 2 * h * h + 3 * h;
  CHECK(total_parameters(w) == near(main + module));
  w.model.prediction_layers = 0;
  CHECK(total_parameters(w) == near(main));
  CHECK(total_parameters(w) == near(671.0264e9, 1e-6)); // 671,026,419,200 with the 256 routing biases of each layer
}

TEST_CASE("latent attention multiplies keys of 192 and values of 128")
{
  const Workload w = shipped("deepseek-v3-671b", 4096);
  const double pairs = 4096.0 * 4096, heads = 128;
  const LayerOperators layer = layer_operators({.workload = &w}, 0);
  CHECK(attention_of(layer).counted.base() == near(2 * pairs * heads * (192 + 128)));
  CHECK(attention_of(layer).flops.base() == near(pairs * heads * (192 + 128))); // causal
  // backward: scores again, and the gradients of queries and keys, 192 wide; of probabilities and values, 128
  CHECK(layer.attention.core_backward.front().flops.base() == near(pairs * heads * (3 * 192 + 2 * 128)));
  CHECK(context_bytes({.workload = &w, .tp = 4, .microbatch = 2, .cp = 8}).base() == near(2.0 * 32 * (192 + 128) * 4096 / 8 * 2));
}

TEST_CASE("latent attention keeps its latents beside queries, keys and values")
{
  const Workload w = shipped("deepseek-v3-671b", 4096);
  const double s = 4096, h = 7168, t = 8;
  const double attention = 4 * s * h / t + 2 * s * 128 * (192 + 192 + 128 + 128) / t + 2 * s * (2 * 1536 + 2 * 512 + 64);
  const double dense = 4 * s * h / t + 6 * s * 18432 / t;
  CHECK(layer_activation_bytes({.workload = &w, .tp = 8, .sequence_parallel = true, .etp = 8}, 0).base() == near(attention + dense));
}

TEST_CASE("a window leaves a band of the scores")
{
  Workload w = shipped("gpt-oss-20b", 4096);
  const double heads = 64, width = 64;
  const LayerOperators everything = layer_operators({.workload = &w}, 0), band = layer_operators({.workload = &w}, 1);
  CHECK(layer_kind(w.model, 0) != layer_kind(w.model, 1));
  CHECK(layer_kind(w.model, 0) == layer_kind(w.model, 2));
  CHECK(attention_of(everything).flops.base() == near(4 * heads * width * 4096 * 4096 / 2));
  // the first 128 rows grow like a triangle, the others have 128 each
  CHECK(attention_of(band).flops.base() == near(4 * heads * width * (128 * 128 / 2 + (4096 - 128) * 128)));
  CHECK(attention_of(band).counted.base() == near(4 * heads * width * 4096 * 128));
  w.attention = AttentionKernel::unfused; // computes the square all the same
  CHECK(layer_operators({.workload = &w}, 1).attention.core.front().flops.base() == near(2 * heads * width * 4096 * 4096));
  CHECK(layer_operators({.workload = &w}, 1).attention.core.front().counted.base() == near(2 * heads * width * 4096 * 128));
  const Workload mistral = shipped("mistral-7b", 4096); // its window is as long as the sequence
  CHECK(attention_of(layer_operators({.workload = &mistral}, 0)).flops.base() == near(4.0 * 32 * 128 * 4096 * 4096 / 2));
}

TEST_CASE("an encoder computes all scores, a decoder half of them")
{
  Workload w = shipped("bert-large", 512);
  const double encoder = attention_of(layer_operators({.workload = &w}, 0)).flops.base();
  CHECK(encoder == near(4.0 * 16 * 64 * 512 * 512));
  w.model.causal = true;
  CHECK(attention_of(layer_operators({.workload = &w}, 0)).flops.base() == near(encoder / 2));
}

TEST_CASE("BERT's masked-token head has a transform, its pooler no flops")
{
  const Workload w = shipped("bert-large", 512);
  const double l = 24, s = 512, h = 1024, v = 30522;
  CHECK(model_flops_per_sample(w).base() == near(72 * s * l * h * h * (1 + s / (6 * h) + v / (12 * l * h)) + 6 * s * h * h));
  // the encoder as everybody stores it (335,141,888 with the pooler), and the head: transform h^2 + h, norm 2 h, bias v, two-way classifier
  CHECK(total_parameters(w) == near(335141888 + h * h + h + 2 * h + v + 2 * h + 2));
}

TEST_CASE("ranks of a context share tokens, pairs and activations; each reads all keys")
{
  const Workload w = llama3_405b();
  const Shard whole{.workload = &w, .tp = 8, .sequence_parallel = true}, cut{.workload = &w, .tp = 8, .sequence_parallel = true, .cp = 16};
  const LayerOperators a = layer_operators(whole, 0), b = layer_operators(cut, 0);
  CHECK(attention_of(a).flops / attention_of(b).flops == near(16));
  CHECK(a.feedforward.main[0].shape.m / b.feedforward.main[0].shape.m == near(16));
  CHECK(a.attention.entry[0].bytes / b.attention.entry[0].bytes == near(16));
  // queries and context of 512 tokens and 16 heads; keys and values of 8192 tokens and one head
  CHECK(attention_of(b).bytes.base() == near(2.0 * (512 * 2 * 16 * 128 + 8192 * 2 * 128)));
  CHECK(attention_of(b).kernels == 16); // one block of keys after the other
  Shard gathered = cut;
  gathered.context = ContextExchange::all_gather;
  CHECK(attention_of(layer_operators(gathered, 0)).kernels == 1);
  CHECK(layer_operators(gathered, 0).attention.core.size() == 1); // nothing to merge
  for (const Recompute recompute : {Recompute::none, Recompute::full}) {
    Shard x = whole, y = cut;
    x.recompute = y.recompute = recompute;
    CHECK(layer_activation_bytes(x, 0) / layer_activation_bytes(y, 0) == near(16));
  }
  CHECK(boundary_bytes(whole) / boundary_bytes(cut) == near(16));
  CHECK(head_activation_bytes(whole) / head_activation_bytes(cut) == near(16));
  CHECK(context_bytes(cut).base() == near(2.0 * 2 * 128 * 8192 / 16)); // one head of keys and values, 512 tokens
}

TEST_CASE("attention beside the feed-forward block saves a norm, an input and a reduction, and no flops")
{
  const Workload palm = shipped("palm-540b", 2048);
  Workload stacked = palm;
  stacked.model.parallel_block = false;
  CHECK(model_flops_per_sample(palm).base() == model_flops_per_sample(stacked).base());
  CHECK(total_parameters(stacked) - total_parameters(palm) == near(118 * 2 * 18432));
  const LayerOperators side = layer_operators({.workload = &palm}, 0), above = layer_operators({.workload = &stacked}, 0);
  CHECK(side.feedforward.main.empty());
  CHECK(side.attention.entry.size() == 1);
  CHECK(passes_of(side).forward.base() == near(passes_of(above).forward.base()));
  CHECK(passes_of(side).weights.base() == near(passes_of(above).weights.base()));
  CHECK((layer_activation_bytes({.workload = &stacked}, 0) - layer_activation_bytes({.workload = &palm}, 0)).base() ==
        near(4.0 * 2048 * 18432)); // the second norm's input and output
}

TEST_CASE("biases of queries, keys and values alone, and sinks, complete the tensors of their checkpoints")
{
  // Qwen2.5-7B: 28 layers of 2 h^2 + 2 h 512 + 3 h f, biases h + 2 x 512 and two norms, two tables of 152,064 rows and the final norm
  const double h = 3584, f = 18944;
  CHECK(total_parameters(shipped("qwen2.5-7b", 4096)) == 28 * (2 * h * h + 2 * h * 512 + 3 * h * f + (h + 1024) + 2 * h) + 2 * 152064 * h + h);
  CHECK(total_parameters(shipped("qwen2.5-7b", 4096)) == 7615616512.0);
  CHECK(total_parameters(shipped("gpt-oss-20b", 4096)) == 20914757184.0);
  CHECK(total_parameters(shipped("gpt-oss-120b", 4096)) == 116829156672.0);
  Workload w = shipped("gpt-oss-20b", 4096);
  w.model.attention_sinks = false;
  CHECK(total_parameters(w) == 20914757184.0 - 24 * 64); // one logit per head
  Workload qwen = shipped("qwen2.5-7b", 4096), none = qwen;
  none.model.qkv_biases = false;
  const auto bytes = [](const Workload& of, const std::vector<Operator>& (*part)(const Block&)) {
    double total = 0;
    const LayerOperators ops = layer_operators({.workload = &of}, 0);
    for (const Operator& op : part(ops.attention)) total += op.bytes.base();
    return total;
  };
  const auto main = [](const Block& b) -> const std::vector<Operator>& { return b.main; };
  const auto weights = [](const Block& b) -> const std::vector<Operator>& { return b.column_weights; };
  CHECK(bytes(qwen, main) - bytes(none, main) == near(4 * 4096 * (h + 1024)));
  CHECK(bytes(qwen, weights) - bytes(none, weights) == near(2 * 4096 * (h + 1024)));
}

} // namespace weft
