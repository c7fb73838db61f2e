// Weights, gradients and optimizer state: Rajbhandari et al. 2020, arXiv:1910.02054, section 3. Activations: Korthikanti et al. 2022,
// arXiv:2205.05198, section 4. What runtimes take besides: docs/theory.md, "Memory".
#include "job/stage_memory.hpp"

#include "job/works.hpp"
#include "layout/layout.hpp"

#include <algorithm>

namespace weft {
namespace {

ChunkMemory chunk_memory(const Scenario& scenario, const Pipeline& pipeline, ChunkPlace place)
{
  const Shard shard = shard_of(scenario);
  const int part = pipeline.part(place), first = first_layer_of_part(scenario, part), end = first + layers_of_part(scenario, part);
  ChunkMemory chunk;
  for (int layer = first; layer < end; layer++) {
    chunk.kept += layer_activation_bytes(shard_of(scenario, layer), layer);
    chunk.backward = std::max(chunk.backward, layer_workspace_bytes(shard_of(scenario, layer), layer));
  }
  if (part == 0) chunk.kept += embedding_activation_bytes(shard);
  if (part + 1 == pipeline.parts()) {
    chunk.logits = head_kept_bytes(shard);
    chunk.head = head_activation_bytes(shard) - chunk.logits;
  } else if (scenario.plan.keep_stage_outputs) {
    const bool cut = shard.sequence_parallel || scenario.plan.scatter_gather != ScatterGather::off; // as it was sent
    chunk.kept += boundary_bytes(shard) / (cut ? shard.tp : 1);
  }
  return chunk;
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

/// Keys and values a rank holds beside its own, in multiples of these: those in use and those under way, twice with their gradients; those of all
/// ranks, again with their gradients; or those of all ranks and gradients in fp32, sent and received.
int context_buffers(const Shard& shard)
{
  if (shard.context == ContextExchange::ring) return 4;
  return shard.context == ContextExchange::gathered_ring ? shard.cp + 4 : 2 * shard.cp;
}

/// Messages under way: one to and from each neighbour stage, keys and values beside the ones in use (twice with their gradients) or of all
/// ranks, tokens sent to experts and back; and the flat buffer of gradients.
Bytes buffers(const Scenario& scenario, Bytes gradients)
{
  const Shard shard = shard_of(scenario);
  Bytes total{};
  if (scenario.plan.pp > 1) total += 4 * boundary_bytes(shard);
  if (shard.cp > 1) total += context_bytes(shard) * context_buffers(shard);
  if (shard.ep > 1) total += dispatch_bytes(shard) + combine_bytes(shard);
  if (scenario.plan.dp > 1) total += std::min(scenario.plan.reduction_buffer, gradients);
  return total;
}

/// Driver context with its kernels, and the communicators of the rank: one for each kind of group it belongs to and, where those are
/// several, one of all ranks; a pair with each neighbour stage.
Bytes runtime(const Scenario& scenario, const Pipeline& pipeline, int stage)
{
  const Plan& plan = scenario.plan;
  const CollectiveLibrary& library = scenario.platform.library;
  const bool experts = has_expert_grid(plan) && scenario.workload->model.experts.count > 0;
  const int groups = (plan.tp > 1 ? 1 : 0) + (plan.cp > 1 ? 1 : 0) + (plan.dp * plan.cp > 1 ? 1 : 0) + (experts ? 2 : 0);
  const bool end = pipeline.shape.chunks == 1 && (stage == 0 || stage == plan.pp - 1);
  const int neighbours = plan.pp == 1 ? 0 : plan.pp == 2 || end ? 1 : 2;
  const int all = groups + (neighbours > 0 ? 1 : 0) > 1 ? 1 : 0;
  const Bytes pair = library.communicator_memory_pair > Bytes(0) ? library.communicator_memory_pair : library.communicator_memory;
  return scenario.platform.node.chip.context_memory + library.communicator_memory * (groups + all) + pair * neighbours;
}

/// Parameters a rank holds where the state up to `cut` is sharded.
double sharded(const Plan& plan, const HeldParameters& held, Zero cut)
{
  if (plan.zero < cut) return held.total();
  const double experts = has_expert_grid(plan) ? expert_replicas(plan).cut : dense_replicas(plan).cut;
  return held.dense / dense_replicas(plan).cut + held.experts / experts;
}

} // namespace

StageHoldings stage_holdings(const Scenario& scenario, const Pipeline& pipeline, int stage)
{
  const Plan& plan = scenario.plan;
  const Workload& workload = *scenario.workload;
  const StageParameters held = stage_parameters(scenario, stage);
  const HeldParameters all = held.total(), largest = held.largest_layer();
  const double weights = sharded(plan, all, Zero::parameters), gradients = sharded(plan, all, Zero::gradients);
  const Bytes gradient = bytes_of(workload.gradients);
  // What is cut exists whole for the layers at hand: two gathered ahead and the ends of the network, and one layer's gradients; or all of
  // the stage, where it is cut again once per step only.
  const bool whole_stage = plan.reshard == Reshard::step;
  StageHoldings holdings;
  holdings.whole_step.weights = Bytes(2) * weights;
  holdings.whole_step.gradients = gradient * gradients;
  if (weights < all.total()) holdings.gathered = Bytes(2) * (whole_stage ? all.total() : 2 * largest.total() + held.ends().total());
  if (gradients < all.total() && whole_stage) holdings.whole_step.gradients += gradient * all.total();
  if (gradients < all.total() && !whole_stage) holdings.unscattered = gradient * largest.total();
  if (workload.execution.accumulation == GradientAccumulation::two_passes) holdings.whole_step.gradients += Bytes(2) * all.total();
  holdings.whole_step.optimizer = Bytes(optimizer_bytes_per_parameter(workload.execution.optimizer)) * sharded(plan, all, Zero::optimizer);
  holdings.whole_step.buffers = buffers(scenario, gradient * all.total());
  holdings.whole_step.runtime = runtime(scenario, pipeline, stage);
  holdings.fragmentation = workload.execution.fragmentation;
  for (int chunk = 0; chunk < pipeline.shape.chunks; chunk++) holdings.chunks.push_back(chunk_memory(scenario, pipeline, {stage, chunk}));
  return holdings;
}

} // namespace weft
