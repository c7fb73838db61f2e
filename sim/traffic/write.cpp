#include "traffic/write.hpp"

#include "collectives/edges.hpp"
#include "config/error.hpp"

#include <algorithm>
#include <cmath>

namespace weft {
namespace {

/// Most charges a job may have: 3.2 GB of them.
constexpr std::size_t most_charges = 200'000'000;

/// Largest all-to-all of which every edge may be a flow.
constexpr std::size_t most_pairwise = 4096;

std::uint32_t size_of(std::size_t size) { return static_cast<std::uint32_t>(size); }

} // namespace

void GroupWriter::require_room(std::size_t charges) const
{
  if (traffic_.charges.size() + charges <= most_charges) return;
  throw CannotFinish("the routes of all communications touch more than " + std::to_string(most_charges) +
                     " links in sum (use routing deterministic or ecmp, fidelity coupled, or fewer ranks)");
}

std::uint32_t GroupWriter::flow(const std::vector<Charge>& charges)
{
  const auto alike = [&](std::uint32_t f) {
    return std::ranges::equal(traffic_.charges_of(f), charges,
                              [](const Charge& a, const Charge& b) { return a.link == b.link && a.weight == b.weight; });
  };
  for (std::uint32_t f = first_flow_; f < traffic_.flows.size(); ++f)
    if (alike(f)) return f;
  require_room(charges.size());
  traffic_.flows.push_back({size_of(traffic_.charges.size()), size_of(charges.size())});
  traffic_.charges.insert(traffic_.charges.end(), charges.begin(), charges.end());
  traffic_.flow_group.push_back(group_);
  return size_of(traffic_.flows.size() - 1);
}

std::uint32_t GroupWriter::edge_flow(const Edge& edge, const WireShares& shares, double connections)
{
  const auto [at, is_new] = edge_flows_.try_emplace({edge.from, edge.to, shares.cap.base() / shares.member, connections});
  if (!is_new) return at->second;
  const PhaseLoad load = load_of({{{edge.from, edge.to, 1}}, 0, 0, 0, 0}, routes_);
  require_room(load.links.size());
  traffic_.flows.push_back({size_of(traffic_.charges.size()), size_of(load.links.size())});
  for (const LinkLoad& link : load.links)
    traffic_.charges.push_back({link.link, connections * charge_weight(routes_.fabric(), load, link, shares)});
  traffic_.flow_group.push_back(group_);
  return at->second = size_of(traffic_.flows.size() - 1);
}

std::uint32_t GroupWriter::transfer(const Chosen& chosen, std::uint32_t first_phase)
{
  Transfer written;
  written.algorithm = chosen.candidate->algorithm;
  written.protocol = chosen.option->protocol;
  written.first_phase = first_phase;
  written.phases = size_of(traffic_.phases.size()) - first_phase;
  traffic_.transfers.push_back(std::move(written));
  return size_of(traffic_.transfers.size() - 1);
}

Seconds GroupWriter::phase_latency(const Chosen& chosen, std::size_t phase, Bytes payload) const
{
  return chosen.option->latency[phase] + phase_fill(library_, *chosen.option, phase, payload);
}

std::uint32_t GroupWriter::coupled(const Chosen& chosen, Bytes payload)
{
  const WireShares shares = shares_of(library_, *chosen.option);
  const std::uint32_t first_phase = size_of(traffic_.phases.size());
  std::vector<Charge> charges;
  for (std::size_t p = 0; p < chosen.candidate->phases->size(); ++p) {
    const PhaseLoad& load = chosen.candidate->loads[p];
    charges.clear();
    for (const LinkLoad& link : load.links) charges.push_back({link.link, charge_weight(routes_.fabric(), load, link, shares)});
    TransferPhase phase{phase_latency(chosen, p, payload), size_of(traffic_.uses.size()), 0};
    if (!charges.empty()) {
      traffic_.uses.push_back({flow(charges), payload * wire_bytes(load, shares)});
      phase.uses = 1;
    }
    traffic_.phases.push_back(phase);
  }
  return transfer(chosen, first_phase);
}

std::uint32_t GroupWriter::edges(const Chosen& chosen, Bytes payload)
{
  const WireShares shares = shares_of(library_, *chosen.option);
  const std::uint32_t first_phase = size_of(traffic_.phases.size());
  for (std::size_t p = 0; p < chosen.candidate->phases->size(); ++p) {
    TransferPhase phase{phase_latency(chosen, p, payload), size_of(traffic_.uses.size()), 0};
    const Phase& all = (*chosen.candidate->phases)[p];
    if (all.every_pair > 0 && routes_.members() > most_pairwise)
      throw CannotFinish("an all-to-all among " + std::to_string(routes_.members()) +
                         " members has more edges than can be flows of their own (use fidelity coupled, or groups of at most " +
                         std::to_string(most_pairwise) + ")");
    for_each_edge(all, routes_.members(), [&](const Edge& edge) {
      if (edge.bytes_per_byte <= 0) return;
      const bool in_switch = routes_.is_in_switch(edge.from, edge.to);
      // As in the coupled flow an edge of several channels counts as several connections.
      const double connections = in_switch ? 1 : std::max(1.0, std::round(edge.bytes_per_byte / chosen.candidate->loads[p].member_edge));
      const Bytes bytes = payload * edge.bytes_per_byte / (in_switch ? shares.in_switch : shares.member);
      traffic_.uses.push_back({edge_flow(edge, shares, connections), bytes / connections});
      ++phase.uses;
    });
    traffic_.phases.push_back(phase);
  }
  return transfer(chosen, first_phase);
}

std::vector<StepMessage> GroupWriter::messages_of(const std::vector<Message>& step, Bytes piece, const WireShares& shares)
{
  joined_.clear();
  for (const Message& message : step) {
    const double share = routes_.is_in_switch(message.from, message.to) ? shares.in_switch : shares.member;
    const Bytes bytes = piece * static_cast<double>(message.pieces) / share;
    const std::uint32_t used = edge_flow({message.from, message.to, 1}, shares, 1);
    if (message_of_flow_.size() <= used - first_flow_) message_of_flow_.resize(used - first_flow_ + 1, 0);
    std::uint32_t& place = message_of_flow_[used - first_flow_];
    // What one member sends another within a step goes over one connection: one message.
    if (place < joined_.size() && joined_[place].flow == used)
      joined_[place].bytes += bytes;
    else {
      place = size_of(joined_.size());
      joined_.push_back({message.from, message.to, used, bytes});
    }
  }
  return {joined_.begin(), joined_.end()}; // no larger than needed: there are thousands of steps
}

std::uint32_t GroupWriter::steps(const Chosen& chosen, Operation operation, const GroupShape& shape, Bytes payload)
{
  const WireShares shares = shares_of(library_, *chosen.option);
  Seconds latency;
  for (std::size_t p = 0; p < chosen.candidate->phases->size(); ++p) latency += phase_latency(chosen, p, payload);

  const std::uint32_t index = transfer(chosen, size_of(traffic_.phases.size()));
  Transfer& written = traffic_.transfers[index];
  collective_kinds()[written.algorithm]->play(operation, shape, [&](std::uint32_t pieces, const std::vector<Message>& step) {
    written.steps.push_back(messages_of(step, payload / static_cast<double>(pieces), shares));
  });
  // All of the call's fixed time, spread evenly: an uncontended symmetric schedule then takes what the coupled flow takes.
  written.step_latency = latency / static_cast<double>(std::max<std::size_t>(1, written.steps.size()));
  return index;
}

} // namespace weft
