#include "traffic/loads.hpp"

#include "collectives/edges.hpp"
#include "config/error.hpp"
#include "fabric/all_pairs.hpp"

#include <algorithm>
#include <cmath>

namespace weft {
namespace {

/// Most routes kept at a time, and most hops collected before they are added up: bounds memory for all-to-all among thousands.
constexpr std::size_t most_routes = 1u << 16, most_hops = 1u << 21;

/// Adds up equal links. Within a link values are added in ascending order, so that the sum depends on the values alone and
/// look-alike links of look-alike groups get the same double. Sums a rounding away from a whole number become it: 3 x 1/3 is 1.
void add_up(std::vector<LinkLoad>& hops)
{
  std::sort(hops.begin(), hops.end(), [](const LinkLoad& a, const LinkLoad& b) {
    return a.link != b.link ? a.link < b.link : a.member != b.member ? a.member < b.member : a.in_switch < b.in_switch;
  });
  std::size_t last = 0;
  for (std::size_t i = 1; i < hops.size(); ++i) {
    if (hops[i].link == hops[last].link) {
      hops[last].member += hops[i].member;
      hops[last].in_switch += hops[i].in_switch;
    } else
      hops[++last] = hops[i];
  }
  if (!hops.empty()) hops.resize(last + 1);
}

double snapped(double value)
{
  const double whole = std::round(value);
  return std::abs(value - whole) < 1e-12 * std::max(1.0, whole) ? whole : value;
}

/// Unit of the edges between members, see PhaseLoad; 0 when there are none.
double member_unit(const Phase& phase, const GroupRoutes& routes)
{
  if (phase.every_pair > 0) return phase.every_pair;
  double least = 0, most = 0;
  for (const Edge& edge : phase.edges) {
    if (edge.bytes_per_byte <= 0 || routes.is_in_switch(edge.from, edge.to)) continue;
    least = least > 0 ? std::min(least, edge.bytes_per_byte) : edge.bytes_per_byte;
    most = std::max(most, edge.bytes_per_byte);
  }
  constexpr double most_connections = 4096; // beyond, the least edge is a remainder rather than a connection
  if (most > most_connections * least) return most;
  const auto whole = [&](const Edge& edge) {
    const double ratio = edge.bytes_per_byte / least;
    return edge.bytes_per_byte <= 0 || routes.is_in_switch(edge.from, edge.to) || std::abs(ratio - std::round(ratio)) < 1e-9 * ratio;
  };
  return std::all_of(phase.edges.begin(), phase.edges.end(), whole) ? least : most;
}

/// Whether a way inside a domain leaves the scale-up links for host links.
bool passes_host(const Fabric& fabric, const Route& route)
{
  return std::any_of(route.hops.begin(), route.hops.end(), [&](const Hop& hop) {
    const VertexKind entered = fabric.vertices[fabric.links[hop.link.index()].to.index()].kind;
    return entered == VertexKind::adapter || entered == VertexKind::host_switch;
  });
}

void note_latency(PhaseLoad& load, const Edge& edge, const Route& route, const GroupRoutes& routes)
{
  if (routes.is_in_switch(edge.from, edge.to)) {
    Seconds& slowest = edge.to >= routes.members() ? load.up_route : load.down_route;
    slowest = std::max(slowest, route.latency);
  } else if (routes.is_scaleup(edge.from, edge.to)) {
    load.scaleup_route = std::max(load.scaleup_route, route.latency);
    load.through_host = load.through_host || passes_host(routes.fabric(), route);
  } else
    load.network_route = std::max(load.network_route, route.latency);
}

/// Largest group whose pairs are asked for their ways one by one.
constexpr std::size_t most_walked = 4096;

bool is_summed(const Phase& phase, const GroupRoutes& routes)
{
  return phase.every_pair > 0 && (takes_all_ways(routes.fabric()) || routes.members() > most_walked);
}

PhaseLoad summed_load(const Phase& phase, const GroupRoutes& routes)
{
  const AllPairsLoad all = all_pairs_load(routes.fabric(), routes.devices());
  PhaseLoad load;
  load.member_edge = phase.every_pair;
  load.scaleup_route = all.inside;
  load.network_route = all.between;
  load.through_host = all.through_host;
  for (std::uint32_t link = 0; link < all.on_link.size(); ++link)
    if (all.on_link[link] > 0) load.links.push_back({link, snapped(all.on_link[link]), 0});
  return load;
}

} // namespace

GroupRoutes::GroupRoutes(const Fabric& fabric, const GroupShape& shape, std::span<const AcceleratorId> members, std::uint64_t label)
    : fabric_(fabric), shape_(shape), members_(members), label_(label)
{
}

Route GroupRoutes::find(std::uint32_t from, std::uint32_t to) const
{
  const std::size_t n = members_.size();
  if (from < n && to < n) return route(fabric_, members_[from], members_[to], label_);
  const bool up = from < n;
  const std::uint32_t member = up ? from : to;
  const std::uint32_t vertex = up ? to : from;
  if (member >= n || shape_.domain[member] != vertex - n)
    throw LogicError("an algorithm uses an edge between a member and a switch that is not its own (from " + std::to_string(from) + " to " +
                     std::to_string(to) + ")");
  return up ? route_to_switch(fabric_, members_[member]) : route_from_switch(fabric_, members_[member]);
}

const Route& GroupRoutes::between(std::uint32_t from, std::uint32_t to)
{
  if (known_.size() >= most_routes) known_.clear();
  const auto [at, is_new] = known_.try_emplace((std::uint64_t{from} << 32) | to);
  if (is_new) at->second = find(from, to);
  if (at->second.hops.empty())
    throw LogicError("no link between members " + std::to_string(from) + " and " + std::to_string(to) +
                     " of a group (do two ranks share an accelerator?)");
  return at->second;
}

PhaseLoad load_of(const Phase& phase, GroupRoutes& routes)
{
  if (is_summed(phase, routes)) return summed_load(phase, routes);
  PhaseLoad load;
  load.member_edge = member_unit(phase, routes);
  for (const Edge& edge : phase.edges)
    if (routes.is_in_switch(edge.from, edge.to)) load.switch_edge = std::max(load.switch_edge, edge.bytes_per_byte);
  std::size_t limit = most_hops;
  for_each_edge(phase, routes.members(), [&](const Edge& edge) {
    const bool in_switch = routes.is_in_switch(edge.from, edge.to);
    const Route& way = routes.between(edge.from, edge.to);
    note_latency(load, edge, way, routes);
    if (edge.bytes_per_byte <= 0) return;
    const double relative = edge.bytes_per_byte / (in_switch ? load.switch_edge : load.member_edge);
    for (const Hop& hop : way.hops)
      load.links.push_back({hop.link.value, in_switch ? 0 : relative * hop.share, in_switch ? relative * hop.share : 0});
    if (load.links.size() < limit) return;
    add_up(load.links);
    limit = std::max(most_hops, 2 * load.links.size());
  });
  add_up(load.links);
  for (LinkLoad& link : load.links) {
    link.member = snapped(link.member);
    link.in_switch = snapped(link.in_switch);
  }
  return load;
}

} // namespace weft
