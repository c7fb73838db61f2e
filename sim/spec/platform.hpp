// The machine as the user describes it: chips in nodes, nodes on a fabric. Pure data, presets resolved; nothing here knows how anything is
// simulated.
#pragma once
#include "spec/provenance.hpp"
#include "units/quantity.hpp"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weft {

enum class Precision { fp32, tf32, fp16, bf16, fp8 };
template <> struct Choices<Precision> {
  static constexpr std::array<const char*, 5> names{"fp32", "tf32", "fp16", "bf16", "fp8"};
};
/// Bytes of one value stored at that precision.
constexpr Bytes bytes_of(Precision p) { return Bytes(p == Precision::fp32 || p == Precision::tf32 ? 4 : p == Precision::fp8 ? 1 : 2); }

/// How close real kernels come to a chip's peaks. Few, physical, shared by every run on the chip. See docs/theory.md.
struct ComputeModel {
  double matmul_efficiency = 0.8;   ///< share of dense peak a large matrix product sustains, tiles and waves aside
  double matmul_efficiency_fp8 = 0; ///< the same for fp8; 0: as matmul_efficiency
  double fp8_row_share = 1;         ///< of that, what fp8 products keep whose operands are scaled by rows
  double fp8_block_share = 1;       ///< the same of operands scaled by blocks
  double memory_efficiency = 0.8;   ///< share of memory bandwidth a long copy sustains
  double streaming_share = 1;       ///< of that, what kernels sustain that compute on what they stream: norms, gates, casts, updates
  int multiprocessors = 1;          ///< units a kernel's tiles are spread over (waves)
  int tile_rows = 128;              ///< output tile of the matrix kernels
  int tile_columns = 256;
  double small_tile_efficiency = 0.93; ///< share of the full tile's efficiency a tile of half the columns keeps
  double depth_half = 30;              ///< inner dimension at which a matrix product reaches half its efficiency (pipeline fill of a tile)
  double attention_efficiency_forward = 0.5;  ///< share of dense peak of the fused attention kernel (FlashAttention 2), forward
  double attention_efficiency_backward = 0.4; ///< the same, backward
  double first_attention_forward = 0;  ///< the same of FlashAttention's first generation; 0: 0.55 of the second's (see docs/theory.md)
  double first_attention_backward = 0; ///< 0: 0.48 of the second's
  double third_attention_forward = 0;  ///< of the third generation; 0: as the second
  double third_attention_backward = 0;
  Seconds kernel_overhead = Seconds(3e-6);    ///< time between dependent kernels on one stream
  Bytes ramp = Bytes(0);                      ///< bytes at which a streaming kernel reaches half its bandwidth
};
template <> const Record<ComputeModel>& record_of<ComputeModel>();

/// Compute dies of one package that software sees as one accelerator: what crosses from die to die. See docs/theory.md.
struct Dies {
  int count = 1;
  Bandwidth bandwidth;                ///< of all links of one die to the others, one direction; 0: never limits
  std::optional<double> remote_share; ///< of a die's memory traffic that goes to another die's memory; absent: (count - 1) / count
};
template <> const Record<Dies>& record_of<Dies>();

/// Compute units in the memory, beside its banks. See docs/theory.md.
struct NearMemory {
  Bandwidth bandwidth; ///< between the banks and the units, all stacks together; 0: there are none
};
template <> const Record<NearMemory>& record_of<NearMemory>();

/// One accelerator.
struct Chip {
  std::string name; ///< file name of the preset
  std::string title;
  Provenance provenance;
  std::string release;                ///< "2020-11"
  std::string no_training;            ///< why it cannot train, for a part that only infers; empty: it can
  std::map<Precision, FlopRate> peak; ///< dense matrix peaks; a missing one cannot be used
  Bytes memory;                       ///< device memory
  Bytes context_memory;               ///< of it, what driver context and loaded kernels take; 0: not known
  Bandwidth memory_bandwidth;         ///< 0: not known, or no memory beside the chip's own; only where it cannot train
  Dies dies;
  NearMemory near_memory;
  Bytes cache;              ///< last-level cache
  std::string scaleup_link; ///< preset of links/ its scale-up ports use ("nvlink3"); empty: none
  int scaleup_links = 0;    ///< such links per chip
  Watts power;              ///< thermal design power
  Dollars price;            ///< 0: not known
  ComputeModel compute;
};
template <> const Record<Chip>& record_of<Chip>();

