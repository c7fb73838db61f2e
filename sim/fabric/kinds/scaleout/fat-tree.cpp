// Fat-tree: a folded Clos of one switch model; all adapters of a node hang on one leaf, nodes fill the leaves in order.
//
// A leaf takes the most whole nodes n with n x adapters + ceil(n x adapters / oversubscription) <= ports, and has
// ceil(n x adapters / oversubscription) uplinks. When one switch holds every adapter and no number of tiers is asked for, it is the
// whole network. Spines and cores: the rule of clos.hpp.
#include "fabric/clos.hpp"
#include "fabric/wiring.hpp"

namespace weft {

namespace {

struct FatTree {
  int tiers = 0;
  double oversubscription = 1;
  double spine_oversubscription = 1;
};

} // namespace

template <> const Record<FatTree>& record_of<FatTree>()
{
  static const Record<FatTree> record =
      Record<FatTree>("fat-tree", "A folded Clos of one switch model; a node's adapters hang on one leaf.")
          .optional("tiers", &FatTree::tiers, "switch tiers, 2 or 3; 0: the fewest that fit, one switch if it holds everything",
                    {"0, 2 or 3", [](const int& v) { return v == 0 || v == 2 || v == 3; }})
          .optional("oversubscription", &FatTree::oversubscription,
                    "leaf down-links per up-link; 1: non-blocking, below 1: more up than down", in_range(0.01, 1000.0))
          .optional("spine-oversubscription", &FatTree::spine_oversubscription, "spine down-links per up-link, three tiers only",
                    in_range(0.01, 1000.0));
  return record;
}

namespace {

std::vector<FieldDoc> settings() { return record_of<FatTree>().docs(); }

struct Plan {
  std::int64_t nodes_per_leaf = 1;
  ClosPlan clos;
};

Plan plan(const Platform& platform)
{
  require_network(platform);
  const Node& where = platform.fabric.settings;
  const auto set = settings_of<FatTree>(where);
  const std::int64_t ports = platform.fabric.switch_model.ports, adapters = platform.node.adapters.count;
  if (set.tiers == 0 && platform.nodes * adapters <= ports) return {platform.nodes, {}};
  const std::int64_t down = most_down_ports(ports, set.oversubscription, adapters);
  if (down == 0)
    refuse(where, "a leaf with " + std::to_string(ports) + " ports cannot hold one node's " + std::to_string(adapters) +
                      " adapters and its uplinks (use a switch with more ports, more oversubscription, or kind: rail-optimized)");
  const std::int64_t per_leaf = down / adapters;
  const ClosDemand demand{.leaves = (platform.nodes + per_leaf - 1) / per_leaf,
                          .uplinks = up_ports(down, set.oversubscription),
                          .block = 1,
                          .radix = platform.fabric.switch_model.ports,
                          .tiers = set.tiers,
                          .spine_oversubscription = set.spine_oversubscription};
  return {per_leaf, plan_clos(demand, where)};
}

void build(FabricBuilder& builder, const Platform& platform, const std::vector<std::vector<VertexId>>& adapters)
{
  const Plan tree = plan(platform);
  const std::vector<VertexId> leaves = build_clos(builder, platform, tree.clos);
  for (std::size_t node = 0; node < adapters.size(); ++node)
    for (const VertexId adapter : adapters[node])
      attach_adapter(builder, platform, adapter, leaves[node / static_cast<std::size_t>(tree.nodes_per_leaf)]);
}

TopologyForm form(const Platform& platform)
{
  const Plan tree = plan(platform);
  std::vector<LeafHalves> leaves(static_cast<std::size_t>(tree.clos.leaves));
  for (std::int64_t node = 0; node < platform.nodes; ++node) {
    LeafHalves& leaf = leaves[static_cast<std::size_t>(node / tree.nodes_per_leaf)];
    (in_first_half(node, platform.nodes) ? leaf.first : leaf.second) += platform.node.adapters.count;
  }
  return clos_form(platform, tree.clos, leaves);
}

} // namespace

extern const TopologyKind kind_fat_tree_topology_kinds;
const TopologyKind kind_fat_tree_topology_kinds{"fat-tree",
                                                "folded Clos of one switch model in two or three tiers; a node's adapters hang on one leaf",
                                                "Leiserson, IEEE Trans. Comput. C-34(10), 1985; Al-Fares, Loukissas, Vahdat, SIGCOMM 2008",
                                                settings,
                                                build,
                                                form};

} // namespace weft
