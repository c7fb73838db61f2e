#include "approx.hpp"
#include "model/execution.hpp"
#include "shapes.hpp"

#include <doctest/doctest.h>

using namespace weft;

namespace {

struct Totals {
  double flops = 0, bytes = 0;
  int kernels = 0;
};
Totals totals(const Block& b)
{
  Totals t;
  for (const auto* ops : {&b.entry, &b.main, &b.core, &b.tail, &b.exit, &b.exit_backward, &b.tail_data, &b.tail_weights, &b.core_backward,
                          &b.column_data, &b.column_weights, &b.entry_backward})
    for (const Operator& op : *ops) {
      t.flops += op.counted.base();
      t.bytes += op.bytes.base();
      t.kernels += op.kernels;
    }
  return t;
}

Totals layer_of(Workload w, KernelStyle style)
{
  w.execution.kernels = style;
  Shard shard;
  shard.workload = &w;
  const LayerOperators ops = as_run(layer_operators(shard, 0), w);
  Totals both = totals(ops.attention);
  const Totals second = totals(ops.feedforward);
  both.flops += second.flops;
  both.bytes += second.bytes;
  both.kernels += second.kernels;
  return both;
}

} // namespace

TEST_CASE("an execution style changes bytes and launches of a layer, never its flops")
{
  const Totals fused = layer_of(llama3_405b(), KernelStyle::fused), eager = layer_of(llama3_405b(), KernelStyle::eager),
               compiled = layer_of(llama3_405b(), KernelStyle::compiled);
  CHECK(eager.flops == weft::near(fused.flops, 1e-12));
  CHECK(compiled.flops == weft::near(fused.flops, 1e-12));
  CHECK(eager.bytes > fused.bytes); // RMSNorm, rotary and the gate fall apart into kernels
  CHECK(compiled.bytes < fused.bytes); // residuals join their norms
  CHECK(eager.kernels > fused.kernels);
  CHECK(compiled.kernels < fused.kernels);
}

TEST_CASE("eager layer norm and GELU are single kernels, as in PyTorch")
{
  Workload w = gpt3();
  w.model.dropout = 0;
  w.attention = AttentionKernel::flash;
  const Totals fused = layer_of(w, KernelStyle::fused), eager = layer_of(w, KernelStyle::eager);
  CHECK(eager.bytes < fused.bytes); // only the bias of qkv changes: it moves into the epilogue of its product
}

TEST_CASE("scales by rows cast what tensor parallelism has gathered, twice, and rescale what backward puts out")
{
  Workload w = llama3_405b();
  w.precision = Precision::fp8;
  Shard shard;
  shard.workload = &w;
  shard.tp = 8;
  shard.sequence_parallel = true;
  const auto bytes_of_kind = [&](Fp8Scaling scaling, const char* name) {
    w.execution.fp8_scaling = scaling;
    const LayerOperators ops = as_run(layer_operators(shard, 0), w);
    double bytes = 0;
    for (const auto* list : {&ops.feedforward.main, &ops.feedforward.tail_data, &ops.feedforward.tail_weights, &ops.feedforward.column_data,
                             &ops.feedforward.column_weights})
      for (const Operator& op : *list)
        if (op.name == name) bytes += op.bytes.base();
    return bytes;
  };
  const double h = 16384, f = 53248.0 / 8, tokens = 8192;
  // by tensor: the gradient of the output before its gather, an eighth of it, and those of both inputs of the gate, 4 bytes each
  CHECK(bytes_of_kind(Fp8Scaling::tensor, "cast to fp8") == weft::near(4 * tokens * (h / 8 + 2 * f)));
  CHECK(bytes_of_kind(Fp8Scaling::tensor, "transpose operand") == weft::near(2 * 2 * tokens * h)); // input and gradient behind their gathers
  CHECK(bytes_of_kind(Fp8Scaling::tensor, "rescale") == 0);
  // by rows: input and gradient whole, 8 bytes
  CHECK(bytes_of_kind(Fp8Scaling::row, "cast to fp8") == weft::near(8 * tokens * (2 * h + 2 * f)));
  CHECK(bytes_of_kind(Fp8Scaling::row, "transpose operand") == 0);
  // outputs of the two products of data and the two of weights, read and written
  CHECK(bytes_of_kind(Fp8Scaling::row, "rescale") == weft::near(4 * (tokens * (f + h) + h * f + 2 * h * f)));
  // by blocks: three passes of a byte per value more than a scale each 128 values
  CHECK(bytes_of_kind(Fp8Scaling::block, "cast to fp8") == weft::near((5 + 12.0 / 128) * tokens * (h / 8 + 2 * f)));
}

