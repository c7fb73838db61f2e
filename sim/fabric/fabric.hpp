// The machine as a graph: accelerators, adapters and switches joined by directed links with a capacity and a latency.
// Flat arrays at run time; Boost.Graph builds and checks (check.cpp). Knows nothing of ranks, models or time.
#pragma once
#include "fabric/grid.hpp"
#include "spec/scenario.hpp"
#include "units/id.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace weft {

/// `host_switch`: a PCIe switch, host bridge or network card that several devices of a node share.
enum class VertexKind { accelerator, adapter, scaleup_switch, network_switch, host_switch };

/// A device or switch.
struct Vertex {
  std::string name; ///< "node3/gpu0", "node3/nic0", "node3/nvswitch", "leaf2", "spine0", "core1"
  VertexKind kind = VertexKind::accelerator;
  int node = -1;  ///< owning node, -1 for network switches
  int tier = 0;   ///< 0 inside nodes, 1 leaf, 2 spine, 3 core
  int ports = 0;  ///< radix of a network switch; 0: not limited
  int group = -1; ///< of a network switch of a dragonfly: the group it belongs to; -1: none
};

/// One direction of a cable or port.
struct Link {
  VertexId from, to;
  Bandwidth capacity;       ///< payload bandwidth (raw x efficiency), after degradation
  Seconds latency;          ///< medium + propagation + the switch or adapter it enters
  std::uint16_t medium = 0; ///< index into Fabric::media: what reports call it ("nvlink3", "pcie-gen4-x16", "access", "trunk")
};

/// What reports group links by.
struct MediumClass {
  std::string name; ///< "nvlink3 up", "nic up", "leaf-spine up", ... : preset or tier, and direction
  Bandwidth raw;    ///< before efficiency
  Watts power;
  Dollars price;  ///< of one cable (both directions), counted on one of the two directed links only
  int cables = 1; ///< cables striped into one such link (an accelerator's NVLinks to its switch); raw, power and price are theirs together
  std::string medium = {}; ///< name of the LinkMedium it is made of
};

/// One link of a route and the share of the pair's bytes that crosses it (1, or 1/k when sprayed over k).
struct Hop {
  LinkId link;
  double share = 1;
};

/// The way from one device to another.
struct Route {
  std::vector<Hop> hops;
  Seconds latency; ///< of the longest of the ways
};

/// The accelerators of one scale-up domain and the switch that can reduce in the network, if any.
struct ScaleupDomain {
  std::vector<AcceleratorId> members;
  bool has_switch = false;
  VertexId switch_vertex;                 ///< valid when has_switch
  bool reduces = false;                   ///< the switch offers in-switch reduction (NVLS)
  std::vector<VertexId> inner;            ///< switches and bridges that forward between the members
  Grid grid = {};                         ///< where members stand when links join them directly, in member order; empty: in no grid
  std::vector<Bandwidth> grid_rates = {}; ///< of one link along every dimension of the grid, raw
};

/// The links between an accelerator and the adapter it uses, in order of travel: one, or up to three where devices share a host link.
struct HostWay {
  std::array<LinkId, 3> links{};
  std::uint8_t count = 0;
  [[nodiscard]] std::span<const LinkId> view() const { return {links.data(), count}; }
};

/// The whole machine. Built by build_fabric, constant afterwards.
struct Fabric {
  std::vector<Vertex> vertices;
  std::vector<Link> links;
  std::vector<MediumClass> media;
  std::vector<VertexId> accelerators;                 ///< vertex of each accelerator, node by node
  std::vector<VertexId> exits;                        ///< adapter vertex each accelerator uses, same index; itself when the node has none
  std::vector<ScaleupDomain> domains;                 ///< one per node (or pod)
  std::vector<std::uint32_t> domain_of;               ///< per accelerator
  std::vector<std::uint32_t> first_out, out_links;    ///< CSR: links leaving each vertex
  std::shared_ptr<const struct RoutingTable> routing; ///< filled lazily by route(); see routing.hpp
  std::string topology, routing_kind;
  std::vector<VertexId> adapters;       ///< all of them, node by node
  std::vector<HostWay> way_out, way_in; ///< per accelerator: to its adapter, and back; empty when the node has none
  std::uint64_t seed = 1;               ///< of flow hashing
};

/// Builds the platform's graph and checks it: connected, ports within the radix, faults name links that exist.
/// Throws ConfigError for settings a topology cannot be built with. `seed` enters the hash of routing kinds that hash.
/// Not thread-safe to route on: the routing table behind the fabric fills as routes are asked for.
Fabric build_fabric(const Platform& platform, const Faults& faults = {}, std::uint64_t seed = 1);

/// The way from accelerator to accelerator, or between an accelerator and its scale-up switch. Same domain: over scale-up links;
/// else through adapters and the network, by the platform's routing kind. `label` distinguishes flows of one pair for hashing.
Route route(const Fabric& fabric, AcceleratorId from, AcceleratorId to, std::uint64_t label);
Route route_to_switch(const Fabric& fabric, AcceleratorId from);
Route route_from_switch(const Fabric& fabric, AcceleratorId to);

/// Whether two accelerators are in one scale-up domain.
bool same_domain(const Fabric& fabric, AcceleratorId a, AcceleratorId b);

/// Text form, one vertex or link per line, for --dump fabric.
std::string to_text(const Fabric& fabric);

} // namespace weft
