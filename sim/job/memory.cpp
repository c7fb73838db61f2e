// Memory per rank: weights, gradients and optimizer state (Rajbhandari et al. 2020, arXiv:1910.02054, section 3), activations
// (Korthikanti et al. 2022, section 4) times the microbatches a schedule keeps alive.
#include "job/build.hpp"
#include "job/parameters.hpp"
#include "job/pipeline.hpp"
#include "job/works.hpp"

#include <algorithm>

namespace weft {
namespace {

/// Activations of all microbatches alive at the peak, on one stage.
Bytes activations(const Scenario& scenario, const Pipeline& pipeline, int stage)
{
  const Plan& plan = scenario.plan;
  const Shard shard = shard_of(scenario);
  const int layers_per_chunk = (layers_of_stage(scenario, stage) + plan.virtual_stages - 1) / plan.virtual_stages; // of the fullest
  const int alive = pipeline.schedule->peak_alive(pipeline.shape, stage);
  Bytes total = layer_activation_bytes(shard, 0) * (layers_per_chunk * alive);
  if (plan.recompute == Recompute::full) { // while a layer runs backward, its own activations exist once
    Shard whole = shard;
    whole.recompute = Recompute::none;
    total += layer_activation_bytes(whole, 0);
  }
  if (pipeline.holds(stage, 0)) total += embedding_activation_bytes(shard) * std::min(plan.pp, pipeline.shape.microbatches);
  if (pipeline.holds(stage, pipeline.parts() - 1)) total += head_activation_bytes(shard);
  return total;
}

MemoryNeed stage_memory(const Scenario& scenario, const Pipeline& pipeline, int stage)
{
  const Plan& plan = scenario.plan;
  const StageParameters held = stage_parameters(scenario, stage);
  const double parameters = held.total();
  const auto share = [&plan](Zero cut) { return plan.zero >= cut ? 1.0 / plan.dp : 1.0; };
  // What is cut exists whole for the layers at hand: two gathered ahead and the ends of the network, and one layer's gradients.
  const double gathered = plan.zero >= Zero::parameters && plan.dp > 1 ? 2 * held.per_layer + held.embedding + held.head : 0;
  const double unscattered = plan.zero >= Zero::gradients && plan.dp > 1 ? held.per_layer : 0;
  MemoryNeed need;
  need.weights = Bytes(2) * (parameters * share(Zero::parameters) + gathered);
  need.gradients = bytes_of(scenario.workload->gradients) * (parameters * share(Zero::gradients) + unscattered);
  need.optimizer = Bytes(12) * parameters * share(Zero::optimizer); // fp32 weights and two moments
  need.activations = activations(scenario, pipeline, stage);
  need.buffers = plan.pp > 1 ? 4 * boundary_bytes(shard_of(scenario)) : Bytes(0); // one message each way, in and out
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
