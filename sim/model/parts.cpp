#include "model/parts.hpp"

#include "config/error.hpp"

#include <algorithm>

namespace weft {

Widths widths(const Shard& shard)
{
  const Workload& w = *shard.workload;
  const ModelShape& m = w.model;
  Widths r{};
  r.tokens = static_cast<double>(w.sequence) * shard.microbatch / shard.cp;
  r.hidden = m.hidden;
  r.query = head_width(m) * m.heads / shard.tp;
  r.kv = head_width(m) * std::max(key_heads(m) / shard.tp, 1.0); // fewer key-value heads than ranks: each rank holds a whole one
  r.value = value_width(m) * m.heads / shard.tp;
  r.ffn = feedforward_width(m) / shard.tp;
  r.full = r.tokens * r.hidden / (shard.sequence_parallel ? shard.tp : 1);
  r.precision = w.precision;
  r.core = w.precision == Precision::fp8 ? Precision::bf16 : w.precision;
  r.gradients = w.gradients;
  r.fused = shard.fused_gradient_accumulation;
  r.scaling = w.execution.fp8_scaling;
  return r;
}

Operator data_of(const char* name, const MatrixShape& shape, const Widths& w)
{
  return matmul(name, data_gradient(shape), w.precision, Precision::bf16);
}

void add_weights(std::vector<Operator>& into, const char* name, const MatrixShape& shape, const Widths& w)
{
  into.push_back(matmul(name, weight_gradient(shape), w.precision, Precision::bf16));
  if (!w.fused)
    into.push_back(streaming("accumulate gradient", (Bytes(2) + 2 * bytes_of(w.gradients)) * (shape.batch * shape.k * shape.n)));
}

Operator norm(double values) { return repeated_by(Recompute::norms, streaming("norm", Bytes(4) * values)); }
Operator norm_backward(double values) { return streaming("norm backward", Bytes(10) * values, 2); }

void add_entry(std::vector<Operator>& entry, std::vector<Operator>& entry_backward, const Widths& w)
{
  entry = {norm(w.full)};
  entry_backward = {norm_backward(w.full), streaming("residual join", Bytes(6) * w.full)}; // read 2 + 2, write 2
}

/// Dropout with bias and residual: read 2 + 2, write 2, mask 1; without dropout the mask falls away. Backward: dy 2, mask 1, dx 2.
void add_exit(std::vector<Operator>& exit, std::vector<Operator>& exit_backward, const Widths& w, double dropout)
{
  exit.push_back(streaming(dropout > 0 ? "dropout add" : "residual add", Bytes(dropout > 0 ? 7 : 6) * w.full));
  if (dropout > 0) exit_backward.push_back(streaming("dropout backward", Bytes(5) * w.full));
}

Operator bias(double values) { return streaming("bias", Bytes(4) * values); } // read 2, write 2
Operator bias_gradient(double values) { return streaming("bias gradient", Bytes(2) * values); }
void add_bias_gradient(std::vector<Operator>& into, const ModelShape& m, double values)
{
  if (m.biases) into.push_back(bias_gradient(values));
}

void add_cast(std::vector<Operator>& into, const Widths& w, double values, Recompute kind)
{
  if (w.precision != Precision::fp8) return;
  const auto cast = [&](double bytes, int kernels) { into.push_back(repeated_by(kind, streaming("cast to fp8", Bytes(bytes) * values, kernels))); };
  switch (w.scaling) {
  case Fp8Scaling::tensor: // read 2, write 1 + 1
    return cast(4, 1);
  case Fp8Scaling::row: // along rows: read 2, write 1; along columns, whose largest values are found first: read 2 + 2, write 1
    return cast(8, 3);
  case Fp8Scaling::block: // read 2, write 1; for the weight gradient blocks lie the other way: read 1, write 1; a 4-byte scale for 128 values each time
    return cast(5 + 3 * 4.0 / 128, 2);
  }
}

void add_column_operand(std::vector<Operator>& into, const Widths& w)
{
  if (w.precision != Precision::fp8) return;
  if (w.scaling == Fp8Scaling::row)
    add_cast(into, w, w.tokens * w.hidden, Recompute::norms);
  else if (w.gathered())
    into.push_back(repeated_by(Recompute::norms, streaming("transpose operand", Bytes(2) * w.tokens * w.hidden)));
}

void add_row_gradient(std::vector<Operator>& into, const Widths& w)
{
  const bool whole = w.scaling == Fp8Scaling::row || !w.gathered();
  add_cast(into, w, whole ? w.tokens * w.hidden : w.full);
  if (!whole && w.precision == Precision::fp8) into.push_back(streaming("transpose operand", Bytes(2) * w.tokens * w.hidden));
}

Operator repeated_by(Recompute kind, Operator op)
{
  op.repeated_by = kind;
  return op;
}

void add_repeats(std::vector<Operator>& backward, std::initializer_list<const std::vector<Operator>*> forward, const Recomputation& set)
{
  std::vector<Operator> all;
  for (const auto* part : forward)
    for (Operator op : *part)
      if (set.has(op.repeated_by)) {
        op.again = true;
        all.push_back(std::move(op));
      }
  append(all, backward);
  backward = std::move(all);
}

// read 2 (4 with a gate), write 2; backward: read dy and inputs, write their gradients
Operator activation(const ModelShape& m, double values)
{
  return repeated_by(Recompute::activation_function, streaming("activation", Bytes(gated(m.activation) ? 6 : 4) * values));
}
Operator activation_backward(const ModelShape& m, double values)
{
  return streaming("activation backward", Bytes(gated(m.activation) ? 10 : 6) * values);
}

SavedBytes saved_bytes(const Workload& w)
{
  constexpr double scale = 4.0 / 128; // fp32, per tile of 128 values (DeepSeek-V3, arXiv:2412.19437, section 3.3.2)
  switch (w.execution.saved_activations) {
  case SavedActivations::bf16:
    return {2, 2, 2};
  case SavedActivations::fp8_operands: // attention, in 16 bits, keeps its output beside the product's operand
    return {1, 2 + 1, 2};
  case SavedActivations::fp8: // one tensor in E5M6 serves both (section 3.3.3)
    return {1 + scale, 1.5 + scale, 1 + scale};
  }
  throw LogicError("activations kept in no form");
}

void add_saving(std::vector<Operator>& forward, const Workload& w, double values, double bytes_each)
{
  if (w.execution.saved_activations == SavedActivations::fp8) forward.push_back(streaming("cast to keep", Bytes(2 + bytes_each) * values));
}

void append(std::vector<Operator>& into, const std::vector<Operator>& more) { into.insert(into.end(), more.begin(), more.end()); }

} // namespace weft
