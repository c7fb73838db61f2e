#include "fabric/ways.hpp"
#include "units/hash.hpp"

#include <optional>

namespace weft {

namespace {

/// Group of the first switch an adapter hangs on.
std::uint32_t group_of(const Fabric& fabric, VertexId adapter)
{
  for (const std::uint32_t l : links_out(fabric, adapter)) {
    const std::uint32_t number = fabric.routing->switch_number[fabric.links[l].to.index()];
    if (number != RoutingTable::no_number) return fabric.routing->group_of[number];
  }
  return RoutingTable::no_number;
}

/// The group a flow passes through when its routing kind takes detours; nothing inside one group, or where there are no others.
std::optional<std::uint32_t> detour_of(const Fabric& fabric, VertexId from, VertexId to, std::uint64_t label)
{
  const RoutingTable& table = *fabric.routing;
  if (!table.kind->detour || table.network_part[from.index()] == RoutingTable::no_number) return std::nullopt;
  const std::uint32_t first = group_of(fabric, from), last = group_of(fabric, to);
  const std::vector<std::uint32_t>& groups = table.part_groups[table.network_part[from.index()]];
  if (first == last || first == RoutingTable::no_number || last == RoutingTable::no_number || groups.size() < 3) return std::nullopt;
  std::size_t chosen = table.kind->detour({from, to, label, fabric.seed, groups.size() - 2});
  for (const std::uint32_t skipped : {std::min(first, last), std::max(first, last)}) // numbers of this part only, ascending
    if (groups[chosen] >= skipped) ++chosen;
  return groups[chosen];
}

/// The way of a whole flow, by way of a group if one is given.
void walk_by(const Fabric& fabric, const std::optional<std::uint32_t>& group, RoutingQuestion question, Route& route)
{
  if (group) walk_one(fabric, NetworkWays(fabric, *group), question, route);
  walk(fabric, NetworkWays(fabric, question.destination), question, route);
}

bool joins_switches(const Fabric& fabric, const Link& link)
{
  return fabric.vertices[link.from.index()].kind == VertexKind::network_switch &&
         fabric.vertices[link.to.index()].kind == VertexKind::network_switch;
}

WayLoad load_of(const Fabric& fabric, const Route& way)
{
  WayLoad load;
  for (const Hop& hop : way.hops) {
    const Link& link = fabric.links[hop.link.index()];
    if (!joins_switches(fabric, link)) continue;
    ++load.hops;
    load.busiest = std::max(load.busiest, fabric.routing->placed[hop.link.index()] + 1 / link.capacity.base());
  }
  return load;
}

/// The shortest way or the detour, whichever the kind prefers under the loads so far; remembered, so that a flow is placed once.
Route weighed_way(const Fabric& fabric, std::uint32_t group, const RoutingQuestion& question)
{
  const RoutingTable& table = *fabric.routing;
  const std::uint64_t flow = hash_with(hash_with(splitmix64(question.source.value), question.destination.value), question.label);
  const auto known = table.detoured.find(flow);
  Route shortest, detour;
  if (known == table.detoured.end() || !known->second) walk_by(fabric, std::nullopt, question, shortest);
  if (known == table.detoured.end() || known->second) walk_by(fabric, group, question, detour);
  if (known != table.detoured.end()) return known->second ? detour : shortest;
  if (table.placed.empty()) table.placed.assign(fabric.links.size(), 0);
  const bool takes = table.kind->takes_detour(load_of(fabric, shortest), load_of(fabric, detour));
  const Route& taken = takes ? detour : shortest;
  if (table.detoured.size() < RoutingTable::most_placed) {
    table.detoured.emplace(flow, takes);
    for (const Hop& hop : taken.hops) table.placed[hop.link.index()] += 1 / fabric.links[hop.link.index()].capacity.base();
  }
  return taken;
}

void append(Route& route, const Route& way)
{
  route.hops.insert(route.hops.end(), way.hops.begin(), way.hops.end());
  route.latency += way.latency;
}

/// Equal parts of a flow, each on a way of its own; parts that share a link are added up. All ways are equally long, so hops are
/// collected by their place on the way and stay in order of travel.
void walk_parts(const Fabric& fabric, const RoutingQuestion& question, Route& route)
{
  const RoutingPolicy& policy = fabric.routing->policy;
  std::vector<std::map<LinkId, std::uint32_t>> parts_on; // per place
  Seconds latency;
  for (std::uint32_t part = 0; part < policy.parts; ++part) {
    Route way;
    RoutingQuestion of_part = question;
    of_part.label = label_of_part(policy, question.label, part);
    walk_by(fabric, std::nullopt, of_part, way);
    if (parts_on.size() < way.hops.size()) parts_on.resize(way.hops.size());
    for (std::size_t place = 0; place < way.hops.size(); ++place) ++parts_on[place][way.hops[place].link];
    latency = std::max(latency, way.latency);
  }
  for (const auto& links : parts_on)
    for (const auto& [link, parts] : links) route.hops.push_back({link, static_cast<double>(parts) / policy.parts});
  route.latency += latency;
}

} // namespace

void walk_network(const Fabric& fabric, VertexId from, VertexId to, std::uint64_t label, Route& route)
{
  const RoutingTable& table = *fabric.routing;
  const RoutingQuestion question{.at = from,
                                 .source = from,
                                 .destination = to,
                                 .source_number = table.adapter_number[from.index()],
                                 .destination_number = table.adapter_number[to.index()],
                                 .label = label_of_part(table.policy, label, 0),
                                 .seed = fabric.seed,
                                 .choices = {},
                                 .links = fabric.links,
                                 .policy = table.policy};
  const std::optional<std::uint32_t> group = detour_of(fabric, from, to, label);
  if (group && table.kind->takes_detour)
    append(route, weighed_way(fabric, *group, question));
  else if (table.policy.parts > 1)
    walk_parts(fabric, question, route);
  else
    walk_by(fabric, group, question, route);
}

} // namespace weft
