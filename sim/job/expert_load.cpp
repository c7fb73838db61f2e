#include "job/expert_load.hpp"

#include "units/hash.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace weft {
namespace {

/// In (0, 1), from the upper 53 bits.
double uniform(std::uint64_t hash) { return (static_cast<double>(hash >> 11) + 0.5) * 0x1p-53; }

/// Box and Muller 1958, "A note on the generation of random normal deviates".
double normal(std::uint64_t hash)
{
  return std::sqrt(-2 * std::log(uniform(hash))) * std::cos(2 * std::numbers::pi * uniform(splitmix64(hash)));
}

} // namespace

ExpertLoad expert_load(const Scenario& scenario, int layer)
{
  const Execution& execution = scenario.workload->execution;
  const double capacity = execution.expert_capacity > 0 ? execution.expert_capacity : HUGE_VAL;
  const int experts = scenario.workload->model.experts.count, per_rank = std::max(1, experts / scenario.plan.ep);
  const auto load_of = [&](double busiest, double kept) {
    if (execution.pad_experts) return ExpertLoad{capacity, kept, capacity}; // every expert computes its capacity
    return ExpertLoad{busiest, kept, kept};
  };
  if (execution.expert_imbalance == 0 || experts == 0) return load_of(std::min(1.0, capacity), std::min(1.0, capacity));
  // A lognormal variable exp(sigma z - sigma^2 / 2) has mean 1 and variance exp(sigma^2) - 1.
  const double variance = std::log1p(execution.expert_imbalance * execution.expert_imbalance), sigma = std::sqrt(variance);
  const std::uint64_t stream = hash_with(static_cast<std::uint64_t>(scenario.engine.seed), static_cast<std::uint64_t>(layer));
  std::vector<double> loads(static_cast<std::size_t>(experts));
  double total = 0;
  for (std::size_t e = 0; e < loads.size(); e++) {
    loads[e] = std::exp(sigma * normal(hash_with(stream, e)) - variance / 2);
    total += loads[e];
  }
  double busiest = 0, rank = 0, dropped = 0;
  for (std::size_t e = 0; e < loads.size(); e++) {
    const double load = loads[e] * experts / total;
    dropped += std::max(0.0, load - capacity) / experts;
    rank += std::min(capacity, load);
    if ((e + 1) % static_cast<std::size_t>(per_rank) != 0) continue;
    busiest = std::max(busiest, rank / per_rank);
    rank = 0;
  }
  return load_of(busiest, 1 - dropped);
}

StepFlops flops_per_sample(const Scenario& scenario)
{
  const Workload& workload = *scenario.workload;
  const ModelShape& model = workload.model;
  StepFlops flops{model_flops_per_sample(workload), hardware_flops_per_sample(workload, scenario.plan.recompute)};
  if (workload.execution.expert_capacity == 0) return flops;
  const double passes = scenario.plan.recompute == Recompute::full ? 4 : 3; // forward, twice as much backward, and forward again
  for (int layer = 0; layer < layer_count(model) + prediction_modules(model); layer++) {
    const Flops experts = expert_flops_per_sample(workload, layer);
    const ExpertLoad load = expert_load(scenario, layer);
    flops.model += (load.kept - 1) * 3 * experts;
    flops.hardware += (load.computed - 1) * passes * experts;
  }
  return flops;
}

} // namespace weft
