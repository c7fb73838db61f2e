#include "job/expert_traffic.hpp"

#include "job/ranks.hpp"

#include <algorithm>

namespace weft {
namespace {

/// C(all - held, active) / C(all, active): `active` draws without replacement miss all of `held`.
double miss_probability(int all, int held, int active)
{
  double probability = 1;
  for (int draw = 0; draw < active; draw++) probability *= std::max(0.0, static_cast<double>(all - held - draw)) / (all - draw);
  return probability;
}

int eligible_nodes(const TokenRouting& r) { return r.node_limit > 0 ? std::min(r.node_limit, r.nodes) : r.nodes; }

/// Expected holders hit, of `holders` that share the experts of all nodes.
double expected_holders(const TokenRouting& r, int holders)
{
  const int nodes = eligible_nodes(r), eligible = r.experts / r.nodes * nodes;
  const double open = static_cast<double>(holders) / r.nodes * nodes;
  return open * (1 - miss_probability(eligible, r.experts / holders, r.active));
}

} // namespace

double expected_nodes(const TokenRouting& routing) { return expected_holders(routing, routing.nodes); }
double expected_ranks(const TokenRouting& routing) { return expected_holders(routing, routing.ranks); }

DispatchCopies dispatch_copies(const Scenario& scenario)
{
  const Experts& experts = scenario.workload->model.experts;
  const Plan& plan = scenario.plan;
  if (plan.dispatch == Dispatch::direct) return {.within = static_cast<double>(experts.active)};
  const ExpertNodes spread = expert_nodes(scenario).value_or(ExpertNodes{});
  const TokenRouting routing{experts.count, experts.active, spread.nodes, plan.ep, plan.dispatch_nodes};
  return {.across = spread.nodes > 1 ? expected_nodes(routing) : 0, .within = spread.ranks_per_node > 1 ? expected_ranks(routing) : 0};
}

} // namespace weft
