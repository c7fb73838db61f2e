// Rail-optimized: adapter r of every node of a unit hangs on the unit's leaf r, so that equal adapters of a unit are one switch apart.
//
// A unit has as many nodes as a leaf has down ports (n + ceil(n / oversubscription) <= ports), or `unit_nodes`; it has one leaf per
// adapter of a node; leaf r of unit g is leaf number g x adapters + r. Spines and cores: the rule of clos.hpp, units whole in their pod.
// With 64-port switches and 8 adapters this gives NVIDIA's DGX SuperPOD: units of 32 nodes, 128 nodes on 32 leaves and 16 spines,
// 2,048 nodes on 512 leaves, 512 spines and 256 cores (DGX SuperPOD reference architecture, B200, compute fabric table). With 40-port
// switches, units of 20 nodes and `pods: rails` it gives the A100 SuperPOD: 140 nodes on 56 leaves, 80 spines and 28 cores.
#include "fabric/clos.hpp"
#include "fabric/wiring.hpp"

#include <algorithm>

namespace weft {

/// Which leaves share the spines of a pod, in three tiers.
enum class RailPods { units, rails };
template <> struct Choices<RailPods> {
  static constexpr std::array<const char*, 2> names{"units", "rails"};
};

namespace {

struct RailOptimized {
  int unit_nodes = 0;
  RailPods pods = RailPods::units;
  int tiers = 0;
  double oversubscription = 1;
  double spine_oversubscription = 1;
};

} // namespace

template <> const Record<RailOptimized>& record_of<RailOptimized>()
{
  static const Record<RailOptimized> record =
      Record<RailOptimized>("rail-optimized",
                            "Adapter r of every node of a unit hangs on leaf r of the unit; leaves join in a folded Clos.")
          .optional("unit-nodes", &RailOptimized::unit_nodes, "nodes of one unit; 0: as many as a leaf has down ports", at_least(0))
          .optional("pods", &RailOptimized::pods,
                    "three tiers only: whether whole units share the spines of a pod, or the leaves of one rail of all units do")
          .optional("tiers", &RailOptimized::tiers, "switch tiers, 2 or 3; 0: the fewest that fit",
                    {"0, 2 or 3", [](const int& v) { return v == 0 || v == 2 || v == 3; }})
          .optional("oversubscription", &RailOptimized::oversubscription,
                    "leaf down-links per up-link; 1: non-blocking, below 1: more up than down", in_range(0.01, 1000.0))
          .optional("spine-oversubscription", &RailOptimized::spine_oversubscription, "spine down-links per up-link, three tiers only",
                    in_range(0.01, 1000.0));
  return record;
}

namespace {

std::vector<FieldDoc> settings() { return record_of<RailOptimized>().docs(); }

struct Plan {
  LeafFilling filling;
  ClosPlan clos;
};

Plan plan(const Platform& platform)
{
  require_network(platform);
  const Node& where = platform.fabric.settings;
  const auto set = settings_of<RailOptimized>(where);
  const std::int64_t ports = platform.fabric.switch_model.ports, adapters = platform.node.adapters.count;
  const std::int64_t most = most_down_ports(ports, set.oversubscription, 1);
  if (most == 0)
    refuse(where, "a leaf with " + std::to_string(ports) +
                      " ports has no room for a node and its uplinks (use a switch with more ports or more oversubscription)");
  if (set.unit_nodes > most)
    refuse(where, "a unit of " + std::to_string(set.unit_nodes) + " nodes does not fit on leaves with " + std::to_string(ports) +
                      " ports (use at most " + std::to_string(most) + " nodes per unit, or more oversubscription)");
  const std::int64_t unit = set.unit_nodes > 0 ? set.unit_nodes : most;
  const std::int64_t units = (platform.nodes + unit - 1) / unit;
  const bool three_tiers = set.tiers == 3 || units * adapters > switch_of_tier(platform, 2).ports;
  const bool by_rail = set.pods == RailPods::rails && three_tiers;
  const ClosDemand demand{.leaves = units * adapters,
                          .uplinks = up_ports(unit, set.oversubscription),
                          .block = by_rail ? 1 : adapters,
                          .radix = switch_of_tier(platform, 2).ports,
                          .leaves_per_pod = by_rail ? units : 0,
                          .tiers = set.tiers,
                          .spine_oversubscription = set.spine_oversubscription};
  return {{by_rail ? LeafFilling::By::rail : LeafFilling::By::unit, unit, units}, plan_clos(demand, where)};
}

void build(FabricBuilder& builder, const Platform& platform, const std::vector<std::vector<VertexId>>& adapters)
{
  const Plan rails = plan(platform);
  fill_leaves(builder, platform, rails.filling, build_clos(builder, platform, rails.clos), adapters);
}

TopologyForm form(const Platform& platform)
{
  const Plan rails = plan(platform);
  return clos_form(platform, rails.clos, halves_of(platform, rails.filling, rails.clos.leaves));
}

} // namespace

extern const TopologyKind kind_rail_optimized_topology_kinds;
const TopologyKind kind_rail_optimized_topology_kinds{
    "rail-optimized",
    "equal adapters of a unit's nodes share a leaf; leaves join in two or three tiers",
    "NVIDIA DGX SuperPOD reference architecture, compute fabric; Wang et al., Rail-only, 2023",
    settings,
    build,
    form};

} // namespace weft
