#include "fabric/walk.hpp"

#include <algorithm>

namespace weft {

namespace {

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
};

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