/// A kind of cable or port: what one direction of it carries and adds.
struct LinkMedium {
  std::string name;
  std::string title;
  Provenance provenance;
  Bandwidth bandwidth;   ///< one direction, raw. A fabric may run it slower, at its port's rate, never faster
  double efficiency = 1; ///< payload share of the raw rate (headers, credits, protocol)
  Seconds latency;       ///< added by transceivers, FEC and SerDes of both ends, without propagation
  double propagation_ns_per_m = 5;
  Metres reach{3};
  Watts power;                           ///< of both ends together
  Dollars price;                         ///< of the cable with both ends
  double failures_per_billion_hours = 0; ///< FIT of the cable with both ends, without ends that are co-packaged
  Seconds repair;                        ///< from a failure until it carries again
  int co_packaged_ends = 0;              ///< ends that are optical engines of a switch instead of plugs: their failures are the switch's
};
template <> const Record<LinkMedium>& record_of<LinkMedium>();

/// Optics on the package of a switch: engines that each carry several ports, fed by laser sources in plugs of their own.
struct CoPackagedOptics {
  int engines = 0;                              ///< of one switch, evenly over its ports; 0: the switch takes plugs
  double engine_failures_per_billion_hours = 0; ///< of one engine; replacing it takes the whole switch out of service
  int lasers = 0;                               ///< external laser sources of one switch, evenly over its ports
  double laser_failures_per_billion_hours = 0;  ///< of one source
  Seconds laser_repair;                         ///< from its failure until its ports carry again
};
template <> const Record<CoPackagedOptics>& record_of<CoPackagedOptics>();

/// A packet switch of the scale-out fabric.
struct SwitchModel {
  std::string name;
  std::string title;
  Provenance provenance;
  int ports = 0;
  Bandwidth port_bandwidth; ///< one direction
  Seconds latency;          ///< port to port
  Watts power;              ///< without optics, which the links carry
  Dollars price;
  double failures_per_billion_hours = 0; ///< FIT of the switch itself, without its optics
  Seconds repair;                        ///< from a failure until it is back in service
  CoPackagedOptics optics;
};
template <> const Record<SwitchModel>& record_of<SwitchModel>();

/// Network adapters of a node.
struct Adapters {
  std::string name;               ///< "ConnectX-6 HDR"
  int count = 0;                  ///< per node; 0: the node has no scale-out network
  Bandwidth bandwidth;            ///< port rate, one direction
  double efficiency = 1;          ///< payload share of the port rate an RDMA stream reaches
  Seconds latency;                ///< added by adapter and driver, per end
  std::string host_link;          ///< preset of links/ between accelerator and adapter ("pcie-gen4-x16")
  int adapters_per_host_link = 1; ///< adapters that share one host link
};
template <> const Record<Adapters>& record_of<Adapters>();

/// A server: accelerators, how they reach one another, and how they leave.
struct NodeModel {
  std::string name;
  std::string title;
  Provenance provenance;
  Chip chip;
  int accelerators = 8;
  Word scaleup;              ///< topology kind inside the node: "nvswitch", "hybrid-cube-mesh", "none"
  Node scaleup_settings;     ///< that kind's own keys
  LinkMedium scaleup_medium; ///< resolved from chip.scaleup_link
  Adapters adapters;
  LinkMedium host_medium; ///< resolved from adapters.host_link
  Watts power;            ///< the whole node at full load
  Dollars price;
};

/// The scale-out network between nodes.
struct FabricModel {
  Word kind;     ///< topology kind: "fat-tree", "rail-optimized", "leaf-spine", "graph", "none"
  Node settings; ///< that kind's own keys
  SwitchModel switch_model;
  SwitchModel spine_switch_model; ///< of the tiers above the leaves; zero ports: as switch_model
  LinkMedium access;              ///< node to first switch
  LinkMedium trunk;               ///< switch to switch
  Metres access_length{3};
  Metres trunk_length{30};
};

