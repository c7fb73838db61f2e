#include "fabric/relay.hpp"
#include "fabric/ways.hpp"

#include <algorithm>

namespace weft {

namespace {

void append_host_way(const Fabric& fabric, const HostWay& way, Route& route)
{
  for (const LinkId link : way.view()) {
    route.hops.push_back({link, 1.0});
    route.latency += fabric.links[link.index()].latency;
  }
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
