// Which links lead on towards a destination: inside a scale-up domain, and over network switches. Internal to the room.
#pragma once
#include "fabric/walk.hpp"

#include <limits>
#include <optional>

namespace weft {

/// Ways between two vertices of one scale-up domain.
class DomainWays {
  const Fabric& fabric_;
  std::size_t first_, to_;

public:
  DomainWays(const Fabric& fabric, const ScaleupDomain& domain, VertexId to)
      : fabric_(fabric), first_(fabric.accelerators[domain.members.front().index()].index()), to_(to.index() - first_)
  {
  }
  void find(VertexId at, LinkChoices& choices) const
  {
    const RoutingTable& table = *fabric_.routing;
    const std::uint8_t here = table.domain_distance[(at.index() - first_) * table.domain_size + to_];
    choices.clear();
    for (const std::uint32_t l : links_out(fabric_, at)) {
      const std::size_t next = fabric_.links[l].to.index() - first_;
      if (next < table.domain_size && table.domain_distance[next * table.domain_size + to_] + 1 == here) choices.push_back(LinkId{l});
    }
  }
  [[nodiscard]] static std::uint64_t divisor(LinkId) { return 1; }
  [[nodiscard]] bool arrived(VertexId at) const { return at.index() - first_ == to_; }
  /// Links from a vertex of the domain to the destination.
  [[nodiscard]] int distance(VertexId at) const
  {
    const RoutingTable& table = *fabric_.routing;
    return table.domain_distance[(at.index() - first_) * table.domain_size + to_];
  }
};

/// Ways over network switches to an adapter, or to whichever switch of a group is nearest.
class NetworkWays {
  const Fabric& fabric_;
  std::optional<VertexId> to_; ///< the adapter; nothing: a group
  const std::vector<std::uint16_t>& distance_;

public:
  NetworkWays(const Fabric& fabric, VertexId to) : fabric_(fabric), to_(to), distance_(distances_to(fabric, to)) {}
  NetworkWays(const Fabric& fabric, std::uint32_t group) : fabric_(fabric), distance_(distances_to_group(fabric, group)) {}
  /// What is left of the way from an adapter or switch, as RoutingTable counts it.
  [[nodiscard]] int distance(VertexId v) const
  {
    if (to_ && v == *to_) return 0;
    const std::uint32_t number = fabric_.routing->switch_number[v.index()];
    return number == RoutingTable::no_number ? RoutingTable::unreachable : distance_[number];
  }
  [[nodiscard]] bool arrived(VertexId at) const { return distance(at) == (to_ ? 0 : 1); }
  void find(VertexId at, LinkChoices& choices) const
  {
    int best = std::numeric_limits<int>::max();
    choices.clear();
    for (const std::uint32_t l : links_out(fabric_, at)) {
      const int rest = distance(fabric_.links[l].to);
      if (rest == RoutingTable::unreachable) continue;
      const int d = rest + cost_of(fabric_, fabric_.links[l]);
      if (d > best) continue;
      if (d < best) choices.clear();
      best = d;
      choices.push_back(LinkId{l});
    }
  }
  [[nodiscard]] std::uint64_t divisor(LinkId first) const
  {
    const Link& link = fabric_.links[first.index()];
    const int lower = std::min(fabric_.vertices[link.from.index()].tier, fabric_.vertices[link.to.index()].tier);
    return fabric_.routing->tier_divisor[static_cast<std::size_t>(std::max(0, lower))];
  }
};

} // namespace weft
