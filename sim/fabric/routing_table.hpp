// Equal-cost shortest ways over the network, found when first asked for and kept: one distance field per destination's first switch.
#pragma once
#include "fabric/routing.hpp"

#include <unordered_map>

namespace weft {

/// What route() needs besides the graph. Distances count links to the destination, a cable between two groups of a dragonfly
/// `global_cost` more: its shortest ways are those of fewest global cables (Kim et al., ISCA 2008, section 4.1: minimal routing takes
/// one), then of fewest links. They fill lazily, so routing is not thread-safe.
struct RoutingTable {
  const RoutingKind* kind = nullptr;
  RoutingPolicy policy;
  Pxn pxn = Pxn::needed;
  static constexpr std::uint32_t no_number = 0xffffffff;
  static constexpr std::uint16_t unreachable = 0xffff;
  static constexpr int global_cost = 4096;   ///< more than the links of any way within dragonfly groups
  std::vector<std::uint32_t> switch_number;  ///< per vertex: its number among network switches
  std::vector<std::uint32_t> adapter_number; ///< per vertex: its number for modulo routing
  std::vector<VertexId> switches;            ///< by number
  std::vector<std::uint64_t> tier_divisor;   ///< per tier t: product of the most up-links of one switch of each tier below t
  /// Per vertex: which of the networks that nothing but nodes joins it belongs to (a rail, a plane); no_number inside nodes.
  std::vector<std::uint32_t> network_part;
  std::vector<std::vector<VertexId>> groups;                      ///< of switches, for detours: see DetourQuestion
  std::vector<std::uint32_t> group_of;                            ///< per switch number; no_number: no group
  std::vector<std::vector<std::uint32_t>> part_groups;            ///< per network part: its groups, ascending
  mutable std::vector<std::vector<std::uint16_t>> group_distance; ///< per group of several switches: distance of every switch, 1 inside
  /// Per vertex that is a destination: distance of every switch from the adapters behind it, in links.
  mutable std::vector<std::vector<std::uint16_t>> distance;
  /// For kinds that weigh detours: seconds per byte placed on every link so far, and what was decided for whom.
  mutable std::vector<double> placed;
  mutable std::unordered_map<std::uint64_t, bool> detoured; // looked up only, never walked
  static constexpr std::size_t most_placed = std::size_t{1} << 22;
  /// Scale-up domains are wired alike: distance from local vertex a to local vertex b is domain_distance[a x domain_size + b].
  std::uint32_t domain_size = 0;
  std::vector<std::uint8_t> domain_distance;
};

/// What the platform says of routing, its kind found.
struct RoutingChoice {
  const RoutingKind* kind = nullptr;
  RoutingPolicy policy;
  Pxn pxn = Pxn::needed;
};
std::shared_ptr<const RoutingTable> make_routing_table(const Fabric& fabric, const RoutingChoice& choice);

/// Numbers of the links that leave a vertex.
inline std::span<const std::uint32_t> links_out(const Fabric& fabric, VertexId v)
{
  return {fabric.out_links.data() + fabric.first_out[v.index()], fabric.first_out[v.index() + 1] - fabric.first_out[v.index()]};
}

/// The distance field towards an adapter. Adapters on one switch share the field of that switch; an adapter on several has its own.
const std::vector<std::uint16_t>& distances_to(const Fabric& fabric, VertexId adapter);

/// What a link adds to a distance.
inline int cost_of(const Fabric& fabric, const Link& link)
{
  const int from = fabric.vertices[link.from.index()].group, to = fabric.vertices[link.to.index()].group;
  return from >= 0 && to >= 0 && from != to ? 1 + RoutingTable::global_cost : 1;
}

/// The distance field towards a group of switches: 1 at its members, one more per link.
const std::vector<std::uint16_t>& distances_to_group(const Fabric& fabric, std::uint32_t group);

/// Switches on the shortest way between two adapters; 0 for adapters joined by a cable, RoutingTable::unreachable without a way.
int switches_between(const Fabric& fabric, VertexId from, VertexId to);

} // namespace weft
