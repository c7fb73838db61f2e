#include "traffic/cost.hpp"

#include "config/error.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace weft {
namespace {

/// Cost of one step by transport.
struct StepCosts {
  Seconds scaleup, host, network;
};

StepCosts step_costs(const CollectiveLibrary::Protocol& protocol, LatencyForm form)
{
  if (form == LatencyForm::tree) return {protocol.step_scaleup_tree, protocol.step_host_tree, protocol.step_network_tree};
  return {protocol.step_scaleup_ring, protocol.step_host_ring, protocol.step_network_ring};
}

Bytes ramp_of(const CollectiveLibrary& library, LatencyForm form)
{
  switch (form) {
  case LatencyForm::ring:
  case LatencyForm::tree:
    return library.ramp;
  case LatencyForm::in_switch:
    return library.in_switch_ramp;
  case LatencyForm::direct:
    return library.direct_ramp;
  }
  return Bytes(0);
}

/// Wire bytes on a link per byte of payload.
double wire_load(const Fabric& fabric, const PhaseLoad& load, const LinkLoad& link, const WireShares& shares)
{
  return link.member * load.member_edge / shares.member * port_factor(fabric, link.link, shares) +
         link.in_switch * load.switch_edge / shares.in_switch;
}

/// What an accelerator can send over its scale-up links together, or over all its links when it has no others.
Bandwidth scaleup_rate(const Fabric& fabric, VertexId accelerator)
{
  Bandwidth scaleup, any;
  for (std::uint32_t i = fabric.first_out[accelerator.index()]; i < fabric.first_out[accelerator.index() + 1]; ++i) {
    const Link& link = fabric.links[fabric.out_links[i]];
    const VertexKind to = fabric.vertices[link.to.index()].kind;
    any += link.capacity;
    if (to == VertexKind::scaleup_switch || to == VertexKind::accelerator) scaleup += link.capacity;
  }
  return scaleup > Bandwidth(0) ? scaleup : any;
}

} // namespace

WireShares wire_shares(const CollectiveLibrary& library, std::uint32_t protocol, LatencyForm form, Reach reach)
{
  const CollectiveLibrary::Protocol& chosen = library.protocols[protocol];
  const bool capped_there = reach == Reach::network && chosen.bandwidth_cap_network > Bandwidth(0);
  Bandwidth cap = capped_there ? chosen.bandwidth_cap_network : chosen.bandwidth_cap;
  if (form == LatencyForm::direct && library.direct_cap > Bandwidth(0))
    cap = cap > Bandwidth(0) ? std::min(cap, library.direct_cap) : library.direct_cap;
  return {library.protocols[protocol].bandwidth_share, library.in_switch_efficiency, cap};
}

double wire_bytes(const PhaseLoad& load, const WireShares& shares)
{
  if (load.switch_edge <= 0) return load.member_edge / shares.member;
  if (load.member_edge <= 0) return load.switch_edge / shares.in_switch;
  return std::min(load.member_edge / shares.member, load.switch_edge / shares.in_switch);
}

double port_factor(const Fabric& fabric, std::uint32_t link, const WireShares& shares)
{
  const Link& hop = fabric.links[link];
  if (shares.cap <= Bandwidth(0) || fabric.vertices[hop.from.index()].kind != VertexKind::accelerator) return 1;
  return std::max(1.0, hop.capacity * shares.member / shares.cap);
}

double charge_weight(const Fabric& fabric, const PhaseLoad& load, const LinkLoad& link, const WireShares& shares)
{
  // With edges of one sort the scale cancels; not computing it keeps whole weights whole.
  if (load.switch_edge <= 0) return link.member * port_factor(fabric, link.link, shares);
  if (load.member_edge <= 0) return link.in_switch;
  return wire_load(fabric, load, link, shares) / wire_bytes(load, shares);
}

double seconds_per_byte(const Fabric& fabric, const PhaseLoad& load, const WireShares& shares)
{
  double slowest = 0;
  for (const LinkLoad& link : load.links)
    slowest = std::max(slowest, wire_load(fabric, load, link, shares) / fabric.links[link.link].capacity.base());
  return slowest;
}

Seconds steps_latency(const CollectiveLibrary& library, const CollectiveKind& kind, const Phase& phase, const PhaseLoad& load,
                      std::uint32_t protocol)
{
  const StepCosts costs = step_costs(library.protocols[protocol], kind.latency);
  const Seconds inside = (load.through_host ? costs.host : costs.scaleup) + load.scaleup_route;
  const Seconds between = costs.network + std::max(Seconds(0), load.network_route - library.network_way);
  const bool at_once = kind.latency == LatencyForm::direct && library.direct_rounds == DirectRounds::all;
  const double most = at_once ? 1 : std::numeric_limits<double>::infinity(); // messages that wait for no other are one step
  return std::min(most, phase.scaleup_steps) * inside + std::min(most, phase.network_steps) * between +
         phase.switch_steps * (library.step_in_switch + load.up_route + load.down_route) +
         phase.switch_network_steps * (library.step_in_switch_network + load.network_route);
}

Seconds base_latency(const CollectiveLibrary& library, const CollectiveKind& kind, std::uint32_t protocol)
{
  switch (kind.latency) {
  case LatencyForm::ring:
    return library.protocols[protocol].base_ring;
  case LatencyForm::tree:
    return library.protocols[protocol].base_tree;
  case LatencyForm::direct:
    return library.direct_base > Seconds(0) ? library.direct_base : library.point_to_point;
  case LatencyForm::in_switch:
    break; // step_in_switch holds the whole cost of the call
  }
  return Seconds(0);
}

