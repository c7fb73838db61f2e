// Layers of a network: which kinds there are, and the blocks of each.
#include "model/parts.hpp"

#include <algorithm>

namespace weft {
namespace {

/// Attention and feed-forward side by side on one normalised input, added together (Chowdhery et al. 2022, arXiv:2204.02311, section 2):
/// one block, one norm, and under tensor parallelism one reduction.
Block side_by_side(Block attention, const Block& feedforward, const Widths& w)
{
  append(attention.main, feedforward.main);
  append(attention.tail, feedforward.tail);
  attention.tail.push_back(streaming("add branches", Bytes(6) * w.tokens * w.hidden)); // read 2 + 2, write 2
  append(attention.tail_data, feedforward.tail_data);
  append(attention.tail_weights, feedforward.tail_weights);
  append(attention.core_backward, feedforward.core_backward);
  append(attention.column_data, feedforward.column_data);
  attention.column_data.push_back(streaming("add input gradients", Bytes(6) * w.tokens * w.hidden));
  append(attention.column_weights, feedforward.column_weights);
  return attention;
}

/// Backward of a block begins with what it kept no output of: a part of the forward pass runs when the gradient of its reader is due
/// (Megatron-LM, core/tensor_parallel/random.py, CheckpointWithoutOutput). The core of attention, which may need an exchange between ranks, is
/// placed by the job.
void repeat_parts(LayerOperators& ops, const Recomputation& set)
{
  for (Block* b : {&ops.attention, &ops.feedforward}) add_repeats(b->tail_data, {&b->entry, &b->main, &b->tail}, set);
  if (!ops.experts) return;
  ExpertBlock& x = *ops.experts;
  add_repeats(x.merge_backward, {&x.entry}, set);
  add_repeats(x.experts_data, {&x.experts}, set);
  add_repeats(x.shared_data, {&x.shared}, set);
}

} // namespace

int layer_count(const ModelShape& m) { return is_convolutional(m) ? static_cast<int>(m.convolutions.size()) : m.layers; }

int prediction_modules(const ModelShape& m) { return is_convolutional(m) ? 0 : m.prediction_layers; }

int layer_kind(const ModelShape& m, int layer)
{
  if (is_convolutional(m)) return layer;
  if (m.experts.count == 0 && m.window == 0 && m.layer_pattern.empty()) return 0;
  const LayerTraits traits = layer_traits(m, layer);
  const std::size_t most = (m.experts.count > 0 ? 2 : 1) * (m.window > 0 ? 2 : 1) * (m.layer_pattern.empty() ? 1 : 3);
  std::vector<LayerTraits> kinds; // in the order of their first layers
  for (int at = 0; at < layer && kinds.size() < most; at++)
    if (std::find(kinds.begin(), kinds.end(), layer_traits(m, at)) == kinds.end()) kinds.push_back(layer_traits(m, at));
  return static_cast<int>(std::find(kinds.begin(), kinds.end(), traits) - kinds.begin());
}

LayerOperators layer_operators(const Shard& shard, int layer)
{
  const ModelShape& m = shard.workload->model;
  if (is_convolutional(m)) return {{}, convolution_block(shard, layer), std::nullopt};
  const Widths w = widths(shard);
  const LayerTraits traits = layer_traits(m, layer);
  LayerOperators ops;
  if (traits.mixer == Mixer::attention)
    ops.attention = has_latent_attention(m) ? latent_attention_block(shard, w, traits.window) : attention_block(shard, w, traits.window);
  else if (traits.mixer == Mixer::state_space)
    ops.attention = state_space_block(shard, w);
  if (traits.routed)
    ops.experts = expert_block(shard, w);
  else if (m.parallel_block)
    ops.attention = side_by_side(std::move(ops.attention), feedforward_block(shard, w), w);
  else if (traits.feedforward)
    ops.feedforward = feedforward_block(shard, w);
  repeat_parts(ops, shard.recompute);
  return ops;
}

Bytes context_bytes(const Shard& shard)
{
  const ModelShape& m = shard.workload->model;
  const Widths w = widths(shard);
  const double keys = shard.workload->execution.repeated_keys ? w.query : w.kv;
  return Bytes(2) * w.tokens * keys * (1 + value_width(m) / head_width(m));
}

} // namespace weft
