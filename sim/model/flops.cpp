// Flops in closed form. Matrix products only, without the causal saving: 2 per weight and token, and 2 per pair of tokens and value of the
// heads' keys and values (Narayanan et al. 2021, arXiv:2104.04473, appendix; Korthikanti et al. 2022, arXiv:2205.05198, appendix A).
#include "model/execution.hpp"
#include "model/state_space.hpp"
#include "model/weights.hpp"

namespace weft {
namespace {

Flops core_flops(const Workload& w, int layer)
{
  const ModelShape& m = w.model;
  if (layer_traits(m, layer).mixer != Mixer::attention) return Flops(0);
  return Flops(2 * counted_pairs(w.sequence, layer_traits(m, layer).window) * (head_width(m) + value_width(m)) * m.heads);
}

/// Latents widened to full heads (DeepSeek-V2, arXiv:2405.04434, equations 10, 11 and 15); queries without a latent from the residual stream.
Flops widening_flops(const Workload& w)
{
  const LatentAttention& l = w.model.latent;
  const double query = (l.query_rank > 0 ? l.query_rank : w.model.hidden) * head_width(w.model);
  return Flops(2.0 * w.sequence * w.model.heads * (query + l.kv_rank * (static_cast<double>(l.nope_dim) + l.value_dim)));
}

/// Forward of one layer and sample.
Flops layer_flops(const Workload& w, int layer)
{
  if (is_convolutional(w.model)) {
    const Convolution& c = w.model.convolutions[static_cast<std::size_t>(layer)];
    return Flops(2.0 * c.repeat * c.size * c.size * convolution_weights(c));
  }
  const Flops products = Flops(2.0 * w.sequence * layer_weights(w.model, layer).multiplied()) + core_flops(w, layer);
  return layer_traits(w.model, layer).mixer == Mixer::state_space ? products + recurrence_flops({.workload = &w}) : products;
}

Flops head_flops(const Workload& w)
{
  const ModelShape& m = w.model;
  const double tokens = head_tokens(w);
  Flops total(2.0 * tokens * head_inputs(m) * m.vocabulary);
  if (predicts_masked_tokens(m)) total += Flops(2.0 * tokens * m.hidden * m.hidden);
  const Flops projection(4.0 * tokens * m.hidden * m.hidden); // of a prediction module: two widths into one
  const Flops logits = total;
  for (int module = 0; module < prediction_modules(m); module++) total += logits + projection + layer_flops(w, m.layers);
  return total;
}

/// What backward does not compute: the gradient of the image, and that of the patches.
Flops without_gradient(const Workload& w)
{
  if (is_convolutional(w.model)) return layer_flops(w, 0) / w.model.convolutions.front().repeat;
  return Flops(0);
}
Flops patch_flops(const Workload& w) // forward and weight gradient
{
  return reads_patches(w.model) ? Flops(2 * 2.0 * patches(w) * w.model.patch_values * w.model.hidden) : Flops(0);
}

} // namespace

/// Products of one sample that alternate recomputation runs again: those of the operators.
static Flops repeated_flops(const Workload& w, int layer)
{
  Shard shard;
  shard.workload = &w;
  shard.recompute = Recompute::alternate_products;
  const LayerOperators ops = layer_operators(shard, layer);
  Flops again{};
  for (const Block* block : {&ops.attention, &ops.feedforward}) {
    const Block part = repeated(*block, shard);
    for (const auto* list : {&part.main, &part.core, &part.tail})
      for (const Operator& op : *list) again += op.counted;
  }
  return again;
}

Flops expert_flops_per_sample(const Workload& w, int layer)
{
  if (is_convolutional(w.model)) return Flops(0);
  const LayerWeights l = layer_weights(w.model, layer);
  return Flops(2.0 * w.sequence * l.active * l.expert_matrices);
}

Flops model_flops_per_sample(const Workload& w)
{
  Flops forward = head_flops(w);
  for (int layer = 0; layer < layer_count(w.model); layer++) forward += layer_flops(w, layer);
  return 3 * forward - without_gradient(w) + patch_flops(w);
}

Flops hardware_flops_per_sample(const Workload& w, const Recomputation& recompute)
{
  Flops again{};
  for (int layer = 0; layer < layer_count(w.model) + prediction_modules(w.model); layer++) {
    if (recompute.has(Recompute::full)) again += layer_flops(w, layer);
    if (recompute.has(Recompute::alternate_products)) again += repeated_flops(w, layer);
    if (recompute.has(Recompute::selective) && !is_convolutional(w.model)) again += core_flops(w, layer);
    if (recompute.has(Recompute::latent_up_projections)) again += widening_flops(w);
  }
  return model_flops_per_sample(w) + again;
}

} // namespace weft
