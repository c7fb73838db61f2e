// Operators of one decoder layer on one tensor-parallel rank.
// Bytes per value of the streaming kernels follow the fused kernels of Megatron-LM (layer norm, scale-mask-softmax, bias-GeLU,
// bias-dropout-add); activations are 2-byte values, dropout masks 1 byte. Left out: transposes inside attention other than the
// context's, kernel-level cache reuse between neighbours.
#include "model/decoder.hpp"
#include "model/matrix.hpp"

namespace weft {
namespace {

/// The widths of a shard, in values.
struct Widths {
  double tokens; ///< s b
  double hidden;
  double query, kv; ///< per rank: head_dim x heads / tp, head_dim x kv_heads / tp
  double ffn;       ///< per rank
  double heads;     ///< per rank
  double head_dim, sequence, microbatch;
  double full;         ///< s b h, divided by tp under sequence parallelism: norms, dropout and residuals
  Precision precision; ///< of linear layers
  Precision core;      ///< of attention, which stays in 16 bits when the linear layers run in fp8
  Precision gradients;
};

double positive_or(double value, double fallback) { return value > 0 ? value : fallback; }

Widths widths(const Shard& shard)
{
  const Workload& w = *shard.workload;
  const ModelShape& m = w.model;
  Widths r{};
  r.head_dim = positive_or(m.head_dim, static_cast<double>(m.hidden) / m.heads);
  r.tokens = static_cast<double>(w.sequence) * shard.microbatch;
  r.hidden = m.hidden;
  r.query = r.head_dim * m.heads / shard.tp;
  r.kv = r.head_dim * std::max(positive_or(m.kv_heads, m.heads) / shard.tp, 1.0);
  r.ffn = positive_or(m.ffn, 4.0 * m.hidden) / shard.tp;
  r.heads = static_cast<double>(m.heads) / shard.tp;
  r.sequence = w.sequence;
  r.microbatch = shard.microbatch;
  r.full = r.tokens * r.hidden / (shard.sequence_parallel ? shard.tp : 1);
  r.precision = w.precision;
  r.core = w.precision == Precision::fp8 ? Precision::bf16 : w.precision;
  r.gradients = w.gradients;
  return r;
}

/// Gradients of linear layers: one product each for data and weights; unless fused, a pass adds the weight gradient
/// (2 bytes) to its accumulator (read and write).
Operator data_of(const char* name, const MatrixShape& shape, const Widths& w)
{
  return matmul(name, data_gradient(shape), w.precision, Precision::bf16);
}
void add_weights(std::vector<Operator>& into, const char* name, const MatrixShape& shape, const Widths& w, bool fused)
{
  into.push_back(matmul(name, weight_gradient(shape), w.precision, Precision::bf16));
  if (!fused) into.push_back(streaming("accumulate gradient", (Bytes(2) + 2 * bytes_of(w.gradients)) * (shape.k * shape.n)));
}

Operator norm(const Widths& w) { return streaming("norm", Bytes(4) * w.full); } // read 2, write 2
Operator norm_backward(const Widths& w)
{
  return streaming("norm backward", Bytes(10) * w.full, 2);
} // x, dy, dx; x and dy again for the scale's gradient

/// Dropout with bias and residual: read 2 + 2, write 2, mask 1; without dropout the mask falls away.
void add_exit(Block& block, const Widths& w, double dropout)
{
  block.exit.push_back(streaming(dropout > 0 ? "dropout add" : "residual add", Bytes(dropout > 0 ? 7 : 6) * w.full));
  if (dropout > 0) block.exit_backward.push_back(streaming("dropout backward", Bytes(5) * w.full)); // dy 2, mask 1, dx 2
}
/// A bias that no other kernel takes along is added in place: read 2, write 2. Its gradient sums the output's gradient: read 2.
void add_bias(std::vector<Operator>& into, const ModelShape& m, double values)
{
  if (m.biases) into.push_back(streaming("bias", Bytes(4) * values));
}
void add_bias_gradient(std::vector<Operator>& into, const ModelShape& m, double values)
{
  if (m.biases) into.push_back(streaming("bias gradient", Bytes(2) * values));
}
/// In fp8 the operand of a product is cast and stored twice, as it is and transposed for the weight gradient: read 2, write 1 + 1
/// (Transformer Engine's cast-transpose; operands behind a norm are cast by the norm itself).
void add_cast(std::vector<Operator>& into, const Widths& w, double values)
{
  if (w.precision == Precision::fp8) into.push_back(streaming("cast to fp8", Bytes(4) * values));
}
/// The residual branch joins the gradient again: read 2 + 2, write 2.
Operator join_residual(const Widths& w) { return streaming("residual join", Bytes(6) * w.full); }

/// Attention without a fused kernel: scores, softmax and dropout pass through memory (Korthikanti et al. 2022, figure 3).
void add_unfused_core(Block& block, const Widths& w, double dropout)
{
  const double scores = w.microbatch * w.heads * w.sequence * w.sequence;
  const MatrixShape qk{w.microbatch * w.heads, w.sequence, w.sequence, w.head_dim},
      pv{w.microbatch * w.heads, w.sequence, w.head_dim, w.sequence};
  block.core = {matmul("scores", qk, w.core, Precision::bf16), streaming("softmax", Bytes(4) * scores)};
  if (dropout > 0) block.core.push_back(streaming("attention dropout", Bytes(5) * scores));
  block.core.push_back(matmul("context", pv, w.core, Precision::bf16));

  block.core_backward.push_back(matmul("context dgrad", {qk.batch, w.sequence, w.sequence, w.head_dim}, w.core, Precision::bf16));
  block.core_backward.push_back(matmul("value grad", {qk.batch, w.sequence, w.head_dim, w.sequence}, w.core, Precision::bf16));
  if (dropout > 0) block.core_backward.push_back(streaming("attention dropout backward", Bytes(5) * scores));
  block.core_backward.push_back(streaming("softmax backward", Bytes(6) * scores));
  block.core_backward.push_back(matmul("query grad", pv, w.core, Precision::bf16));
  block.core_backward.push_back(matmul("key grad", pv, w.core, Precision::bf16));
}

/// Fused attention (Dao 2023, arXiv:2307.08691): causal, so half the products run; backward does 5 products for forward's 2.
void add_flash_core(Block& block, const Widths& w)
{
  const double full = 4 * w.microbatch * w.heads * w.sequence * w.sequence * w.head_dim;
  const Bytes qkvo = Bytes(2) * w.tokens * (2 * w.query + 2 * w.kv);
  block.core = {{.name = "attention",
                       .kind = OperatorKind::attention_forward,
                       .precision = w.core,
                       .flops = Flops(full / 2),
                       .counted = Flops(full),
                       .bytes = qkvo}};
  block.core_backward.push_back({.name = "attention backward",
                                 .kind = OperatorKind::attention_backward,
                                 .precision = w.core,
                                 .flops = Flops(full / 2 * 2.5),
                                 .counted = Flops(full * 2),
                                 .bytes = 2 * qkvo,
                                 .kernels = 2});
}

Block attention_block(const Shard& shard, const Widths& w)
{
  const ModelShape& m = shard.workload->model;
  const bool fused = shard.fused_gradient_accumulation;
  const MatrixShape qkv{1, w.tokens, w.query + 2 * w.kv, w.hidden}, out{1, w.tokens, w.hidden, w.query};
  Block b;
  b.entry = {norm(w)};
  b.entry_backward = {norm_backward(w), join_residual(w)};
  add_cast(b.tail_data, w, w.tokens * w.hidden);
  b.tail_data.push_back(data_of("output projection dgrad", out, w));
  add_weights(b.tail_weights, "output projection wgrad", out, w, fused);
  add_bias_gradient(b.tail_weights, m, w.tokens * w.hidden);
  if (shard.workload->attention != AttentionKernel::unfused)
    add_flash_core(b, w);
  else
    add_unfused_core(b, w, m.dropout);

  b.main = {matmul("qkv", qkv, w.precision, Precision::bf16)};
  add_bias(b.main, m, w.tokens * (w.query + 2 * w.kv));
  const Operator rotate = streaming("rotary", Bytes(4) * w.tokens * (w.query + w.kv), 2);
  if (m.position == Position::rotary) {
    b.main.push_back(rotate);
    b.column_data.push_back(rotate);
  }
  if (shard.workload->attention == AttentionKernel::unfused)
    b.tail.push_back(streaming("context transpose", Bytes(4) * w.tokens * w.query));
  add_cast(b.tail, w, w.tokens * w.query);
  b.tail.push_back(matmul("output projection", out, w.precision, Precision::bf16));
  add_cast(b.column_data, w, w.tokens * (w.query + 2 * w.kv));
  b.column_data.push_back(data_of("qkv dgrad", qkv, w));
  add_weights(b.column_weights, "qkv wgrad", qkv, w, fused);
  add_bias_gradient(b.column_weights, m, w.tokens * (w.query + 2 * w.kv));
  add_exit(b, w, m.dropout);
  return b;
}

Block feedforward_block(const Shard& shard, const Widths& w)
{
  const ModelShape& m = shard.workload->model;
  const bool gate = gated(m.activation), fused = shard.fused_gradient_accumulation;
  const MatrixShape up{1, w.tokens, (gate ? 2 : 1) * w.ffn, w.hidden}, down{1, w.tokens, w.hidden, w.ffn};
  const double values = w.tokens * w.ffn;
  Block b;
  b.entry = {norm(w)};
  b.entry_backward = {norm_backward(w), join_residual(w)};
  // activation: read 2 (4 with a gate), write 2; backward: read dy and inputs, write their gradients
  b.main = {matmul("fc1", up, w.precision, Precision::bf16), streaming("activation", Bytes(gate ? 6 : 4) * values)};
  add_cast(b.tail, w, values);
  b.tail.push_back(matmul("fc2", down, w.precision, Precision::bf16));
  add_cast(b.tail_data, w, w.tokens * w.hidden);
  b.tail_data.push_back(data_of("fc2 dgrad", down, w));
  add_weights(b.tail_weights, "fc2 wgrad", down, w, fused);
  add_bias_gradient(b.tail_weights, m, w.tokens * w.hidden);
  b.core_backward.push_back(streaming("activation backward", Bytes(gate ? 10 : 6) * values));
  add_cast(b.column_data, w, w.tokens * (gate ? 2 : 1) * w.ffn);
  b.column_data.push_back(data_of("fc1 dgrad", up, w));
  add_weights(b.column_weights, "fc1 wgrad", up, w, fused);
  add_bias_gradient(b.column_weights, m, w.tokens * (gate ? 2 : 1) * w.ffn);
  add_exit(b, w, m.dropout);
  return b;
}

} // namespace

LayerOperators layer_operators(const Shard& shard, [[maybe_unused]] int layer)
{
  const Widths w = widths(shard);
  return {attention_block(shard, w), feedforward_block(shard, w), std::nullopt};
}

} // namespace weft
