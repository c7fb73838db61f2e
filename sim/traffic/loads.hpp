// What one phase of an algorithm puts on the links of the fabric, per byte of payload, before any protocol: the edges of the
// algorithm laid over the routes between the group's members.
#pragma once
#include "collectives/collective.hpp"
#include "fabric/fabric.hpp"

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace weft {

/// The routes of one group, asked once per pair. Vertices are an algorithm's: member numbers, and members + d for the switch of domain d.
class GroupRoutes {
public:
  /// `label` distinguishes the group's connections from others of the same pairs where routing hashes flows.
  GroupRoutes(const Fabric& fabric, const GroupShape& shape, std::span<const AcceleratorId> members, std::uint64_t label);
  /// The way along an edge; good until the next call. Throws LogicError for an edge that has none.
  const Route& between(std::uint32_t from, std::uint32_t to);
  /// Whether either end is a switch.
  [[nodiscard]] bool is_in_switch(std::uint32_t from, std::uint32_t to) const { return from >= members_.size() || to >= members_.size(); }
  /// Whether both ends are members of one scale-up domain.
  [[nodiscard]] bool is_scaleup(std::uint32_t from, std::uint32_t to) const { return shape_.domain[from] == shape_.domain[to]; }
  [[nodiscard]] const Fabric& fabric() const { return fabric_; }
  [[nodiscard]] std::size_t members() const { return members_.size(); }
  [[nodiscard]] std::span<const AcceleratorId> devices() const { return members_; }

private:
  [[nodiscard]] Route find(std::uint32_t from, std::uint32_t to) const;
  const Fabric& fabric_;
  const GroupShape& shape_;
  std::span<const AcceleratorId> members_;
  std::uint64_t label_;
  std::unordered_map<std::uint64_t, Route> known_; // looked up by pair only, never walked
};

/// Load of one link in units of an edge, for edges between members and for edges to or from a reducing switch.
struct LinkLoad {
  std::uint32_t link = 0;
  double member = 0, in_switch = 0;
};

/// A phase over the fabric.
///
/// The unit of edges between members is the least edge when all others are whole multiples of it, else the busiest. A ring of k channels,
/// say, puts k - 1 connections on the links inside a node and one on each adapter: with one channel's edge as the unit, links are charged
/// by their number of connections, which is what max-min fair sharing with other flows should see (and whole numbers are kinder to check).
/// The unit of edges to and from a switch is the busiest.
struct PhaseLoad {
  std::vector<LinkLoad> links;             ///< sorted by link
  double member_edge = 0, switch_edge = 0; ///< the units, in bytes per byte of payload; 0: no such edge
  Seconds scaleup_route, network_route;    ///< latency of the slowest route inside a domain, between domains
  Seconds up_route, down_route;            ///< to and from a reducing switch
  bool through_host = false;               ///< some way inside a domain passes an adapter or host port instead of scale-up links
};

/// Lays a phase over the routes of a group. Where every member sends every other the same (Phase::every_pair), the sum over destinations
/// takes the place of the pairs' routes if the routing kind takes all ways in equal parts, for the sums are the same, and in groups of
/// more than 4,096 members (all_pairs.hpp says what is left out). Throws CannotFinish as all_pairs_load does.
PhaseLoad load_of(const Phase& phase, GroupRoutes& routes);

} // namespace weft
