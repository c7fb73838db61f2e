#include "fabric/hash.hpp"
#include "fabric/routing_table.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

namespace weft {

namespace {

std::span<const std::uint32_t> links_out(const Fabric& fabric, VertexId v)
{
  return {fabric.out_links.data() + fabric.first_out[v.index()], fabric.first_out[v.index() + 1] - fabric.first_out[v.index()]};
}

/// The links at a vertex that lead to the destination on a shortest way.
using Choices = std::vector<LinkId>;

/// Ways over network switches to an adapter, or to whichever switch of a group is nearest.
class NetworkWays {
  const Fabric& fabric_;
  std::optional<VertexId> to_; ///< the adapter; nothing: a group
  const std::vector<std::uint16_t>& distance_;

  [[nodiscard]] int distance(VertexId v) const
  {
    if (to_ && v == *to_) return 0;
    const std::uint32_t number = fabric_.routing->switch_number[v.index()];
    return number == RoutingTable::no_number ? RoutingTable::unreachable : distance_[number];
  }

public:
  NetworkWays(const Fabric& fabric, VertexId to) : fabric_(fabric), to_(to), distance_(distances_to(fabric, to)) {}
  NetworkWays(const Fabric& fabric, std::uint32_t group) : fabric_(fabric), distance_(distances_to_group(fabric, group)) {}
  [[nodiscard]] bool arrived(VertexId at) const { return distance(at) == (to_ ? 0 : 1); }
  void find(VertexId at, Choices& choices) const
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

/// Ways between two vertices of one scale-up domain.
class DomainWays {
  const Fabric& fabric_;
  std::size_t first_, to_;

public:
  DomainWays(const Fabric& fabric, const ScaleupDomain& domain, VertexId to)
      : fabric_(fabric), first_(fabric.accelerators[domain.members.front().index()].index()), to_(to.index() - first_)
  {
  }
  void find(VertexId at, Choices& choices) const
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
};

[[noreturn]] void no_way(const Fabric& fabric, VertexId from, VertexId to)
{
  throw LogicError("no way from '" + fabric.vertices[from.index()].name + "' to '" + fabric.vertices[to.index()].name + "'");
}

/// One way, from `question.at` on, which moves along: at every vertex the routing kind picks a link.
template <class Ways> void walk_one(const Fabric& fabric, const Ways& ways, RoutingQuestion& question, Route& route)
{
  Choices choices;
  for (std::size_t steps = 0; !ways.arrived(question.at); ++steps) {
    ways.find(question.at, choices);
    if (choices.empty() || steps > fabric.vertices.size()) no_way(fabric, question.source, question.destination);
    std::size_t chosen = 0;
    if (choices.size() > 1) {
      question.choices = choices;
      question.divisor = ways.divisor(choices.front());
      chosen = fabric.routing->kind->choose(question);
    }
    const Link& link = fabric.links[choices[chosen].index()];
    route.hops.push_back({choices[chosen], 1.0});
    route.latency += link.latency;
    question.at = link.to;
  }
}

/// Every way at once: a vertex passes what reaches it on in equal parts. Vertices are taken distance by distance, each once, because all
/// ways on to one vertex are equally long.
template <class Ways> void walk_all(const Fabric& fabric, const Ways& ways, const RoutingQuestion& question, Route& route)
{
  struct Reached {
    double share = 0;
    Seconds latency;
  };
  Choices choices;
  std::map<VertexId, Reached> front{{question.source, {1.0, Seconds(0)}}};
  for (std::size_t steps = 0; !front.contains(question.destination); ++steps) {
    std::map<VertexId, Reached> next;
    if (steps > fabric.vertices.size()) no_way(fabric, question.source, question.destination);
    for (const auto& [at, reached] : front) {
      ways.find(at, choices);
      if (choices.empty()) no_way(fabric, at, question.destination);
      const double share = reached.share / static_cast<double>(choices.size());
      for (const LinkId choice : choices) {
        const Link& link = fabric.links[choice.index()];
        Reached& there = next[link.to];
        there.share += share;
        there.latency = std::max(there.latency, reached.latency + link.latency);
        route.hops.push_back({choice, share});
      }
    }
    front = std::move(next);
  }
  route.latency += front[question.destination].latency;
}

template <class Ways> void walk(const Fabric& fabric, const Ways& ways, RoutingQuestion& question, Route& route)
{
  if (fabric.routing->kind->splits)
    walk_all(fabric, ways, question, route);
  else
    walk_one(fabric, ways, question, route);
}

void append_host_way(const Fabric& fabric, const HostWay& way, Route& route)
{
  for (const LinkId link : way.view()) {
    route.hops.push_back({link, 1.0});
    route.latency += fabric.links[link.index()].latency;
  }
}

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
  const std::uint64_t flow =
      hash_with(hash_with(splitmix64(question.source.value), question.destination.value), question.label);
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

void walk_domain(const Fabric& fabric, const ScaleupDomain& domain, AcceleratorId from, AcceleratorId to, std::uint64_t label, Route& route)
{
  const std::uint32_t first = domain.members.front().value;
  RoutingQuestion question{.at = fabric.accelerators[from.index()],
                           .source = fabric.accelerators[from.index()],
                           .destination = fabric.accelerators[to.index()],
                           .source_number = from.value - first,
                           .destination_number = to.value - first,
                           .label = label,
                           .seed = fabric.seed,
                           .choices = {},
                           .links = fabric.links};
  walk(fabric, DomainWays(fabric, domain, question.destination), question, route);
}

/// Which of its node's adapters an accelerator uses: nodes are built alike, so places relative to the first accelerator tell.
std::size_t rail_of(const Fabric& fabric, AcceleratorId a)
{
  const AcceleratorId first = fabric.domains[fabric.domain_of[a.index()]].members.front();
  return fabric.exits[a.index()].index() - fabric.accelerators[first.index()].index();
}

/// The accelerator of the sender's domain whose adapter sends: the sender, or, where its adapter's network does not reach the receiver's
/// (rails or planes without switches between them), the one in the receiver's place in its own domain, else the first that does. What
/// NCCL calls PXN: the data goes over scale-up links to the accelerator next to the right adapter. With pxn: rail the right adapter is
/// always the one of the receiver's rail.
AcceleratorId relay_of(const Fabric& fabric, AcceleratorId from, AcceleratorId to)
{
  const std::vector<std::uint32_t>& part = fabric.routing->network_part;
  const bool to_rail = fabric.routing->pxn == Pxn::rail;
  const auto reaches = [&](AcceleratorId a) {
    return to_rail ? rail_of(fabric, a) == rail_of(fabric, to)
                   : part[fabric.exits[a.index()].index()] == part[fabric.exits[to.index()].index()];
  };
  if (reaches(from)) return from;
  const std::vector<AcceleratorId>& members = fabric.domains[fabric.domain_of[from.index()]].members;
  const std::size_t place = to.index() - fabric.domains[fabric.domain_of[to.index()]].members.front().index();
  if (place < members.size() && reaches(members[place])) return members[place];
  const auto found = std::find_if(members.begin(), members.end(), reaches);
  return found == members.end() ? from : *found;
}

/// The one link between a member and its domain's switch; `from` and `to` say which way.
Route link_between(const Fabric& fabric, VertexId from, VertexId to)
{
  for (const std::uint32_t l : links_out(fabric, from))
    if (fabric.links[l].to == to) return {{{LinkId{l}, 1.0}}, fabric.links[l].latency};
  no_way(fabric, from, to);
}

VertexId switch_of(const Fabric& fabric, AcceleratorId accelerator)
{
  const ScaleupDomain& domain = fabric.domains[fabric.domain_of[accelerator.index()]];
  if (!domain.has_switch)
    throw LogicError("the scale-up domain of '" + fabric.vertices[fabric.accelerators[accelerator.index()].index()].name +
                     "' has no switch");
  return domain.switch_vertex;
}

} // namespace

Route route(const Fabric& fabric, AcceleratorId from, AcceleratorId to, std::uint64_t label)
{
  Route result;
  if (from == to) return result;
  if (same_domain(fabric, from, to)) {
    walk_domain(fabric, fabric.domains[fabric.domain_of[from.index()]], from, to, label, result);
    return result;
  }
  result.hops.reserve(8);
  const AcceleratorId relay = relay_of(fabric, from, to);
  if (relay != from) walk_domain(fabric, fabric.domains[fabric.domain_of[from.index()]], from, relay, label, result);
  append_host_way(fabric, fabric.way_out[relay.index()], result);
  walk_network(fabric, fabric.exits[relay.index()], fabric.exits[to.index()], label, result);
  append_host_way(fabric, fabric.way_in[to.index()], result);
  return result;
}

Route route_to_switch(const Fabric& fabric, AcceleratorId from)
{
  return link_between(fabric, fabric.accelerators[from.index()], switch_of(fabric, from));
}

Route route_from_switch(const Fabric& fabric, AcceleratorId to)
{
  return link_between(fabric, switch_of(fabric, to), fabric.accelerators[to.index()]);
}

bool same_domain(const Fabric& fabric, AcceleratorId a, AcceleratorId b)
{
  return fabric.domain_of[a.index()] == fabric.domain_of[b.index()];
}

} // namespace weft
