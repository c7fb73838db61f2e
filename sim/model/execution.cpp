#include "model/execution.hpp"
#include "model/matrix.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace weft {
namespace {

/// How one streaming operator of a hand-fused layer runs in another style: its bytes as a multiple, and its launches.
struct Rewrite {
  std::string_view name;
  double bytes;
  int kernels;
};

/// Eager PyTorch: one kernel per operation of the model's Python code. Bytes per value (read and written; 2-byte activations, fp32 inside):
/// RMSNorm (at::rms_norm, composite): to fp32 2+4, square 4+4, mean 4, times 1/root 4+4, to bf16 4+2, times scale 2+2 = 36 where the fused
/// kernel moves 4; its gradient the same chain backward with two products per multiplication, 70 where the fused one moves 10. Rotary in complex
/// fp32: convert 2+4, multiply 4+4, convert 4+2 = 20 for 4, three kernels each for queries and keys. A gate: silu 4, multiply 6 = 10 for 6;
/// backward 12 + 6 = 18 for 10. Dropout and residual are two kernels: 5 + 6 = 11 for 7. A linear layer's bias is added in the epilogue of its
/// product (cublasLt), also where Megatron-LM runs a kernel.
constexpr std::array eager_rms{Rewrite{"norm", 9, 8}, Rewrite{"norm backward", 7, 16}, Rewrite{"final norm", 9, 8}, Rewrite{"final norm backward", 8, 16}};
constexpr std::array eager_gate{Rewrite{"activation", 10.0 / 6, 2}, Rewrite{"activation backward", 1.8, 3}};
/// Unfused attention scales the scores, adds the mask and takes the softmax in a kernel each: 4 + 4 + 4 for 4, backward 6 + 4 + 4 for 6.
constexpr std::array eager{Rewrite{"softmax", 3, 3}, Rewrite{"softmax backward", 14.0 / 6, 3}, Rewrite{"rotary", 5, 6}, Rewrite{"dropout add", 11.0 / 7, 2}, Rewrite{"bias", 0, 0},
                           // log_softmax and its gradient in fp32 over logits converted once: 2+4, 8+4 for 38; 4+4+4, 4, 4+2, 4 for 14
                           Rewrite{"cross entropy", 18.0 / 38, 3}, Rewrite{"cross entropy backward", 26.0 / 14, 3}};
/// A compiler (torch.compile) fuses neighbours that stream the same values: the residual is added in the next norm's kernel, which reads it
/// once more and writes it (6 of 6 bytes less the 2 it read already), rotary is one kernel per tensor, biases go into epilogues.
constexpr std::array compiled{Rewrite{"residual add", 4.0 / 6, 0}, Rewrite{"residual join", 4.0 / 6, 0}, Rewrite{"bias", 0, 0},
                              Rewrite{"cross entropy", 12.0 / 38, 2}, Rewrite{"cross entropy backward", 8.0 / 14, 1}};

/// Fused kernels of libraries among single operations, as InternEvo assembles them (internlm/model/modeling_internlm.py, linear.py): apex's
/// RMSNorm on a copy in fp32 (convert 2+4, norm 4+2; its gradient x 4 and dy 2 twice, dx 4, convert 4+2), a gate of silu and product, biases in
/// epilogues; rotary and loss are fused (flash-attention).
constexpr std::array assembled{Rewrite{"norm", 3, 2}, Rewrite{"norm backward", 2.2, 3}, Rewrite{"final norm", 3, 2}, Rewrite{"final norm backward", 2.2, 3},
                               Rewrite{"bias", 0, 0}};

template <std::size_t count> void rewrite(Operator& op, const std::array<Rewrite, count>& table)
{
  const auto found = std::find_if(table.begin(), table.end(), [&op](const Rewrite& r) { return r.name == op.name; });
  if (found == table.end()) return;
  op.bytes *= found->bytes;
  op.kernels = found->kernels;
}

/// A fused attention kernel works in blocks of 128 queries and keys and skips only blocks that the mask hides whole: half a block per query
/// is computed for nothing (arXiv:2307.08691, section 3.1).
constexpr double attention_block_width = 128;

/// Dynamic scaling of fp8 (torchao float8, tensorwise): the largest value of every operand is found before it is cast, one more pass of 2
/// bytes on the 4 of the cast; the outputs of norms are read again, found and cast: 2 + 3 on 4.
constexpr std::array dynamic_scaling{Rewrite{"cast to fp8", 1.5, 2}, Rewrite{"norm", 9.0 / 4, 3}};
/// Blocks: the norm knows a block's largest value, but not that of the blocks across, which are cast again (see add_cast): 2 + 1, 1 + 1.
constexpr std::array block_scaling{Rewrite{"norm", (5 + 3 * 4.0 / 128) / 4, 2}};

/// Row-wise fp8 products of backward accumulate in full precision, which the library's row-wise kernel does slowly: the tensor-wise kernel
/// runs and its result is scaled by a kernel of its own, read 2, write 2 (pytorch/ao pull request 1377, issue 2184).
void add_rescaling(std::vector<Operator>& ops)
{
  std::vector<Operator> all;
  for (Operator& op : ops) {
    const bool backward = op.kind == OperatorKind::matmul && op.precision == Precision::fp8 && op.name.ends_with("grad");
    const double values = op.shape.batch * op.shape.m * op.shape.n;
    if (backward) op.scaling = Fp8Scaling::tensor;
    all.push_back(std::move(op));
    if (backward) all.push_back(streaming("rescale", Bytes(4) * values));
  }
  ops = std::move(all);
}

/// Of a gradient of 2 bytes and an accumulator of a: one pass reads 2 + a and writes a. Two passes read 2 and write a copy of a, then read
/// both and write a (DeepSpeed BF16_Optimizer, `hp.grad.add_(lp.grad.to(hp.dtype))`).
void widen_apart(Operator& op, const Workload& w)
{
  if (op.name != std::string_view("accumulate gradient")) return;
  const double a = bytes_of(w.gradients) / Bytes(1);
  op.bytes *= (2 + 4 * a) / (2 + 2 * a);
  op.kernels = 2;
}

void run(std::vector<Operator>& ops, const Workload& w)
{
  const ModelShape& m = w.model;
  for (Operator& op : ops) {
    if (w.execution.accumulation == GradientAccumulation::two_passes) widen_apart(op, w);
    if (op.kind == OperatorKind::attention_forward || op.kind == OperatorKind::attention_backward) {
      op.attention = w.attention;
      if (m.causal) op.flops *= 1 + attention_block_width / w.sequence;
    }
    if (w.execution.kernels == KernelStyle::compiled) rewrite(op, compiled);
    if (w.precision == Precision::fp8) {
      op.scaling = w.execution.fp8_scaling;
      if (w.execution.kernels == KernelStyle::compiled && op.scaling == Fp8Scaling::tensor) rewrite(op, dynamic_scaling);
      if (op.scaling == Fp8Scaling::block) rewrite(op, block_scaling);
    }
    if (w.execution.kernels == KernelStyle::assembled) {
      rewrite(op, assembled);
      if (gated(m.activation)) rewrite(op, eager_gate);
    }
    if (w.execution.kernels != KernelStyle::eager) continue;
    if (m.normalization == Normalization::rmsnorm) rewrite(op, eager_rms);
    if (gated(m.activation)) rewrite(op, eager_gate);
    rewrite(op, eager);
  }
  if (w.precision == Precision::fp8 && w.execution.fp8_scaling == Fp8Scaling::row) add_rescaling(ops);
  if (!w.execution.cuda_graphs)
    for (Operator& op : ops) op.host = w.execution.host_time * op.kernels;
  std::erase_if(ops, [](const Operator& op) { return op.kind == OperatorKind::streaming && op.bytes == Bytes(0); });
}

void run(Block& b, const Workload& w)
{
  for (auto* ops : {&b.entry, &b.main, &b.core, &b.tail, &b.exit, &b.exit_backward, &b.tail_data, &b.tail_weights, &b.core_backward,
                    &b.column_data, &b.column_weights, &b.entry_backward})
    run(*ops, w);
}

/// The product with `share` of its columns.
Operator part_of(Operator product, double share)
{
  product.shape.n *= share;
  product.flops *= share;
  product.counted *= share;
  product.bytes *= share;
  return product;
}

/// Share of a product that is repeated when every second product is kept, counted as PyTorch's layers hold them: queries, keys, values, output,
/// gate, up, down (or up, down): keys, output and up are repeated, and what ends the layer is not.
double alternate_share(const Operator& op, const ModelShape& m)
{
  if (op.kind != OperatorKind::matmul) return op.kind == OperatorKind::streaming ? 1 : 0;
  const double kv = m.kv_heads > 0 ? m.kv_heads : m.heads;
  if (op.name == "qkv") return kv / (m.heads + 2 * kv);
  if (op.name == "fc1") return gated(m.activation) ? 0.5 : 0;
  return op.name == "output projection" ? 1 : 0;
}

bool ends_layer(const Operator& op) { return op.name == "fc2" || op.name == "cast to fp8"; }

} // namespace

