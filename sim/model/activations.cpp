// Activation bytes, term by term as Korthikanti et al. 2022 (arXiv:2205.05198): equations 1 (no parallelism), 2 (tensor), 4 (tensor and
// sequence) and 6 (selective), so that grouped heads, gates, experts, latents, fused attention and cut contexts follow. Two-byte
// activations, one-byte masks. A context-parallel rank holds sequence / cp tokens of everything.
#include "model/parts.hpp"
#include "model/state_space.hpp"
#include "model/weights.hpp"

#include <algorithm>

namespace weft {
namespace {

/// Bytes by how they are cut over tp.
struct Kept {
  double whole = 0; ///< by sequence parallelism only
  double cut = 0;   ///< always, per rank already
};

/// What a norm reads and puts out, for a product or (of routed layers) in 16 bits for the router, and the dropout mask at the block's exit:
/// 5 of 10 sbh.
Kept ends_kept(const Shard& shard, const Widths& w, double normed_bytes)
{
  const double mask = shard.workload->model.dropout > 0 ? 1 : 0, normed = shard.recompute.has(Recompute::norms) ? 0 : normed_bytes;
  return {.whole = (2 + normed + mask) * w.tokens * w.hidden};
}

/// Latents in front of and behind their norms; they are gathered whole on every rank.
double latents_kept(const Shard& shard, const Widths& w)
{
  const LatentAttention& l = shard.workload->model.latent;
  const double normed = shard.recompute.has(Recompute::norms) ? 0 : saved_bytes(*shard.workload).operand, ranks = l.query_rank + l.kv_rank;
  return w.tokens * (2 * (ranks + l.rope_dim) + normed * ranks);
}

/// Inputs and output of attention, and under unfused kernels its scores.
Kept attention_kept(const Shard& shard, const Widths& w)
{
  const Workload& job = *shard.workload;
  const ModelShape& m = job.model;
  const double mask = m.dropout > 0 ? 1 : 0;
  Kept kept = ends_kept(shard, w, saved_bytes(job).operand);
  const double key_values = head_width(m) * key_heads(m) / shard.tp, values = value_width(m) * key_heads(m) / shard.tp;
  if (!shard.recompute.has(Recompute::latent_up_projections)) kept.cut += 2 * w.tokens * (w.query + key_values + values); // Q, K, V: 6 sbh / t
  kept.cut += saved_bytes(job).context * w.tokens * w.value; // the output projection's input: 2 sbh / t
  if (has_latent_attention(m)) kept.cut += latents_kept(shard, w);
  const bool core_kept = job.attention == AttentionKernel::unfused && !shard.recompute.has(Recompute::selective);
  const double scores = shard.microbatch * (static_cast<double>(m.heads) / shard.tp) * job.sequence * job.sequence / shard.cp;
  if (core_kept) kept.cut += scores * (2 + 3 * mask); // softmax output 2, dropout mask 1 and output 2: 5 a s^2 b / t
  return kept;
}

/// The joint projection's output and the recurrence's, and behind the gated norm the input of the projection back.
Kept state_space_kept(const Shard& shard, const Widths& w)
{
  const StateSpaceWidths v = state_space_widths(shard);
  const double operand = saved_bytes(*shard.workload).operand, normed = shard.recompute.has(Recompute::norms) ? 0 : operand;
  Kept kept = ends_kept(shard, w, operand);
  kept.cut = v.tokens * (2 * (v.projected() + v.inner()) + normed * v.inner());
  return kept;
}

/// Inputs of the activation and of the second product, of a block `ffn` wide per rank: 16 sbh / t without a gate.
double inner_kept(const Shard& shard, double values, const SavedBytes& bytes)
{
  const double activated = shard.recompute.has(Recompute::activation_function) ? 0 : bytes.operand;
  return (input_matrices(shard.workload->model) * bytes.activation_input + activated) * values;
}

Kept feedforward_kept(const Shard& shard, const Widths& w)
{
  Kept kept = ends_kept(shard, w, saved_bytes(*shard.workload).operand);
  kept.cut = inner_kept(shard, w.tokens * w.ffn, saved_bytes(*shard.workload));
  return kept;
}

/// Experts keep, for each copy of a token that reached them, its input and the inner values; the rank that sent the copy keeps what came
/// back, which the routing weights' gradients need, and the routing scores (fp32).
Kept experts_kept(const Shard& shard, const Widths& w, const SavedBytes& bytes)
{
  const ModelShape& m = shard.workload->model;
  const Experts& e = m.experts;
  const double operand = bytes.operand;
  const double sent = w.tokens * e.active / (shard.sequence_parallel ? shard.tp : 1);
  const double copies = sent * shard.etp * shard.expert_load.busiest;
  const double shared_operand = e.shared_ffn > 0 && operand < 2 ? operand : 0; // beside the 16 bits the router reads
  Kept kept = ends_kept(shard, w, 2 + shared_operand);
  kept.whole += 4 * w.tokens * e.count;
  kept.cut = operand * copies * w.hidden + inner_kept(shard, copies * expert_width(m) / shard.etp, bytes);
  if (weighs_copies(shard)) kept.cut += 2 * sent * w.hidden;
  kept.cut += inner_kept(shard, w.tokens * e.shared_ffn / shard.tp, bytes);
  return kept;
}

/// A convolution keeps its output, which the normalisation reads again, and the activation's, which is the next convolution's input.
Bytes convolution_kept(const Shard& shard, int entry)
{
  const Convolution& c = shard.workload->model.convolutions[static_cast<std::size_t>(entry)];
  const double output = static_cast<double>(shard.microbatch) * c.repeat * c.size * c.size * c.output_channels;
  return Bytes((shard.recompute == Recompute::full ? 2 : 4) * output);
}

/// Gradients of what a layer's feed-forward or state-space block holds inside, in 16 bits whatever it is kept in.
double inner_gradients(const Shard& shard, const Widths& w, const LayerTraits& traits)
{
  Shard whole = shard;
  whole.recompute = Recompute::none;
  const SavedBytes wide{2, 2, 2};
  if (traits.mixer == Mixer::state_space) return state_space_kept(whole, w).cut;
  if (!traits.feedforward) return 0;
  return traits.routed ? experts_kept(whole, w, wide).cut : inner_kept(whole, w.tokens * w.ffn, wide);
}

/// Of the two halves of a layer.
struct Halves {
  Kept attention, second;
};
Halves halves_kept(const Shard& shard, int layer)
{
  const ModelShape& m = shard.workload->model;
  const Widths w = widths(shard);
  const LayerTraits traits = layer_traits(m, layer);
  Halves halves;
  if (traits.mixer == Mixer::attention) halves.attention = attention_kept(shard, w);
  if (traits.mixer == Mixer::state_space) halves.attention = state_space_kept(shard, w);
  if (traits.feedforward) halves.second = traits.routed ? experts_kept(shard, w, saved_bytes(*shard.workload)) : feedforward_kept(shard, w);
  if (m.parallel_block) halves.second.whole = 0; // side by side: one input, one norm, one mask
  return halves;
}

Bytes bytes_of(const Shard& shard, const Kept& kept) { return Bytes(kept.whole / (shard.sequence_parallel ? shard.tp : 1) + kept.cut); }

} // namespace

Bytes layer_activation_bytes(const Shard& shard, int layer)
{
  const ModelShape& m = shard.workload->model;
  if (is_convolutional(m)) return convolution_kept(shard, layer);
  const Widths w = widths(shard);
  const double whole_cut = shard.sequence_parallel ? shard.tp : 1;
  if (shard.recompute == Recompute::full) return Bytes(2 * w.tokens * w.hidden / whole_cut); // the layer's input, section 5
  // of alternate products: besides the input, queries and values, what attention puts out and the gate (or what fc1 puts out)
  // Eager PyTorch caches what the last saved product puts out as well, which nobody reads; a compiler drops it.
  const bool eager = shard.workload->execution.kernels == KernelStyle::eager;
  if (shard.recompute == Recompute::alternate_products)
    return Bytes(2 * (w.tokens * w.hidden / whole_cut + w.tokens * (w.query + w.kv + w.value + w.ffn) + (eager ? w.tokens * w.hidden : 0)));
  const Halves kept = halves_kept(shard, layer);
  return bytes_of(shard, kept.attention) + bytes_of(shard, kept.second);
}

Bytes repeated_activation_bytes(const Shard& shard, int layer)
{
  if (shard.recompute == Recompute::none) return Bytes(0);
  Shard whole = shard;
  whole.recompute = Recompute::none;
  if (repeats_layers(shard.recompute)) return layer_activation_bytes(whole, layer);
  if (is_convolutional(shard.workload->model)) return Bytes(0);
  if (shard.recompute.has(Recompute::selective)) whole.recompute = Recompute::selective;
  const Halves all = halves_kept(whole, layer), kept = halves_kept(shard, layer);
  return std::max(bytes_of(shard, all.attention) - bytes_of(shard, kept.attention), bytes_of(shard, all.second) - bytes_of(shard, kept.second));
}

Bytes boundary_bytes(const Shard& shard)
{
  const Workload& w = *shard.workload;
  return is_convolutional(w.model) ? Bytes(0) : Bytes(2.0 * w.sequence * shard.microbatch * w.model.hidden / shard.cp);
}

// Korthikanti et al. 2022, section 4.3: embedding dropout mask; final norm input 2sbh, head input 2sbh, fp32 logits 4sbv. A masked-token
// head keeps the inputs of its transform's activation and norm as well, a patch projection the patches, a norm behind the embedding its input.
Bytes embedding_activation_bytes(const Shard& shard)
{
  const Workload& w = *shard.workload;
  const ModelShape& m = w.model;
  if (is_convolutional(m)) { // the image
    const Convolution& c = m.convolutions.front();
    return Bytes(2.0 * shard.microbatch * c.size * c.size * c.stride * c.stride * c.input_channels);
  }
  const Widths v = widths(shard);
  const double image = reads_patches(m) ? 2.0 * shard.microbatch * patches(w) * m.patch_values : 0;
  return Bytes((m.dropout > 0 ? v.full : 0) + (m.embedding_norm ? 2 * v.full : 0) + image);
}

Bytes layer_workspace_bytes(const Shard& shard, int layer)
{
  const ModelShape& m = shard.workload->model;
  const Bytes again = repeated_activation_bytes(shard, layer);
  if (is_convolutional(m)) return again;
  const Widths w = widths(shard);
  // gradients of the layer's output and of what its feed-forward block holds inside
  const Bytes gradients(2 * w.full + inner_gradients(shard, w, layer_traits(m, layer)));
  // Under sequence parallelism the inputs of column products are gathered whole: one at a time where backward gathers them again
  // (Korthikanti et al. 2022, section 4.2.2), both until the layer's backward in PyTorch.
  const bool gathers = shard.sequence_parallel && shard.tp > 1;
  const int copies = gathers ? (shard.workload->execution.kernels == KernelStyle::fused ? 1 : 2) : 0;
  return again + gradients + Bytes(2.0 * copies * w.tokens * w.hidden);
}

namespace {

/// Bytes a logit takes from the head's forward to its backward, and at most while one of them runs.
struct LogitBytes {
  double kept = 0, most = 0;
};

/// Fused: fp32 softmax in place of the logits (Korthikanti et al. 2022, section 4.3). Compiled: logits and their gradient in 16 bits.
/// PyTorch's separate kernels: logits in 16 bits, log-probabilities in fp32 for backward; at most the converted logits and the gradient of
/// the converted ones besides, or where the vocabulary is cut the exponents, the gradient of the loss and their sum
/// (pytorch/pytorch torch/distributed/tensor/parallel/loss.py, _nll_loss_and_log_softmax_backward).
LogitBytes logit_bytes(const Shard& shard)
{
  const Execution& execution = shard.workload->execution;
  if (execution.loss == LossStyle::compiled) return {.kept = 2, .most = 2 + 2};
  if (execution.kernels == KernelStyle::fused || execution.kernels == KernelStyle::assembled) return {.kept = 4, .most = 4};
  return {.kept = 2 + 4, .most = shard.tp > 1 ? 2.0 + 4 + 4 + 4 + 4 : 2.0 + 4 + 4 + 4};
}

Bytes head_bytes(const Shard& shard, double per_logit)
{
  const Workload& w = *shard.workload;
  const ModelShape& m = w.model;
  const double tokens = head_tokens(w) * shard.microbatch / shard.cp, whole_cut = shard.sequence_parallel ? shard.tp : 1;
  const double normed = shard.recompute.has(Recompute::norms) ? 2 : 0; // bytes of the final norm's output
  const double inputs = ((predicts_masked_tokens(m) ? 8 : 4) - normed) * tokens * head_inputs(m) / whole_cut;
  const Bytes once(inputs + per_logit * tokens * m.vocabulary / shard.tp);
  Bytes total = once;
  for (int module = 0; module < prediction_modules(m); module++) // its layer, the joined input of its projection, norms and logits
    total += once + layer_activation_bytes(shard, m.layers) + Bytes((8 - 2 * normed) * tokens * m.hidden / whole_cut);
  return total;
}

} // namespace

Bytes head_activation_bytes(const Shard& shard) { return head_bytes(shard, logit_bytes(shard).most); }
Bytes head_kept_bytes(const Shard& shard) { return head_bytes(shard, logit_bytes(shard).kept); }

} // namespace weft
