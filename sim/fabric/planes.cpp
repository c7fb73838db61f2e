#include "fabric/planes.hpp"
#include "fabric/wiring.hpp"

namespace weft {

namespace {

/// One of the networks; all are alike.
struct PlanePlan {
  std::int64_t nodes_per_leaf = 1;
  ClosPlan clos;
};

PlanePlan plan_plane(const Platform& platform, const PlanesDemand& demand)
{
  require_network(platform);
  const Node& where = platform.fabric.settings;
  const std::int64_t ports = platform.fabric.switch_model.ports, nodes = platform.nodes;
  if (demand.tiers <= 1 && nodes <= ports) return {nodes, {}};
  if (demand.tiers == 1)
    refuse(where, "one switch per " + demand.name + " has " + std::to_string(ports) + " ports for " + std::to_string(nodes) +
                      " nodes (use more tiers, or a switch with more ports)");
  const std::int64_t down = most_down_ports(ports, demand.oversubscription, 1);
  if (down == 0)
    refuse(where, "a leaf with " + std::to_string(ports) +
                      " ports has no room for a node and its uplinks (use a switch with more ports or more oversubscription)");
  const ClosDemand clos{.leaves = (nodes + down - 1) / down,
                        .uplinks = up_ports(down, demand.oversubscription),
                        .block = 1,
                        .radix = switch_of_tier(platform, 2).ports,
                        .tiers = demand.tiers,
                        .spine_oversubscription = demand.spine_oversubscription};
  return {down, plan_clos(clos, where)};
}

} // namespace

void build_planes(FabricBuilder& builder, const Platform& platform, const PlanesDemand& demand,
                  const std::vector<std::vector<VertexId>>& adapters)
{
  const PlanePlan plane = plan_plane(platform, demand);
  for (std::size_t k = 0; k < adapters.front().size(); ++k) {
    const std::vector<VertexId> leaves = build_clos(builder, platform, plane.clos, demand.name + std::to_string(k) + "-");
    for (std::size_t node = 0; node < adapters.size(); ++node)
      attach_adapter(builder, platform, adapters[node][k], leaves[node / static_cast<std::size_t>(plane.nodes_per_leaf)]);
  }
}

TopologyForm planes_form(const Platform& platform, const PlanesDemand& demand)
{
  const PlanePlan plane = plan_plane(platform, demand);
  const std::int64_t planes = platform.node.adapters.count;
  // One adapter of each node hangs on a plane.
  Platform one = platform;
  one.node.adapters.count = 1;
  const std::vector<LeafHalves> leaves = halves_of(one, {LeafFilling::By::node, plane.nodes_per_leaf}, plane.clos.leaves);
  TopologyForm form = clos_form(platform, plane.clos, leaves);
  form.switches *= planes;
  form.trunk_cables *= planes;
  form.bisection *= static_cast<double>(planes); // nothing joins the networks, so their cuts add up
  if (platform.nodes == 1) form.diameter = 0;    // one adapter in each
  return form;
}

} // namespace weft
