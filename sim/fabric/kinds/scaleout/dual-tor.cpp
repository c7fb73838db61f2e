// Dual-ToR, dual-plane: every adapter has two ports at half its rate, each on a leaf of a plane of its own, so that losing one leaf
// halves an adapter and cuts off none.
//
// A segment has as many nodes as fit a leaf, or `segment-nodes`, and one leaf per adapter of a node and plane: port q of adapter r of a
// node of segment g hangs on leaf g x adapters + r of plane q. The leaves of a plane join in a folded Clos of their own (clos.hpp); the
// planes meet only in the adapters. A switch port of a leaf breaks out into as many adapter ports as an adapter has. With 128-port
// 400 Gb/s switches, 8 adapters of 2 x 200 Gb/s, segments of 128 nodes and 60 uplinks this gives the published pod of 15 segments:
// 240 leaves and 120 spines.
//
// A flow hashed or routed to one way uses one port, half of the adapter's rate; routing: spray uses both, as connections on disjoint ways
// do.
#include "fabric/clos.hpp"
#include "fabric/wiring.hpp"

#include <algorithm>

namespace weft {

namespace {

struct DualTor {
  int ports = 2;
  int segment_nodes = 0;
  int uplinks = 0;
  int tiers = 0;
  double spine_oversubscription = 1;
};

} // namespace

template <> const Record<DualTor>& record_of<DualTor>()
{
  static const Record<DualTor> record =
      Record<DualTor>("dual-tor", "Every adapter on two leaves of two separate planes.")
          .optional("ports", &DualTor::ports, "ports of an adapter, which share its bandwidth evenly, and planes", in_range(1, 16))
          .optional("segment-nodes", &DualTor::segment_nodes, "nodes of one segment; 0: as many as fit a leaf with as much up as down",
                    at_least(0))
          .optional("uplinks", &DualTor::uplinks, "cables up from each leaf; 0: as much bandwidth up as down, at full segments",
                    in_range(0, 65536))
          .optional("tiers", &DualTor::tiers, "switch tiers, 2 or 3; 0: the fewest that fit",
                    {"0, 2 or 3", [](const int& v) { return v == 0 || v == 2 || v == 3; }})
          .optional("spine-oversubscription", &DualTor::spine_oversubscription, "spine down-links per up-link, three tiers only",
                    in_range(0.01, 1000.0));
  return record;
}

namespace {

std::vector<FieldDoc> settings() { return record_of<DualTor>().docs(); }

struct Plan {
  std::int64_t planes = 2, segment_nodes = 1;
  int leaf_cables = 0; ///< how many a leaf has room for, down ones broken out
  ClosPlan clos;       ///< of one plane
};

Plan plan(const Platform& platform)
{
  require_network(platform);
  const Node& where = platform.fabric.settings;
  const auto set = settings_of<DualTor>(where);
  const std::int64_t switch_ports = platform.fabric.switch_model.ports, adapters = platform.node.adapters.count, split = set.ports;
  const std::int64_t for_nodes = set.uplinks > 0 ? switch_ports - set.uplinks : switch_ports / 2; // switch ports left to go down
  const std::int64_t segment = set.segment_nodes > 0 ? set.segment_nodes : for_nodes * split;
  const std::int64_t down = (segment + split - 1) / split, up = set.uplinks > 0 ? set.uplinks : down;
  if (for_nodes < 1 || down + up > switch_ports)
    refuse(where, "a leaf with " + std::to_string(down) + " ports for nodes and " + std::to_string(up) + " uplinks needs more than its " +
                      std::to_string(switch_ports) + " ports (lower segment-nodes or uplinks, or use a switch with more ports)");
  const ClosDemand demand{.leaves = (platform.nodes + segment - 1) / segment * adapters,
                          .uplinks = up,
                          .block = adapters,
                          .radix = switch_of_tier(platform, 2).ports,
                          .tiers = set.tiers,
                          .spine_oversubscription = set.spine_oversubscription};
  return {split, segment, static_cast<int>((switch_ports - up) * split + up), plan_clos(demand, where)};
}

/// The platform with the rate of one port for an adapter's.
Platform of_one_port(const Platform& platform, std::int64_t ports)
{
  Platform result = platform;
  result.node.adapters.bandwidth *= 1.0 / static_cast<double>(ports);
  return result;
}

void build(FabricBuilder& builder, const Platform& platform, const std::vector<std::vector<VertexId>>& adapters)
{
  const Plan tors = plan(platform);
  const Platform port = of_one_port(platform, tors.planes);
  for (std::int64_t plane = 0; plane < tors.planes; ++plane) {
    const std::vector<VertexId> leaves = build_clos(builder, platform, tors.clos, "plane" + std::to_string(plane) + "-");
    for (const VertexId leaf : leaves) builder.vertices[leaf.index()].ports = tors.leaf_cables;
    fill_leaves(builder, port, {LeafFilling::By::unit, tors.segment_nodes}, leaves, adapters);
  }
}

TopologyForm form(const Platform& platform)
{
  const Plan tors = plan(platform);
  const std::int64_t adapters = platform.node.adapters.count;
  const std::vector<LeafHalves> leaves = halves_of(platform, {LeafFilling::By::unit, tors.segment_nodes}, tors.clos.leaves);
  TopologyForm result = clos_form(of_one_port(platform, tors.planes), tors.clos, leaves);
  result.switches *= tors.planes;
  result.access_cables *= tors.planes;
  result.trunk_cables *= tors.planes;
  result.bisection *= static_cast<double>(tors.planes); // the planes meet only in the adapters, whose sides are given
  if (std::int64_t{platform.nodes} * adapters == 1) result.diameter = 0;
  return result;
}

} // namespace

extern const TopologyKind kind_dual_tor_topology_kinds;
const TopologyKind kind_dual_tor_topology_kinds{
    "dual-tor",
    "every adapter's two ports on two leaves of two separate planes, rail by rail",
    "Qian et al., Alibaba HPN: a data center network for large language model training, SIGCOMM 2024",
    settings,
    build,
    form};

} // namespace weft
