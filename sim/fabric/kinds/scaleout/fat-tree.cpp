// Fat-tree: a folded Clos of one switch model; all adapters of a node hang on one leaf, nodes fill the leaves in order.
//
// A leaf takes the most whole nodes n with n x adapters + ceil(n x adapters / oversubscription) <= ports, and has
// ceil(n x adapters / oversubscription) uplinks. When one switch holds every adapter and no number of tiers is asked for, it is the
// whole network. Spines and cores: the rule of clos.hpp. Every level has an oversubscription of its own, and racks and pods a size, so that
// a network of racks, pods and an aggregation layer is this kind: racks of 2 nodes with twice the uplinks, pods of 192 racks, 7 to 1 above
// them (`nodes-per-leaf: 2, oversubscription: 0.5, leaves-per-pod: 192, spine-oversubscription: 7`).
#include "fabric/clos.hpp"
#include "fabric/wiring.hpp"

namespace weft {

namespace {

struct FatTree {
  int tiers = 0;
  int nodes_per_leaf = 0;
  int leaves_per_pod = 0;
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
          .optional("nodes-per-leaf", &FatTree::nodes_per_leaf, "nodes of a leaf (a rack); 0: as many as it has down ports for",
                    at_least(0))
          .optional("leaves-per-pod", &FatTree::leaves_per_pod,
                    "leaves of a pod, three tiers only; 0: as many as the spines hold, in pods of equal size", at_least(0))
          .optional("oversubscription", &FatTree::oversubscription,
                    "leaf down-links per up-link; 1: non-blocking, below 1: more up than down", in_range(0.01, 1000.0))
          .optional("spine-oversubscription", &FatTree::spine_oversubscription, "spine down-links per up-link, three tiers only",
                    in_range(0.01, 1000.0));
  return record;
}

namespace {

std::vector<FieldDoc> settings() { return record_of<FatTree>().docs(); }

struct Plan {
  LeafFilling filling;
  ClosPlan clos;
};

Plan plan(const Platform& platform)
{
  require_network(platform);
  const Node& where = platform.fabric.settings;
  const auto set = settings_of<FatTree>(where);
  const std::int64_t ports = platform.fabric.switch_model.ports, adapters = platform.node.adapters.count;
  const bool free_size = set.tiers == 0 && set.nodes_per_leaf == 0;
  if (free_size && platform.nodes * adapters <= ports) return {{LeafFilling::By::node, platform.nodes}, {}};
  const std::int64_t most = most_down_ports(ports, set.oversubscription, adapters);
  if (most == 0)
    refuse(where, "a leaf with " + std::to_string(ports) + " ports cannot hold one node's " + std::to_string(adapters) +
                      " adapters and its uplinks (use a switch with more ports, more oversubscription, or kind: rail-optimized)");
  if (set.nodes_per_leaf * adapters > most)
    refuse(where, std::to_string(set.nodes_per_leaf) + " nodes do not fit on a leaf with " + std::to_string(ports) +
                      " ports (use at most " + std::to_string(most / adapters) + ", more oversubscription, or a switch with more ports)");
  const std::int64_t per_leaf = set.nodes_per_leaf > 0 ? set.nodes_per_leaf : most / adapters, down = per_leaf * adapters;
  const ClosDemand demand{.leaves = (platform.nodes + per_leaf - 1) / per_leaf,
                          .uplinks = up_ports(down, set.oversubscription),
                          .block = 1,
                          .radix = switch_of_tier(platform, 2).ports,
                          .leaves_per_pod = set.leaves_per_pod,
                          .tiers = set.tiers,
                          .spine_oversubscription = set.spine_oversubscription};
  return {{LeafFilling::By::node, per_leaf}, plan_clos(demand, where)};
}

void build(FabricBuilder& builder, const Platform& platform, const std::vector<std::vector<VertexId>>& adapters)
{
  const Plan tree = plan(platform);
  fill_leaves(builder, platform, tree.filling, build_clos(builder, platform, tree.clos), adapters);
}

TopologyForm form(const Platform& platform)
{
  const Plan tree = plan(platform);
  return clos_form(platform, tree.clos, halves_of(platform, tree.filling, tree.clos.leaves));
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
