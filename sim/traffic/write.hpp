// Writes the flows of one group: the fidelity ladder. Flows are per byte of wire and shared by all transfers of the group that charge
// the same links alike; only latency and bytes differ between them.
#pragma once
#include "traffic/choice.hpp"
#include "traffic/traffic.hpp"

#include <map>
#include <tuple>

namespace weft {

/// What a group's transfers are written from and to.
class GroupWriter {
public:
  GroupWriter(Traffic& traffic, const CollectiveLibrary& library, GroupRoutes& routes, std::uint32_t group)
      : traffic_(traffic), library_(library), routes_(routes), group_(group), first_flow_(static_cast<std::uint32_t>(traffic.flows.size()))
  {
  }
  /// Adds a transfer of phases: one flow per phase, or one per edge. Returns its index.
  std::uint32_t coupled(const Chosen& chosen, Bytes payload);
  std::uint32_t edges(const Chosen& chosen, Bytes payload);
  /// Adds a transfer of single messages.
  std::uint32_t steps(const Chosen& chosen, Operation operation, const GroupShape& shape, Bytes payload);

private:
  void require_room(std::size_t charges) const;
  std::uint32_t flow(const std::vector<Charge>& charges);
  std::uint32_t edge_flow(const Edge& edge, const WireShares& shares, double connections);
  std::vector<StepMessage> messages_of(const std::vector<Message>& step, Bytes piece, const WireShares& shares);
  std::uint32_t transfer(const Chosen& chosen, std::uint32_t first_phase);
  [[nodiscard]] Seconds phase_latency(const Chosen& chosen, std::size_t phase, Bytes payload) const;

  Traffic& traffic_;
  const CollectiveLibrary& library_;
  GroupRoutes& routes_;
  std::uint32_t group_;
  std::uint32_t first_flow_; // flows of this group start here
  std::map<std::tuple<std::uint32_t, std::uint32_t, double, double>, std::uint32_t>
      edge_flows_;                             // by edge, cap of what it sends on the wire, connections
  std::vector<StepMessage> joined_;            // messages of the step at hand
  std::vector<std::uint32_t> message_of_flow_; // per flow of this group: place of its latest message in its step
};

} // namespace weft
