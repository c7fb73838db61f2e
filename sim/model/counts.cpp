// Parameters, flops and activation bytes in closed form.
#include "model/decoder.hpp"

#include <algorithm>

namespace weft {
namespace {

double head_dim(const ModelShape& m) { return m.head_dim > 0 ? m.head_dim : static_cast<double>(m.hidden) / m.heads; }
double kv_heads(const ModelShape& m) { return m.kv_heads > 0 ? m.kv_heads : m.heads; }
double ffn(const ModelShape& m) { return m.ffn > 0 ? m.ffn : 4.0 * m.hidden; }
double norm_parameters(const ModelShape& m) { return (m.normalization == Normalization::layernorm ? 2.0 : 1.0) * m.hidden; }

/// Weights of the four matrices of a layer.
double matrix_parameters(const ModelShape& m)
{
  const double h = m.hidden, q = head_dim(m) * m.heads, kv = head_dim(m) * kv_heads(m);
  return h * (q + 2 * kv) + q * h + (gated(m.activation) ? 3 : 2) * h * ffn(m);
}
/// Biases that follow the cut of their matrix (column-parallel), and those every rank holds (row-parallel).
double cut_biases(const ModelShape& m)
{
  return m.biases ? head_dim(m) * (m.heads + 2 * kv_heads(m)) + (gated(m.activation) ? 2 : 1) * ffn(m) : 0;
}
double whole_biases(const ModelShape& m) { return m.biases ? 2.0 * m.hidden : 0; }

/// Products of one sample forward, without the causal saving: 2 flops per weight and token, and 4 s^2 per attention width.
Flops layer_forward_flops(const Workload& w)
{
  const double s = w.sequence;
  return Flops(2 * s * matrix_parameters(w.model) + 4 * s * s * head_dim(w.model) * w.model.heads);
}
Flops attention_core_flops(const Workload& w)
{
  const double s = w.sequence;
  return Flops(4 * s * s * head_dim(w.model) * w.model.heads);
}
Flops head_forward_flops(const Workload& w) { return Flops(2.0 * w.sequence * w.model.hidden * w.model.vocabulary); }

} // namespace

int layer_count(const ModelShape& m) { return m.layers; }

int layer_kind(const ModelShape&, int) { return 0; }

double layer_parameters(const ModelShape& m, int) { return matrix_parameters(m) + cut_biases(m) + whole_biases(m) + 2 * norm_parameters(m); }

HeldParameters held_parameters(const Shard& shard, int)
{
  const ModelShape& m = shard.workload->model;
  const int tp = shard.tp;
  const double kv_copies = std::max(1.0, tp / kv_heads(m)); // fewer key-value heads than ranks: each rank holds a whole one
  const double kv_extra = m.hidden * 2 * head_dim(m) * kv_heads(m) * (kv_copies - 1);
  return {.dense = (matrix_parameters(m) + kv_extra + cut_biases(m)) / tp + whole_biases(m) + 2 * norm_parameters(m)};
}

double embedding_parameters(const Workload& w)
{
  const double positions = w.model.position == Position::learned ? (w.model.max_positions > 0 ? w.model.max_positions : w.sequence) : 0;
  return (w.model.vocabulary + positions) * w.model.hidden;
}

double head_parameters(const Workload& w)
{
  return norm_parameters(w.model) + (w.model.tied_embeddings ? 0 : static_cast<double>(w.model.vocabulary) * w.model.hidden);
}

double total_parameters(const Workload& w)
{
  double total = embedding_parameters(w) + head_parameters(w);
  for (int layer = 0; layer < layer_count(w.model); layer++) total += layer_parameters(w.model, layer);
  return total;
}

double active_parameters(const Workload& w) { return total_parameters(w); }

Bytes dispatch_bytes(const Shard&) { return Bytes(0); }
Bytes combine_bytes(const Shard&) { return Bytes(0); }
Bytes context_bytes(const Shard& shard)
{
  const Workload& w = *shard.workload;
  return Bytes(2) * (2 * head_dim(w.model) * kv_heads(w.model) / shard.tp * w.sequence / shard.cp * shard.microbatch);
}

Flops model_flops_per_sample(const Workload& w) { return 3 * (w.model.layers * layer_forward_flops(w) + head_forward_flops(w)); }

Flops hardware_flops_per_sample(const Workload& w, Recompute recompute)
{
  Flops again{};
  if (recompute == Recompute::full) again = w.model.layers * layer_forward_flops(w);
  if (recompute == Recompute::selective) again = w.model.layers * attention_core_flops(w);
  return model_flops_per_sample(w) + again;
}

// Korthikanti et al. 2022, equations 1 (no parallelism), 2 (tensor), 4 (tensor and sequence) and 6 (selective), term by term so that
// grouped heads, gates and fused attention follow. Two-byte activations, one-byte masks.
Bytes layer_activation_bytes(const Shard& shard, int)
{
  const Workload& w = *shard.workload;
  const ModelShape& m = w.model;
  const double sb = static_cast<double>(w.sequence) * shard.microbatch, t = shard.tp, sbh = sb * m.hidden;
  const double whole_cut = shard.sequence_parallel ? t : 1;
  if (shard.recompute == Recompute::full) return Bytes(2 * sbh / whole_cut); // the layer's input, section 5
  const double mask = m.dropout > 0 ? 1 : 0;
  const double query = head_dim(m) * m.heads, kv = head_dim(m) * kv_heads(m);
  const double whole = 2 * (2 + 2 + mask) * sbh;                      // norm inputs, inputs of qkv and fc1, two dropout masks: 10 sbh
  const double attention = sb * (2 * query + 4 * kv + 2 * query) / t; // Q, K, V and the output projection's input: 8 sbh / t
  const double feedforward = sb * ffn(m) * (gated(m.activation) ? 6 : 4) / t; // activation's input(s) and fc2's input: 16 sbh / t
  const bool core_kept = w.attention == AttentionKernel::unfused && shard.recompute == Recompute::none;
  const double scores = shard.microbatch * (m.heads / t) * w.sequence * static_cast<double>(w.sequence);
  const double core = core_kept ? scores * (2 + (mask > 0 ? 3 : 0)) : 0; // softmax output 2, dropout mask 1 and output 2: 5 a s^2 b / t
  return Bytes(whole / whole_cut + attention + feedforward + core);
}

Bytes boundary_bytes(const Shard& shard) { return Bytes(2.0 * shard.workload->sequence * shard.microbatch * shard.workload->model.hidden); }

// Korthikanti et al. 2022, section 4.3: embedding dropout mask; final norm input 2sbh, head input 2sbh, fp32 logits 4sbv.
Bytes embedding_activation_bytes(const Shard& shard)
{
  const double sbh = static_cast<double>(shard.workload->sequence) * shard.microbatch * shard.workload->model.hidden;
  return Bytes(shard.workload->model.dropout > 0 ? sbh / (shard.sequence_parallel ? shard.tp : 1) : 0);
}
Bytes head_activation_bytes(const Shard& shard)
{
  const Workload& w = *shard.workload;
  const double sb = static_cast<double>(w.sequence) * shard.microbatch;
  return Bytes(4 * sb * w.model.hidden / (shard.sequence_parallel ? shard.tp : 1) + 4 * sb * w.model.vocabulary / shard.tp);
}

} // namespace weft
