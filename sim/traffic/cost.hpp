// What a phase costs under a protocol: its fixed latency, its pipeline fill, and the seconds per byte of payload it takes alone.
//
// Latency follows the tuning model of NCCL (NVIDIA/nccl, src/graph/tuning.cc, ncclTopoTuneModel): a base cost of the call plus, for every
// dependent step, a cost by transport and protocol; on top comes the physical latency of the slowest route a step takes, over the network
// less what the library's costs hold already (network-way).
// Left out of that model: its correction tables for medium sizes (treeCorrectionFactor, the ring "plateau"), its 1.8 x on LL steps inside
// nodes of a multi-node call, channel and thread counts.
#pragma once
#include "collectives/collective.hpp"
#include "spec/platform.hpp"
#include "traffic/loads.hpp"
#include "traffic/traffic.hpp"

namespace weft {

/// Payload shares of what goes over the wire, for the edges between members and for those to and from a reducing switch.
/// Bytes on the wire are payload / share: a flow that carries flags or waits on flow control takes its whole part of a link.
struct WireShares {
  double member = 1, in_switch = 1;
  Bandwidth cap; ///< most payload per second a member sends; 0: none
};
/// Of one algorithm under a protocol. Send and receive kernels, of which a direct call is made, reach less of the links than rings do: the
/// library may cap them. Where a group crosses the network another cap may hold: NCCL's for LL falls from 141 to 20 GB/s.
enum class Reach : std::uint8_t { one_domain, network };
WireShares wire_shares(const CollectiveLibrary& library, std::uint32_t protocol, LatencyForm form = LatencyForm::ring,
                       Reach reach = Reach::one_domain);

/// Wire bytes a flow of the phase has per byte of payload: those of its unit edge, of the smaller unit where a phase has both sorts of
/// edges.
double wire_bytes(const PhaseLoad& load, const WireShares& shares);
/// Charge of one link per wire byte of that flow.
double charge_weight(const Fabric& fabric, const PhaseLoad& load, const LinkLoad& link, const WireShares& shares);
/// How many times more a hop between members loads its link than its wire bytes say, so that a member stays under the protocol's cap:
/// 1 but on the member's own port.
double port_factor(const Fabric& fabric, std::uint32_t link, const WireShares& shares);
/// Seconds per byte of payload when the phase has the links for itself.
double seconds_per_byte(const Fabric& fabric, const PhaseLoad& load, const WireShares& shares);

/// Fixed time of a phase without the base cost of the call.
Seconds steps_latency(const CollectiveLibrary& library, const CollectiveKind& kind, const Phase& phase, const PhaseLoad& load,
                      std::uint32_t protocol);
/// Fixed cost of the call.
Seconds base_latency(const CollectiveLibrary& library, const CollectiveKind& kind, std::uint32_t protocol);
/// Share of their scale-up rate (the sum of an accelerator's scale-up links; of all its links where it has none) at which members send
/// when the phase has the links for itself, in (0, 1].
double port_use(const Fabric& fabric, const PhaseLoad& load, const WireShares& shares);
/// Pipeline fill: a collective works in chunks; until the first chunks have gone round, links wait. It costs what the library's ramp would
/// take to pass when the payload is large, as long again as the payload when it is too small to be cut, half at S = ramp:
/// S x ramp / (S + ramp) x seconds per byte.
/// The ramp holds at full scale-up rate and shrinks with the rate members reach: what is in flight grows with the channels, and channels
/// with the bandwidth. Evidence: rings of one rank per node over 400G adapters reach 0.86 of 0.96 of their bandwidth at 16 MiB
/// (aliyun/SimAI, busbw tables), where a node of 8 over NVLink reaches half; the ramp of the latter would make it 0.3.
/// A tree over a network, in-switch reduction or not, has its chunks pass `tree_steps` hops of it besides, up and down: each adds the
/// library's network-ramp, a chunk that is held until it is whole. A payload too small to be cut passes those hops one after the other,
/// each for half as long as the slowest link is busy with it (a node of a tree receives from two children what its adapter carries): at
/// most (1 + tree_steps / 2) times the payload, S x ramp / (S + ramp / (1 + tree_steps / 2)) x seconds per byte.
Seconds fill_time(const CollectiveLibrary& library, const CollectiveKind& kind, Bytes payload, double seconds_per_payload_byte,
                  double share_of_port, double tree_steps = 0);

/// Protocols an algorithm may use, ascending: all, but in-switch reduction only the one with the widest share (as NVLS uses Simple only).
std::vector<std::uint32_t> protocols_for(const CollectiveLibrary& library, const CollectiveKind& kind);
/// The protocol with the widest share, the first of equals: the one bulk transfers and sends use. Throws ConfigError when the library has
/// none.
std::uint32_t widest_protocol(const CollectiveLibrary& library);

/// A chain of domains that passes on a payload chunk by chunk: every hop over the network but the first holds a chunk until it is whole.
/// Inside a node the protocols that NCCL uses over many nodes pass on every 128 bytes; that is left out.
struct Chain {
  double further_hops = 0;
  Bytes chunk;                 ///< of all channels
  double seconds_per_byte = 0; ///< of payload, at an adapter
};
Chain chain_of(const Fabric& fabric, const CollectiveLibrary& library, std::uint32_t protocol, const Phase& phase, const PhaseLoad& load,
               const WireShares& shares);
/// What the chunks of a payload wait along the chain.
Seconds chain_time(const Chain& chain, Bytes payload);

/// One way to carry out an operation on one group: an algorithm under a protocol, ready to be priced for any payload.
struct Option {
  std::uint32_t algorithm = 0, protocol = 0;
  Reach reach = Reach::one_domain;
  double links_at_once = 1;             ///< over which a member sends to others directly: they share the protocol's cap
  std::vector<Seconds> latency;         ///< per phase; the base cost is in the first
  std::vector<double> seconds_per_byte; ///< per phase
  std::vector<double> port_use;         ///< per phase
  std::vector<double> tree_steps;       ///< per phase: over the network
  std::vector<Chain> chain;             ///< per phase
  Seconds total_latency;
  double total_seconds_per_byte = 0;
};

/// Most links from an accelerator straight to others that a phase loads at once; 1 where there are none.
double links_at_once(const Fabric& fabric, const PhaseLoad& load);

/// Shares of an option's algorithm under its protocol.
WireShares shares_of(const CollectiveLibrary& library, const Option& option);
/// Pipeline fill of one phase of an option and what a chain's chunks wait; none for a send.
Seconds phase_fill(const CollectiveLibrary& library, const Option& option, std::size_t phase, Bytes payload);
/// Prices an option for a payload.
Choice priced(const CollectiveLibrary& library, const Option& option, Bytes payload);

} // namespace weft
