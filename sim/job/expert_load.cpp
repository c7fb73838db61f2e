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

double busiest_expert_load(const Scenario& scenario, int layer)
{
  const Execution& execution = scenario.workload->execution;
  const double capacity = execution.expert_capacity > 0 ? execution.expert_capacity : HUGE_VAL;
  const int experts = scenario.workload->model.experts.count, per_rank = std::max(1, experts / scenario.plan.ep);
  if (execution.expert_imbalance == 0 || experts == 0) return std::min(1.0, capacity);
  // A lognormal variable exp(sigma z - sigma^2 / 2) has mean 1 and variance exp(sigma^2) - 1.
  const double variance = std::log1p(execution.expert_imbalance * execution.expert_imbalance), sigma = std::sqrt(variance);
  const std::uint64_t stream = hash_with(static_cast<std::uint64_t>(scenario.engine.seed), static_cast<std::uint64_t>(layer));
  std::vector<double> loads(static_cast<std::size_t>(experts));
  double total = 0;
  for (std::size_t e = 0; e < loads.size(); e++) {
    loads[e] = std::exp(sigma * normal(hash_with(stream, e)) - variance / 2);
    total += loads[e];
  }
  double busiest = 0, rank = 0;
  for (std::size_t e = 0; e < loads.size(); e++) {
    rank += std::min(capacity, loads[e] * experts / total);
    if ((e + 1) % static_cast<std::size_t>(per_rank) != 0) continue;
    busiest = std::max(busiest, rank / per_rank);
    rank = 0;
  }
  return busiest;
}

} // namespace weft