LayerOperators as_run(LayerOperators layer, const Workload& w)
{
  run(layer.attention, w);
  run(layer.feedforward, w);
  if (layer.experts) {
    ExpertBlock& e = *layer.experts;
    for (auto* ops : {&e.entry, &e.route, &e.experts, &e.merge, &e.shared, &e.exit, &e.exit_backward, &e.merge_backward, &e.experts_data,
                      &e.experts_weights, &e.route_data, &e.route_weights, &e.entry_backward, &e.shared_data, &e.shared_weights})
      run(*ops, w);
  }
  return layer;
}

EndOperators as_run(EndOperators ends, const Workload& w)
{
  for (auto* ops : {&ends.embed_forward, &ends.embed_backward, &ends.head_entry, &ends.head_main, &ends.head_data, &ends.head_weights,
                    &ends.head_entry_backward})
    run(*ops, w);
  PredictionOperators& p = ends.prediction;
  for (auto* ops : {&p.lookup, &p.entry, &p.main, &p.column_data, &p.column_weights, &p.entry_backward, &p.lookup_backward}) run(*ops, w);
  return ends;
}

Block repeated(const Block& block, const Shard& shard)
{
  const Workload& w = *shard.workload;
  const bool last = std::any_of(block.tail.begin(), block.tail.end(), [](const Operator& op) { return op.name == "fc2"; });
  Block again;
  again.entry = block.entry;
  again.main = block.main;
  again.core = block.core;
  again.tail = block.tail;
  again.exit = block.exit;
  if (shard.recompute == Recompute::alternate_products)
    for (auto* ops : {&again.main, &again.core, &again.tail}) {
      std::vector<Operator> kept;
      for (const Operator& op : *ops)
        if (const double share = alternate_share(op, w.model); share > 0) kept.push_back(share < 1 ? part_of(op, share) : op);
      *ops = std::move(kept);
    }
  if (last && (w.execution.early_stop || shard.recompute == Recompute::alternate_products)) {
    std::erase_if(again.tail, ends_layer);
    again.exit.clear();
  }
  return again;
}

} // namespace weft
