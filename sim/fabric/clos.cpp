#include "fabric/clos.hpp"
#include "fabric/wiring.hpp"

#include <algorithm>
#include <cmath>

namespace weft {

namespace {

/// Largest divisor of `number` that is at most `limit`; limit and number at least 1.
std::int64_t largest_divisor(std::int64_t number, std::int64_t limit)
{
  std::int64_t best = 1;
  for (std::int64_t d = 1; d * d <= number; ++d) {
    if (number % d != 0) continue;
    if (d <= limit) best = std::max(best, d);
    if (number / d <= limit) best = std::max(best, number / d);
  }
  return best;
}

std::int64_t ceiling(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

void add_pods(ClosPlan& plan, const ClosDemand& demand, const Node& where)
{
  const std::int64_t down = most_down_ports(demand.radix, demand.spine_oversubscription, 1);
  const std::int64_t blocks = demand.leaves / demand.block;
  const std::int64_t blocks_per_pod = down / demand.block;
  if (blocks_per_pod < 1)
    refuse(where, "a pod of " + std::to_string(demand.radix) + "-port spines cannot hold the " + std::to_string(demand.block) +
                      " leaves of one unit (use a switch with more ports or fewer adapters per node)");
  plan.pods = ceiling(blocks, blocks_per_pod);
  plan.leaves_per_pod = demand.leaves_per_pod > 0 ? demand.leaves_per_pod : ceiling(blocks, plan.pods) * demand.block;
  if (plan.leaves_per_pod > down)
    refuse(where, "a pod of " + std::to_string(plan.leaves_per_pod) + " leaves: a spine has ports for " + std::to_string(down) +
                      " (use fewer leaves per pod, more spine oversubscription, or a spine switch with more ports)");
  plan.pods = ceiling(demand.leaves, plan.leaves_per_pod);
  if (plan.pods > demand.radix)
    refuse(where, "the machine needs " + std::to_string(plan.pods) + " pods but three tiers of " + std::to_string(demand.radix) +
                      "-port switches join at most " + std::to_string(demand.radix) +
                      " (use a switch with more ports, more oversubscription, or fewer nodes)");
  const std::int64_t parallel = largest_divisor(plan.uplinks, std::max<std::int64_t>(1, down / plan.leaves_per_pod));
  plan.spines_per_pod = plan.uplinks / parallel;
  if (plan.pods == 1) return;
  plan.spine_uplinks = up_ports(plan.leaves_per_pod * parallel, demand.spine_oversubscription);
  const std::int64_t room = demand.radix / plan.pods; // ports of a core for one pod
  for (std::int64_t m = 1; m <= std::min(room, plan.spines_per_pod); ++m) {
    if (plan.spines_per_pod % m != 0) continue;
    ClosPlan other = plan;
    other.spines_per_plane = m;
    other.cores_per_plane = ceiling(plan.spine_uplinks, room / m);
    if (plan.cores_per_plane == 0 || cores_of(other) < cores_of(plan)) plan = other;
  }
}

/// Cut of one subtree when everything above it is on the second half's side: the cheaper of leaving the subtree's top on the first
/// half's side (pay its cables up) or on the second's.
struct SubtreeCut {
  double top_first = 0, top_second = 0;
};

/// Both cuts of a leaf, in bytes per second: a top on one side pays the access of the adapters of the other.
SubtreeCut leaf_cut(const LeafHalves& leaf, double access)
{
  return {static_cast<double>(leaf.second) * access, static_cast<double>(leaf.first) * access};
}

/// Adds a child, joined over `up` bytes per second, to a parent's two cuts.
void add_child(SubtreeCut& parent, const SubtreeCut& child, double up)
{
  parent.top_first += std::min(child.top_first, child.top_second + up);
  parent.top_second += std::min(child.top_second, child.top_first + up);
}

/// Smallest cut between the halves. Parallel spines of a pod, and all cores, may be taken as one switch each: for fixed sides of the
/// leaves the cut is linear in the number of spines (of planes) on either side, so some smallest cut has them all on one side. What
/// is left is a tree, and its smallest cut is found leaf by leaf.
double smallest_cut(const ClosPlan& plan, const std::vector<LeafHalves>& leaves, double access, double trunk)
{
  SubtreeCut core;
  for (std::int64_t pod = 0; pod < plan.pods; ++pod) {
    SubtreeCut spine;
    for (std::int64_t l = pod * plan.leaves_per_pod; l < std::min(plan.leaves, (pod + 1) * plan.leaves_per_pod); ++l)
      add_child(spine, leaf_cut(leaves[static_cast<std::size_t>(l)], access), static_cast<double>(plan.uplinks) * trunk);
    if (plan.cores_per_plane == 0) return std::min(spine.top_first, spine.top_second);
    add_child(core, spine, static_cast<double>(plan.spines_per_pod * plan.spine_uplinks) * trunk);
  }
  return std::min(core.top_first, core.top_second);
}

} // namespace

std::int64_t up_ports(std::int64_t down, double oversubscription)
{
  // A hair below, so that 64 / (64.0 / 3) is 3 and not 4.
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(static_cast<double>(down) / oversubscription - 1e-9)));
}

