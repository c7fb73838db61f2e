#include "fabric/routing_table.hpp"

#include <algorithm>
#include <map>

namespace weft {

namespace {

VertexKind kind_of(const Fabric& fabric, VertexId v) { return fabric.vertices[v.index()].kind; }

/// The one switch an adapter hangs on, or the adapter itself when it hangs on several.
VertexId anchor_of(const Fabric& fabric, VertexId adapter)
{
  VertexId anchor = adapter;
  for (const std::uint32_t l : links_out(fabric, adapter)) {
    const VertexId to = fabric.links[l].to;
    if (kind_of(fabric, to) != VertexKind::network_switch || to == anchor) continue;
    if (anchor != adapter) return adapter;
    anchor = to;
  }
  return anchor;
}

/// Numbers adapters in the order of their first switch, then of that switch's ports. Subnet managers number destinations so for
/// fat-trees, because the numbers then count through the ports of every switch on the way down.
void number_adapters(const Fabric& fabric, RoutingTable& table)
{
  std::uint32_t next = 0;
  const auto number = [&](VertexId v) {
    if (kind_of(fabric, v) == VertexKind::adapter && table.adapter_number[v.index()] == RoutingTable::no_number)
      table.adapter_number[v.index()] = next++;
  };
  table.adapter_number.assign(fabric.vertices.size(), RoutingTable::no_number);
  for (const VertexId s : table.switches)
    for (const std::uint32_t l : links_out(fabric, s)) number(fabric.links[l].to);
  for (const VertexId a : fabric.adapters) number(a);
}

void find_divisors(const Fabric& fabric, RoutingTable& table)
{
  int top = 0;
  for (const VertexId s : table.switches) top = std::max(top, fabric.vertices[s.index()].tier);
  std::vector<std::uint64_t> up_links(static_cast<std::size_t>(top) + 1, 1);
  for (const VertexId s : table.switches) {
    const int tier = fabric.vertices[s.index()].tier;
    std::uint64_t up = 0;
    for (const std::uint32_t l : links_out(fabric, s)) up += fabric.vertices[fabric.links[l].to.index()].tier > tier ? 1 : 0;
    up_links[static_cast<std::size_t>(tier)] = std::max(up_links[static_cast<std::size_t>(tier)], up);
  }
  table.tier_divisor.assign(up_links.size() + 1, 1);
  constexpr std::uint64_t enough = std::uint64_t{1} << 32; // beyond every adapter number
  for (std::size_t t = 2; t < table.tier_divisor.size(); ++t)
    table.tier_divisor[t] = std::min(enough, table.tier_divisor[t - 1] * up_links[t - 1]);
}

/// Breadth-first search from every vertex of one scale-up domain, over the links inside it.
void measure_domain(const Fabric& fabric, RoutingTable& table)
{
  if (fabric.domains.empty()) return;
  const ScaleupDomain& domain = fabric.domains.front();
  const std::size_t size = domain.members.size() + domain.inner.size();
  const std::size_t first = fabric.accelerators[domain.members.front().index()].index();
  table.domain_size = static_cast<std::uint32_t>(size);
  table.domain_distance.assign(size * size, 0xff);
  std::vector<std::size_t> front;
  for (std::size_t start = 0; start < size; ++start) {
    std::uint8_t* const distance = table.domain_distance.data() + start * size;
    front.assign(1, start);
    distance[start] = 0;
    for (std::size_t head = 0; head < front.size(); ++head)
      for (const std::uint32_t l : links_out(fabric, id_of<VertexId>(first + front[head]))) {
        const std::size_t to = fabric.links[l].to.index() - first; // wraps around, and so is beyond size, for vertices before the domain
        if (to >= size || distance[to] != 0xff) continue;
        distance[to] = static_cast<std::uint8_t>(distance[front[head]] + 1);
        front.push_back(to);
      }
  }
}

/// Floods each network that nothing but nodes joins with its number.
void find_parts(const Fabric& fabric, RoutingTable& table)
{
  table.network_part.assign(fabric.vertices.size(), RoutingTable::no_number);
  std::uint32_t parts = 0;
  std::vector<VertexId> front;
  const auto reach = [&](VertexId v) {
    const bool network = kind_of(fabric, v) == VertexKind::adapter || kind_of(fabric, v) == VertexKind::network_switch;
    if (!network || table.network_part[v.index()] != RoutingTable::no_number) return;
    table.network_part[v.index()] = parts;
    front.push_back(v);
  };
  for (const VertexId adapter : fabric.adapters) {
    if (table.network_part[adapter.index()] != RoutingTable::no_number) continue;
    front.clear();
    reach(adapter);
    for (std::size_t head = 0; head < front.size(); ++head)
      for (const std::uint32_t l : links_out(fabric, front[head])) reach(fabric.links[l].to);
    ++parts;
  }
  table.part_groups.resize(parts);
}

/// Switches of one dragonfly group are a group; elsewhere every switch with adapters is one.
void find_groups(const Fabric& fabric, RoutingTable& table)
{
  std::vector<std::uint32_t> known; // dragonfly group -> ours
  const auto add_group = [&](VertexId first) {
    const auto group = static_cast<std::uint32_t>(table.groups.size());
    table.groups.emplace_back();
    const std::uint32_t part = table.network_part[first.index()];
    if (part != RoutingTable::no_number) table.part_groups[part].push_back(group);
    return group;
  };
  const auto has_adapter = [&](VertexId s) {
    const auto out = links_out(fabric, s);
    return std::any_of(out.begin(), out.end(), [&](std::uint32_t l) { return kind_of(fabric, fabric.links[l].to) == VertexKind::adapter; });
  };
  table.group_of.assign(table.switches.size(), RoutingTable::no_number);
  for (std::size_t number = 0; number < table.switches.size(); ++number) {
    const VertexId s = table.switches[number];
    const int named = fabric.vertices[s.index()].group;
    if (named < 0 && !has_adapter(s)) continue;
    std::uint32_t group = RoutingTable::no_number;
    if (named >= 0) {
      const auto at = static_cast<std::size_t>(named);
      if (at >= known.size()) known.resize(at + 1, RoutingTable::no_number);
      if (known[at] == RoutingTable::no_number) known[at] = add_group(s);
      group = known[at];
    } else {
      group = add_group(s);
    }
    table.group_of[number] = group;
    table.groups[group].push_back(s);
  }
  table.group_distance.resize(table.groups.size());
}

/// Spreads from the switches in `front`, already at distance 1, nearest first (Dial, Comm. ACM 12(11), 1969). Cables run both ways, so
/// links out are links in.
void spread(const Fabric& fabric, std::vector<std::uint32_t> front, std::vector<std::uint16_t>& distance)
{
  const RoutingTable& table = *fabric.routing;
  std::map<int, std::vector<std::uint32_t>> fronts; // by distance
  fronts.emplace(1, std::move(front));
  while (!fronts.empty()) {
    const auto nearest = fronts.extract(fronts.begin());
    for (const std::uint32_t at : nearest.mapped()) {
      if (distance[at] != nearest.key()) continue; // reached on a shorter way since
      for (const std::uint32_t l : links_out(fabric, table.switches[at])) {
        const Link& link = fabric.links[l];
        const std::uint32_t number = table.switch_number[link.to.index()];
        if (number == RoutingTable::no_number) continue;
        const int there = nearest.key() + cost_of(fabric, link);
        if (there >= distance[number]) continue;
        distance[number] = static_cast<std::uint16_t>(there);
        fronts[there].push_back(number);
      }
    }
  }
}

/// Distances from a set of switches, which are at 1.
void measure_from(const Fabric& fabric, std::span<const VertexId> switches, std::vector<std::uint16_t>& distance)
{
  const RoutingTable& table = *fabric.routing;
  distance.assign(std::max<std::size_t>(1, table.switches.size()), RoutingTable::unreachable);
  std::vector<std::uint32_t> front;
  for (const VertexId s : switches) {
    const std::uint32_t number = table.switch_number[s.index()];
    if (distance[number] == 1) continue;
    distance[number] = 1;
    front.push_back(number);
  }
  spread(fabric, std::move(front), distance);
}

} // namespace

std::shared_ptr<const RoutingTable> make_routing_table(const Fabric& fabric, const RoutingChoice& choice)
{
  auto table = std::make_shared<RoutingTable>();
  table->kind = choice.kind;
  table->policy = choice.policy;
  table->pxn = choice.pxn;
  table->switch_number.assign(fabric.vertices.size(), RoutingTable::no_number);
  for (std::size_t v = 0; v < fabric.vertices.size(); ++v) {
    if (fabric.vertices[v].kind != VertexKind::network_switch) continue;
    table->switch_number[v] = static_cast<std::uint32_t>(table->switches.size());
    table->switches.push_back(id_of<VertexId>(v));
  }
  number_adapters(fabric, *table);
  find_divisors(fabric, *table);
  measure_domain(fabric, *table);
  find_parts(fabric, *table);
  find_groups(fabric, *table);
  table->distance.resize(fabric.vertices.size());
  return table;
}

const std::vector<std::uint16_t>& distances_to(const Fabric& fabric, VertexId adapter)
{
  const RoutingTable& table = *fabric.routing;
  const VertexId anchor = anchor_of(fabric, adapter);
  std::vector<std::uint16_t>& distance = table.distance[anchor.index()];
  if (!distance.empty()) return distance;
  std::vector<VertexId> first;
  if (anchor == adapter) {
    for (const std::uint32_t l : links_out(fabric, adapter))
      if (kind_of(fabric, fabric.links[l].to) == VertexKind::network_switch) first.push_back(fabric.links[l].to);
  } else {
    first.push_back(anchor);
  }
  measure_from(fabric, first, distance);
  return distance;
}

const std::vector<std::uint16_t>& distances_to_group(const Fabric& fabric, std::uint32_t group)
{
  const RoutingTable& table = *fabric.routing;
  const std::vector<VertexId>& members = table.groups[group];
  std::vector<std::uint16_t>& distance = members.size() == 1 ? table.distance[members.front().index()] : table.group_distance[group];
  if (distance.empty()) measure_from(fabric, members, distance);
  return distance;
}

int switches_between(const Fabric& fabric, VertexId from, VertexId to)
{
  const std::vector<std::uint16_t>& distance = distances_to(fabric, to);
  int best = RoutingTable::unreachable;
  for (const std::uint32_t l : links_out(fabric, from)) {
    const VertexId next = fabric.links[l].to;
    if (next == to) return 0;
    const std::uint32_t number = fabric.routing->switch_number[next.index()];
    if (number != RoutingTable::no_number) best = std::min<int>(best, distance[number]);
  }
  const bool grouped = !fabric.routing->switches.empty() && fabric.vertices[fabric.routing->switches.front().index()].group >= 0;
  return grouped && best != RoutingTable::unreachable ? best % RoutingTable::global_cost : best;
}

} // namespace weft
