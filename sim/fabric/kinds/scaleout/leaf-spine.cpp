// Leaf-spine: the user says how many leaves and spines there are and how many cables join each pair.
// Nodes fill the leaves in order, ceil(nodes / leaves) to each, all adapters of a node on one leaf.
#include "fabric/clos.hpp"
#include "fabric/wiring.hpp"

#include <algorithm>

namespace weft {

namespace {

struct LeafSpine {
  int leaves = 1;
  int spines = 0;
  int uplinks = 1;
};

} // namespace

template <> const Record<LeafSpine>& record_of<LeafSpine>()
{
  static const Record<LeafSpine> record =
      Record<LeafSpine>("leaf-spine", "Two tiers of given size; every leaf is joined to every spine.")
          .required("leaves", &LeafSpine::leaves, "leaf switches", in_range(1, 65536))
          .required("spines", &LeafSpine::spines, "spine switches; 0 only with one leaf", in_range(0, 65536))
          .optional("uplinks", &LeafSpine::uplinks, "parallel cables from each leaf to each spine", in_range(1, 65536));
  return record;
}

namespace {

std::vector<FieldDoc> settings() { return record_of<LeafSpine>().docs(); }

struct Plan {
  LeafFilling filling;
  ClosPlan clos;
};

Plan plan(const Platform& platform)
{
  require_network(platform);
  const Node& where = platform.fabric.settings;
  const auto set = settings_of<LeafSpine>(where);
  const std::int64_t ports = platform.fabric.switch_model.ports;
  const std::int64_t per_leaf = (std::int64_t{platform.nodes} + set.leaves - 1) / set.leaves;
  const std::int64_t down = per_leaf * platform.node.adapters.count, up = std::int64_t{set.spines} * set.uplinks;
  if (set.spines == 0 && set.leaves > 1) refuse(where, "several leaves need spines to reach one another (set spines, or leaves: 1)");
  if (down + up > ports)
    refuse(where, "leaf0 needs " + std::to_string(down) + " ports down and " + std::to_string(up) + " up but has " + std::to_string(ports) +
                      " (use more leaves, fewer uplinks, or a switch with more ports)");
  const std::int64_t spine_ports = switch_of_tier(platform, 2).ports;
  if (std::int64_t{set.leaves} * set.uplinks > spine_ports)
    refuse(where, "spine0 needs " + std::to_string(std::int64_t{set.leaves} * set.uplinks) + " ports but has " +
                      std::to_string(spine_ports) + " (use fewer leaves, fewer uplinks per spine, or a switch with more ports)");
  ClosPlan clos;
  clos.leaves = clos.leaves_per_pod = set.leaves;
  clos.spines_per_pod = set.spines;
  clos.uplinks = up;
  return {{LeafFilling::By::node, per_leaf}, clos};
}

void build(FabricBuilder& builder, const Platform& platform, const std::vector<std::vector<VertexId>>& adapters)
{
  const Plan wiring = plan(platform);
  fill_leaves(builder, platform, wiring.filling, build_clos(builder, platform, wiring.clos), adapters);
}

TopologyForm form(const Platform& platform)
{
  const Plan wiring = plan(platform);
  const std::vector<LeafHalves> leaves = halves_of(platform, wiring.filling, wiring.clos.leaves);
  TopologyForm result = clos_form(platform, wiring.clos, leaves);
  const auto used = std::count_if(leaves.begin(), leaves.end(), [](const LeafHalves& leaf) { return leaf.first + leaf.second > 0; });
  if (used <= 1) result.diameter = 1; // every adapter hangs on leaf0, whatever else was bought
  return result;
}

} // namespace

extern const TopologyKind kind_leaf_spine_topology_kinds;
const TopologyKind kind_leaf_spine_topology_kinds{
    "leaf-spine",
    "two tiers of given size; every leaf is joined to every spine",
    "Alizadeh, Edsall, \"On the data path performance of leaf-spine datacenter fabrics\", HOTI 2013",
    settings,
    build,
    form};

} // namespace weft