std::int64_t most_down_ports(std::int64_t radix, double oversubscription, std::int64_t step)
{
  if (radix < 2 || step > radix) return 0;
  std::int64_t down = radix / step * step;
  while (down > 0 && down + up_ports(down, std::max(oversubscription, 1e-6)) > radix) down -= step; // at most 65,536 / step times
  return down;
}

ClosPlan plan_clos(const ClosDemand& demand, const Node& where)
{
  ClosPlan plan;
  plan.leaves = plan.leaves_per_pod = demand.leaves;
  if (demand.leaves == 1) return plan;
  plan.uplinks = demand.uplinks;
  const bool two_fit = demand.leaves <= (demand.leaves_per_pod > 0 ? demand.leaves_per_pod : demand.radix);
  if (demand.tiers == 2 && !two_fit)
    refuse(where, "the machine needs " + std::to_string(demand.leaves) + " leaves but two tiers of " + std::to_string(demand.radix) +
                      "-port switches join at most " + std::to_string(demand.leaves_per_pod > 0 ? demand.leaves_per_pod : demand.radix) +
                      " (use tiers: 3, a switch with more ports, or more oversubscription)");
  if (demand.tiers == 3 || !two_fit) {
    add_pods(plan, demand, where);
    return plan;
  }
  plan.spines_per_pod = ceiling(plan.uplinks, demand.radix / plan.leaves);
  return plan;
}

std::vector<VertexId> build_clos(FabricBuilder& builder, const Platform& platform, const ClosPlan& plan, const std::string& prefix)
{
  std::vector<VertexId> leaves, spines, cores;
  for (std::int64_t l = 0; l < plan.leaves; ++l) leaves.push_back(add_switch(builder, platform, prefix + "leaf" + std::to_string(l), 1));
  for (std::int64_t s = 0; s < plan.pods * plan.spines_per_pod; ++s)
    spines.push_back(add_switch(builder, platform, prefix + "spine" + std::to_string(s), 2));
  for (std::int64_t c = 0; c < cores_of(plan); ++c) cores.push_back(add_switch(builder, platform, prefix + "core" + std::to_string(c), 3));

  for (std::int64_t l = 0; l < plan.leaves; ++l)
    for (std::int64_t s = 0; s < plan.spines_per_pod; ++s)
      for (std::int64_t k = 0; k < dealt(plan.uplinks, plan.spines_per_pod, s); ++k)
        join_switches(builder, platform, leaves[static_cast<std::size_t>(l)],
                      spines[static_cast<std::size_t>(l / plan.leaves_per_pod * plan.spines_per_pod + s)], "leaf-spine");
  for (std::int64_t s = 0; s < plan.pods * plan.spines_per_pod; ++s)
    for (std::int64_t c = 0; c < plan.cores_per_plane; ++c)
      for (std::int64_t k = 0; k < dealt(plan.spine_uplinks, plan.cores_per_plane, c); ++k)
        join_switches(builder, platform, spines[static_cast<std::size_t>(s)],
                      cores[static_cast<std::size_t>(s % plan.spines_per_pod / plan.spines_per_plane * plan.cores_per_plane + c)],
                      "spine-core");
  return leaves;
}

void fill_leaves(FabricBuilder& builder, const Platform& platform, const LeafFilling& filling, const std::vector<VertexId>& leaves,
                 const std::vector<std::vector<VertexId>>& adapters)
{
  for (std::size_t node = 0; node < adapters.size(); ++node)
    for (std::size_t k = 0; k < adapters[node].size(); ++k) {
      const std::int64_t leaf =
          filling.leaf_of(static_cast<std::int64_t>(node), static_cast<std::int64_t>(k), platform.node.adapters.count);
      attach_adapter(builder, platform, adapters[node][k], leaves[static_cast<std::size_t>(leaf)]);
    }
}

std::vector<LeafHalves> halves_of(const Platform& platform, const LeafFilling& filling, std::int64_t leaves)
{
  std::vector<LeafHalves> halves(static_cast<std::size_t>(leaves));
  for (std::int64_t node = 0; node < platform.nodes; ++node)
    for (std::int64_t k = 0; k < platform.node.adapters.count; ++k) {
      LeafHalves& leaf = halves[static_cast<std::size_t>(filling.leaf_of(node, k, platform.node.adapters.count))];
      ++(in_first_half(node, platform.nodes) ? leaf.first : leaf.second);
    }
  return halves;
}

TopologyForm clos_form(const Platform& platform, const ClosPlan& plan, const std::vector<LeafHalves>& leaves)
{
  TopologyForm form;
  const std::int64_t spines = plan.pods * plan.spines_per_pod;
  form.switches = plan.leaves + spines + cores_of(plan);
  form.access_cables = std::int64_t{platform.nodes} * platform.node.adapters.count;
  form.trunk_cables = (spines > 0 ? plan.leaves * plan.uplinks : 0) + spines * plan.spine_uplinks;
  form.diameter = spines == 0 ? 1 : plan.cores_per_plane == 0 ? 3 : 5;
  form.bisection = Bandwidth(smallest_cut(plan, leaves, access_rate(platform).base(), trunk_rate(platform).base()));
  return form;
}

} // namespace weft