/// When data leaves through another accelerator's adapter than the sender's own (NCCL calls it PXN).
enum class Pxn { never, needed, rail };
template <> struct Choices<Pxn> {
  static constexpr std::array<const char*, 3> names{"never", "needed", "rail"};
};

/// How an all-to-all issues its messages: eight rounds of pairs at a time, as send and receive kernels do, or all at once, as one-sided
/// writes may be.
enum class DirectRounds { eight, all };
template <> struct Choices<DirectRounds> {
  static constexpr std::array<const char*, 2> names{"eight", "all"};
};

/// How the collective library behaves on this platform: latencies and efficiencies by transport and protocol, as in NCCL's own tuning
/// model.
struct CollectiveLibrary {
  std::string name;
  std::string title;
  Provenance provenance;
  /// One protocol (LL, LL128, Simple): share of link bandwidth it reaches and its latencies.
  struct Protocol {
    std::string name;
    double bandwidth_share = 1;                   ///< of the path's payload bandwidth
    Bandwidth bandwidth_cap;                      ///< absolute ceiling per rank; 0: none
    Bandwidth bandwidth_cap_network;              ///< the same for groups that cross the scale-out network; 0: as bandwidth_cap
    Bytes chunk;                                  ///< payload that a hop of a broadcast's chain holds until it is whole, per channel
    Seconds base_ring, base_tree;                 ///< fixed cost of one call
    Seconds step_scaleup_ring, step_scaleup_tree; ///< per step between accelerators of one scale-up domain
    Seconds step_host_ring, step_host_tree;       ///< per step through the host (PCIe)
    Seconds step_network_ring, step_network_tree; ///< per step over the scale-out network
  };
  std::vector<Protocol> protocols;
  Seconds step_in_switch;             ///< latency of one in-switch (NVLS) reduction
  Seconds step_in_switch_network;     ///< added per network level of the in-switch tree
  double in_switch_efficiency = 0.85; ///< payload share of the link rate in-switch reduction reaches
  bool in_switch = false;             ///< whether the library may use in-switch reduction (the node's switches must offer it, too)
  Bytes ramp;                         ///< payload at which a ring or tree has paid half of its pipeline fill
  Bytes in_switch_ramp;               ///< the same for in-switch reduction
  Bytes network_ramp;                 ///< added to both per network step of a tree
  int multiprocessors = 0;            ///< of the accelerator that a running collective occupies
  Seconds point_to_point;             ///< fixed cost of one send/receive pair
  Seconds point_to_point_scaleup;     ///< the same inside a scale-up domain; 0: point_to_point
  Seconds direct_base;                ///< fixed cost of one direct call (all-to-all); 0: point_to_point
  Bandwidth direct_cap;               ///< most a member of a direct call sends; 0: none
  Bytes direct_ramp;                  ///< payload at which a direct call has paid half of what its chunks cost to start
  Bytes communicator_memory;          ///< device memory of one communicator, its channels' buffers; 0: not known
  Bytes communicator_memory_pair;     ///< the same of two members; 0: communicator_memory
  DirectRounds direct_rounds = DirectRounds::eight;
  Seconds network_way;                ///< of the way over the network, what the network steps' costs hold already
  Seconds launch;                     ///< host time to issue one call on one accelerator
  Seconds launch_blocking;            ///< host time of a call that is waited for before the next, until its kernel starts
};
template <> const Record<CollectiveLibrary::Protocol>& record_of<CollectiveLibrary::Protocol>();
template <> const Record<CollectiveLibrary>& record_of<CollectiveLibrary>();

/// The whole machine.
struct Platform {
  std::string name;
  std::string title;
  Provenance provenance;
  int nodes = 1;
  NodeModel node;
  FabricModel fabric;
  Word routing = "deterministic"; ///< routing kind: "deterministic", "ecmp", "spray"
  Pxn pxn = Pxn::needed;
  Node routing_settings; ///< that kind's own keys
  CollectiveLibrary library;
};

} // namespace weft
