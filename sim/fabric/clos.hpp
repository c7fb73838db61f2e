// Folded Clos networks of one switch model in two or three tiers: how many switches and cables, which to which, and closed forms.
// Fat-tree and rail-optimized differ only in which adapters hang on which leaf.
//
// The wiring rule. A leaf has `uplinks` cables up.
//   two tiers    Every leaf reaches every spine, its uplinks dealt evenly over ceil(uplinks / c) spines, c = floor(radix / leaves).
//   three tiers  Leaves are dealt into pods of equal size (the last may be short). A spine has down ports for at most D leaf cables,
//                D + D / spine_oversubscription <= radix. A user may give the leaves of a pod instead. Inside a pod every leaf reaches
//                every spine over c cables, c the largest divisor of `uplinks` with leaves_per_pod x c <= D. A spine has U = leaves_per_pod
//                x c / spine_oversubscription cables up. Spine s of every pod belongs to plane s / m; each plane has cores of its own, over
//                which every spine of the plane deals its U cables evenly: ceil(U / k) cores, k = floor(radix / pods / m). m divides the
//                spines of a pod; it is the one that needs the fewest cores, of equals the smallest.
// Dealt evenly: where u cables do not divide by n switches, the first u mod n get one more, the same from every leaf and pod. So every pod
// is joined to a core by as many cables as every other, and what climbs finds as many ways down.
// A tier that would join nothing is left out. Short pods and leaves keep all their uplinks, so the wiring stays regular.
// Source: Leiserson, "Fat-trees: universal networks for hardware-efficient supercomputing", IEEE Trans. Comput. C-34(10), 1985;
// parallel ports as in Zahavi, "Fat-tree routing and node ordering providing contention free traffic for MPI global collectives", JPDC
// 2012.
#pragma once
#include "fabric/topology.hpp"

namespace weft {

/// What a kind asks for.
struct ClosDemand {
  std::int64_t leaves = 1;
  std::int64_t uplinks = 1;          ///< cables up from each leaf
  std::int64_t block = 1;            ///< consecutive leaves that must stay in one pod
  int radix = 2;                     ///< ports of every switch above the leaves
  std::int64_t leaves_per_pod = 0;   ///< three tiers only; 0: as many as the spines hold, in pods of equal size
  int tiers = 0;                     ///< 2, 3, or 0: the fewest that fit
  double spine_oversubscription = 1; ///< spine down-links per up-link, three tiers only
};

/// What the rule above gives. Zero spines: one leaf is the network; zero cores: two tiers.
struct ClosPlan {
  std::int64_t leaves = 1, uplinks = 0;
  std::int64_t pods = 1, leaves_per_pod = 1, spines_per_pod = 0;
  std::int64_t spine_uplinks = 0;
  std::int64_t spines_per_plane = 1; ///< of one pod
  std::int64_t cores_per_plane = 0;
};

/// Parallel cables to switch number `which` of `switches` over which `cables` are dealt evenly.
inline std::int64_t dealt(std::int64_t cables, std::int64_t switches, std::int64_t which)
{
  return cables / switches + (which < cables % switches ? 1 : 0);
}

/// Cores of all planes.
inline std::int64_t cores_of(const ClosPlan& plan) { return plan.spines_per_pod / plan.spines_per_plane * plan.cores_per_plane; }

/// Throws ConfigError about `where` when the machine does not fit.
ClosPlan plan_clos(const ClosDemand& demand, const Node& where);

/// The most n with n + ceil(n / oversubscription) <= radix, n a multiple of `step`; 0 when not even one step fits.
std::int64_t most_down_ports(std::int64_t radix, double oversubscription, std::int64_t step);
/// ceil(down / oversubscription), at least 1.
std::int64_t up_ports(std::int64_t down, double oversubscription);

/// Adds switches and trunks, their names after `prefix`; returns the leaves.
std::vector<VertexId> build_clos(FabricBuilder& builder, const Platform& platform, const ClosPlan& plan, const std::string& prefix = "");

/// Adapters of the first half of the nodes (floor(nodes / 2)) and of the rest on one leaf.
struct LeafHalves {
  std::int64_t first = 0, second = 0;
};
/// Where adapters hang: all of a node on one leaf, `nodes_per_leaf` nodes on each; or, by rails, adapter r of the nodes of a unit on a leaf
/// of their own, `nodes_per_leaf` nodes in each unit: leaves are numbered unit by unit, or rail by rail.
struct LeafFilling {
  enum class By { node, unit, rail } by = By::node;
  std::int64_t nodes_per_leaf = 1;
  std::int64_t units = 1; ///< by rail only
  [[nodiscard]] std::int64_t leaf_of(std::int64_t node, std::int64_t adapter, std::int64_t adapters_per_node) const
  {
    const std::int64_t unit = node / nodes_per_leaf;
    return by == By::node ? unit : by == By::unit ? unit * adapters_per_node + adapter : adapter * units + unit;
  }
};
/// Hangs every adapter on its leaf.
void fill_leaves(FabricBuilder& builder, const Platform& platform, const LeafFilling& filling, const std::vector<VertexId>& leaves,
                 const std::vector<std::vector<VertexId>>& adapters);
/// How many adapters of either half hang on each of so many leaves.
std::vector<LeafHalves> halves_of(const Platform& platform, const LeafFilling& filling, std::int64_t leaves);

/// Closed forms of a Clos with these adapters on its leaves.
TopologyForm clos_form(const Platform& platform, const ClosPlan& plan, const std::vector<LeafHalves>& leaves);

/// Whether node number `node` belongs to the first half.
inline bool in_first_half(std::int64_t node, std::int64_t nodes) { return node < nodes / 2; }

} // namespace weft