double port_use(const Fabric& fabric, const PhaseLoad& load, const WireShares& shares)
{
  const double alone = seconds_per_byte(fabric, load, shares);
  if (alone <= 0) return 1;
  std::map<std::uint32_t, double> sent; // per accelerator vertex: wire bytes per byte of payload
  for (const LinkLoad& link : load.links) {
    const VertexId from = fabric.links[link.link].from;
    if (fabric.vertices[from.index()].kind == VertexKind::accelerator) sent[from.value] += wire_load(fabric, load, link, shares);
  }
  double most = 0;
  for (const auto& [vertex, bytes] : sent) most = std::max(most, bytes / alone / scaleup_rate(fabric, VertexId{vertex}).base());
  return most > 0 ? std::min(1.0, most) : 1;
}

Seconds fill_time(const CollectiveLibrary& library, const CollectiveKind& kind, Bytes payload, double seconds_per_payload_byte,
                  double share_of_port, double tree_steps)
{
  const Bytes ramp = ramp_of(library, kind.latency) * share_of_port + library.network_ramp * tree_steps;
  if (ramp <= Bytes(0) || payload <= Bytes(0)) return Seconds(0);
  const double stages = 1 + tree_steps / 2;
  return Seconds(ramp.base() * (payload / (payload + ramp / stages)) * seconds_per_payload_byte);
}

Chain chain_of(const Fabric& fabric, const CollectiveLibrary& library, std::uint32_t protocol, const Phase& phase, const PhaseLoad& load,
               const WireShares& shares)
{
  if (phase.chain_hops <= 1) return {};
  const auto is_adapter = [&](VertexId vertex) { return fabric.vertices[vertex.index()].kind == VertexKind::adapter; };
  Chain chain{phase.chain_hops - 1, library.protocols[protocol].chunk * phase.chain_channels, 0};
  for (const LinkLoad& link : load.links) {
    const Link& hop = fabric.links[link.link];
    if (is_adapter(hop.from) || is_adapter(hop.to))
      chain.seconds_per_byte = std::max(chain.seconds_per_byte, wire_load(fabric, load, link, shares) / hop.capacity.base());
  }
  return chain;
}

Seconds chain_time(const Chain& chain, Bytes payload)
{
  return Seconds(chain.further_hops * std::min(chain.chunk, payload).base() * chain.seconds_per_byte);
}

double links_at_once(const Fabric& fabric, const PhaseLoad& load)
{
  std::map<std::uint32_t, double> links; // per accelerator vertex
  double most = 1;
  for (const LinkLoad& link : load.links) {
    const Link& hop = fabric.links[link.link];
    if (link.member <= 0 || fabric.vertices[hop.from.index()].kind != VertexKind::accelerator ||
        fabric.vertices[hop.to.index()].kind != VertexKind::accelerator)
      continue;
    most = std::max(most, links[hop.from.value] += 1);
  }
  return most;
}

WireShares shares_of(const CollectiveLibrary& library, const Option& option)
{
  if (option.algorithm == plain_send) return wire_shares(library, option.protocol);
  WireShares shares = wire_shares(library, option.protocol, collective_kinds()[option.algorithm]->latency, option.reach);
  shares.cap = shares.cap * (1 / option.links_at_once);
  return shares;
}

Seconds phase_fill(const CollectiveLibrary& library, const Option& option, std::size_t phase, Bytes payload)
{
  if (option.algorithm == plain_send) return Seconds(0);
  return fill_time(library, *collective_kinds()[option.algorithm], payload, option.seconds_per_byte[phase], option.port_use[phase],
                   option.tree_steps[phase]) +
         chain_time(option.chain[phase], payload);
}

std::uint32_t widest_protocol(const CollectiveLibrary& library)
{
  if (library.protocols.empty()) throw ConfigError({}, "library.protocols", "the collective library has no protocol (give at least one)");
  const auto narrower = [](const auto& a, const auto& b) { return a.bandwidth_share < b.bandwidth_share; };
  return static_cast<std::uint32_t>(std::max_element(library.protocols.begin(), library.protocols.end(), narrower) -
                                    library.protocols.begin());
}

std::vector<std::uint32_t> protocols_for(const CollectiveLibrary& library, const CollectiveKind& kind)
{
  if (kind.latency == LatencyForm::in_switch) return {widest_protocol(library)};
  std::vector<std::uint32_t> all;
  for (std::uint32_t p = 0; p < library.protocols.size(); ++p) all.push_back(p);
  return all;
}

Choice priced(const CollectiveLibrary& library, const Option& option, Bytes payload)
{
  Choice choice;
  choice.algorithm = option.algorithm;
  choice.protocol = option.protocol;
  choice.latency = option.total_latency;
  for (std::size_t phase = 0; phase < option.latency.size(); ++phase) choice.fill += phase_fill(library, option, phase, payload);
  choice.bandwidth = Bandwidth(option.total_seconds_per_byte > 0 ? 1 / option.total_seconds_per_byte : 0);
  choice.time = choice.latency + choice.fill + Seconds(payload.base() * option.total_seconds_per_byte);
  return choice;
}

} // namespace weft