TEST_CASE("keys that are copied to every query head are read and exchanged so")
{
  Workload w = llama3_405b(); // 128 query heads, 8 of keys
  Shard shard;
  shard.workload = &w;
  shard.cp = 4;
  const double once = context_bytes(shard).base();
  w.execution.repeated_keys = true;
  CHECK(context_bytes(shard).base() == weft::near(16 * once));
  const Block block = layer_operators(shard, 0).attention;
  double copied = 0;
  for (const Operator& op : block.main)
    if (op.name == "repeat keys") copied += op.bytes.base();
  // keys and values: read 8 heads, write 128, of 128 values and 2 bytes
  CHECK(copied == weft::near(2.0 * 2 * 8192 / 4 * 128 * (8 + 128)));
}

TEST_CASE("fused kernels of libraries among single operations move more than hand-fused ones and less than eager PyTorch")
{
  const Totals fused = layer_of(llama3_405b(), KernelStyle::fused), eager = layer_of(llama3_405b(), KernelStyle::eager),
               assembled = layer_of(llama3_405b(), KernelStyle::assembled);
  CHECK(assembled.flops == weft::near(fused.flops, 1e-12));
  // two norms of h values: (12 - 4) + (22 - 10) bytes; a gate of f: (10 - 6) + (18 - 10)
  CHECK(assembled.bytes - fused.bytes == weft::near(8192.0 * (2 * 20 * 16384 + 12 * 53248), 1e-6));
  CHECK(assembled.bytes < eager.bytes);
}

TEST_CASE("eager unfused attention scales, masks and normalises its scores in a kernel each, forward and backward")
{
  Workload w = gpt3();
  w.model.dropout = 0;
  const double scores = 96 * 2048.0 * 2048;
  const auto softmax = [&w](KernelStyle style) {
    w.execution.kernels = style;
    const LayerOperators ops = as_run(layer_operators({.workload = &w}, 0), w);
    double bytes = 0;
    for (const auto* part : {&ops.attention.core, &ops.attention.core_backward})
      for (const Operator& op : *part)
        if (op.name.starts_with("softmax")) bytes += op.bytes.base();
    return bytes;
  };
  CHECK(softmax(KernelStyle::fused) == weft::near((4 + 6) * scores, 1e-12));
  CHECK(softmax(KernelStyle::eager) == weft::near((12 + 14) * scores, 1e-12));
}

TEST_CASE("of alternate products keys, output and up run again, a third of Llama's linear flops, and attention does not")
{
  const Workload w = llama3_405b();
  Shard shard;
  shard.workload = &w;
  shard.recompute = Recompute::alternate_products;
  const LayerOperators ops = layer_operators(shard, 0);
  const Block attention = repeated(ops.attention, shard), feedforward = repeated(ops.feedforward, shard);
  double again = 0;
  for (const Block* block : {&attention, &feedforward})
    for (const auto* list : {&block->main, &block->core, &block->tail})
      for (const Operator& op : *list) again += op.flops.base();
  // per token: keys 1024 h, output h^2, up 53248 h, two flops each
  const double h = 16384;
  CHECK(again == weft::near(2 * 8192.0 * h * (1024 + h + 53248), 1e-12));
  CHECK(attention.core.empty());
  CHECK(feedforward.exit.empty());
}

TEST_CASE("recomputation that stops early leaves out the last product of the layer")
{
  Workload w = gpt3();
  w.execution.early_stop = true;
  Shard shard;
  shard.workload = &w;
  shard.recompute = Recompute::full;
  const LayerOperators ops = layer_operators(shard, 0);
  CHECK(repeated(ops.feedforward, shard).tail.empty());
  CHECK(repeated(ops.attention, shard).tail.size() == ops.attention.tail.size());
}
