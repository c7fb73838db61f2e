// What each communication puts on which link: groups of the job, carried out by an algorithm, over routes of the fabric.
// The fidelity ladder is decided here: coupled (one flow per phase), edges (one per edge), steps (one per message).
#pragma once
#include "collectives/collective.hpp"
#include "fabric/fabric.hpp"
#include "job/job.hpp"
#include "spec/scenario.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace weft {

/// Bytes a flow puts on a link per byte of the flow.
struct Charge {
  std::uint32_t link = 0;
  double weight = 1;
};

/// A fluid flow: one variable of the fair sharing. Its rate r loads link l with weight_l x r.
struct Flow {
  std::uint32_t first_charge = 0, charges = 0; ///< in Traffic::charges, sorted by link
};

/// Flows that start together after a fixed latency; the phase ends when all have ended.
struct TransferPhase {
  Seconds latency;
  std::uint32_t first_use = 0, uses = 0; ///< in Traffic::uses
};
/// A flow and how many bytes of it a phase moves.
struct FlowUse {
  std::uint32_t flow = 0;
  Bytes bytes;
};
/// One message of a transfer played step by step (fidelity steps).
struct StepMessage {
  std::uint32_t from = 0, to = 0; ///< member numbers; the switch of domain d is members + d
  std::uint32_t flow = 0;
  Bytes bytes;
};

/// What one communication does once all members have arrived: phases in sequence, or messages step by step.
struct Transfer {
  std::uint32_t algorithm = 0;                 ///< index into collective_kinds(); 0xffff: a plain send
  std::uint32_t protocol = 0;                  ///< index into the library's protocols
  std::uint32_t first_phase = 0, phases = 0;   ///< in Traffic::phases
  Seconds step_latency;                        ///< of each message, when played in steps
  std::vector<std::vector<StepMessage>> steps; ///< empty unless fidelity is steps
};

/// All communication of a job on a fabric.
struct Traffic {
  std::vector<Charge> charges;
  std::vector<Flow> flows;
  std::vector<FlowUse> uses;
  std::vector<TransferPhase> phases;
  std::vector<Transfer> transfers;
  std::vector<std::uint32_t> flow_group; ///< per flow: the group it belongs to
  /// transfer_of[group][k]: transfer for the k-th payload of payloads_of[kind of group]; same order for all groups of a kind.
  std::vector<std::vector<std::uint32_t>> transfer_of;
  std::vector<std::vector<std::uint32_t>> payloads_of; ///< per group kind: payload indices its members use, ascending

  [[nodiscard]] std::span<const Charge> charges_of(std::uint32_t flow) const
  {
    return {charges.data() + flows[flow].first_charge, flows[flow].charges};
  }
  [[nodiscard]] std::uint32_t transfer(const Job& job, std::uint32_t group, std::uint32_t payload) const;
};

/// Lowers every communication of the job. A group of one member, and a payload of zero bytes, get a transfer of zero phases: it ends at
/// once. Bytes of flows are bytes on the wire: payload divided by the protocol's bandwidth share (LL sends a flag beside every word).
/// Throws ConfigError when a forced algorithm is unknown or cannot carry out an operation on a group, CannotFinish when the traffic would
/// not fit in memory.
Traffic lower(const Job& job, const Fabric& fabric, const CollectiveLibrary& library, const EngineSettings& settings);

/// Transfer::algorithm of a plain send.
constexpr std::uint32_t plain_send = 0xffff;

/// Algorithm and protocol, and the time they would take alone: what the automatic choice minimises.
struct Choice {
  std::uint32_t algorithm = 0, protocol = 0; ///< as in Transfer
  Seconds latency;                           ///< fixed part: calls, steps and the physical way
  Seconds fill;                              ///< what the pipeline fill adds at this payload
  Bandwidth bandwidth;                       ///< payload per second, uncontended; zero when nothing is moved
  Seconds time;                              ///< latency + fill + bytes / bandwidth
};

/// The choice lower() makes for one operation of `bytes` payload among accelerators (members in ring order): the algorithm the settings
/// force or the fastest of all that can carry it out. Throws ConfigError as lower() does.
Choice choose(const Fabric& fabric, const CollectiveLibrary& library, const EngineSettings& settings, Operation operation, Bytes bytes,
              std::span<const AcceleratorId> members);
/// The choice for people: "ring, Simple: 123 us (latency 20.1 us, fill 3 us, 230 GB/s)".
std::string describe(const Choice& choice, const CollectiveLibrary& library);

/// Text form for --dump traffic: flows with their charges, transfers with their phases; one per line, by group.
std::string to_text(const Traffic& traffic, const Job& job);

} // namespace weft
