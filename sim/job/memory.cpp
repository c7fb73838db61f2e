// Memory per rank: weights, gradients and optimizer state (Rajbhandari et al. 2020, arXiv:1910.02054, section 3), activations
// (Korthikanti et al. 2022, section 4) times the microbatches a schedule keeps alive.
#include "job/build.hpp"
#include "job/parameters.hpp"
#include "job/pipeline.hpp"
#include "job/works.hpp"
#include "layout/layout.hpp"

#include <algorithm>

namespace weft {
namespace {

/// Activations of one microbatch in the layers of the stage's fullest chunk.
Bytes chunk_activations(const Scenario& scenario, const Pipeline& pipeline, int stage)
{
  Bytes fullest{};
  for (int chunk = 0; chunk < pipeline.shape.chunks; chunk++) {
    const int part = pipeline.part({stage, chunk}), first = first_layer_of_part(scenario, part);
    Bytes total{};
    for (int layer = first; layer < first + layers_of_part(scenario, part); layer++)
      total += layer_activation_bytes(shard_of(scenario, layer), layer);
    fullest = std::max(fullest, total);
  }
  return fullest;
}

/// What recomputation brings back exists once, while a layer runs backward.
Bytes recomputed_activations(const Scenario& scenario, const Pipeline& pipeline, int stage)
{
  Bytes most{};
  for (int chunk = 0; chunk < pipeline.shape.chunks; chunk++) {
    const int part = pipeline.part({stage, chunk}), first = first_layer_of_part(scenario, part);
    for (int layer = first; layer < first + layers_of_part(scenario, part); layer++)
      most = std::max(most, repeated_activation_bytes(shard_of(scenario, layer), layer));
  }
  return most;
}

/// Activations of all microbatches alive at the peak, on one stage.
Bytes activations(const Scenario& scenario, const Pipeline& pipeline, int stage)
{
  const Shard shard = shard_of(scenario);
  const int alive = pipeline.schedule->peak_alive(pipeline.shape, stage);
  Bytes total = chunk_activations(scenario, pipeline, stage) * alive + recomputed_activations(scenario, pipeline, stage);
  if (pipeline.holds(stage, 0)) total += embedding_activation_bytes(shard) * std::min(scenario.plan.pp, pipeline.shape.microbatches);
  if (pipeline.holds(stage, pipeline.parts() - 1)) total += head_activation_bytes(shard);
  return total;
}

/// fp32 weights and two moments (Kingma & Ba 2015, arXiv:1412.6980); moments of one byte with an fp32 scale per 2,048 of them (Dettmers et
/// al. 2021, arXiv:2110.02861, section 2); moments in bf16 (DeepSeek-V3, arXiv:2412.19437, section 3.3.3); SGD has one momentum.
double optimizer_bytes_per_parameter(OptimizerKind kind)
{
  switch (kind) {
  case OptimizerKind::adam:
    return 4 + 4 + 4;
  case OptimizerKind::adam_8bit:
    return 4 + 2 * (1 + 4.0 / 2048);
  case OptimizerKind::adam_bf16:
    return 4 + 2 + 2;
  case OptimizerKind::sgd:
    return 4 + 4;
  }
  return 0;
}

/// Messages under way: one to and from each neighbour stage, keys and values beside the ones in use (twice with their gradients) or of all
/// ranks, tokens sent to experts and back.
Bytes buffers(const Scenario& scenario)
{
  const Shard shard = shard_of(scenario);
  Bytes total{};
  if (scenario.plan.pp > 1) total += 4 * boundary_bytes(shard);
  if (shard.cp > 1) total += context_bytes(shard) * (shard.context == ContextExchange::ring ? 4 : 2 * shard.cp);
  if (shard.ep > 1) total += dispatch_bytes(shard) + combine_bytes(shard);
  return total;
}

/// Parameters a rank holds where the state up to `cut` is sharded.
double sharded(const Plan& plan, const HeldParameters& held, Zero cut)
{
  if (plan.zero < cut) return held.total();
  const double experts = has_expert_grid(plan) ? expert_replicas(plan).cut : dense_replicas(plan).cut;
  return held.dense / dense_replicas(plan).cut + held.experts / experts;
}

MemoryNeed stage_memory(const Scenario& scenario, const Pipeline& pipeline, int stage)
{
  const Plan& plan = scenario.plan;
  const StageParameters held = stage_parameters(scenario, stage);
  const HeldParameters all = held.total(), largest = held.largest_layer();
  const double weights = sharded(plan, all, Zero::parameters), gradients = sharded(plan, all, Zero::gradients);
  // What is cut exists whole for the layers at hand: two gathered ahead and the ends of the network, and one layer's gradients.
  const double gathered = weights < all.total() ? 2 * largest.total() + held.ends().total() : 0;
  const double unscattered = gradients < all.total() ? largest.total() : 0;
  MemoryNeed need;
  need.weights = Bytes(2) * (weights + gathered);
  need.gradients = bytes_of(scenario.workload->gradients) * (gradients + unscattered);
  need.optimizer = Bytes(optimizer_bytes_per_parameter(scenario.workload->execution.optimizer)) * sharded(plan, all, Zero::optimizer);
  need.activations = activations(scenario, pipeline, stage);
  need.buffers = buffers(scenario);
  return need;
}

} // namespace

std::vector<MemoryNeed> memory_needs(const Scenario& scenario)
{
  if (!scenario.workload) return {MemoryNeed{}};
  const Pipeline pipeline = pipeline_of(scenario);
  std::vector<MemoryNeed> needs;
  for (int stage = 0; stage < scenario.plan.pp; stage++) needs.push_back(stage_memory(scenario, pipeline, stage));
  return needs;
}

} // namespace weft
