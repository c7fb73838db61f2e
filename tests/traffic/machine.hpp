// A small machine and small jobs for the tests of traffic: two nodes of four accelerators, numbers round enough for mental arithmetic.
#pragma once
#include "fabric/fabric.hpp"
#include "job/job.hpp"
#include "traffic/traffic.hpp"

#include <map>
#include <numeric>

namespace weft::test {

/// Nodes of four accelerators with 100 GB/s to a switch and one 10 GB/s adapter each; all adapters on one leaf.
inline Platform platform(int nodes = 2)
{
  Platform machine;
  machine.name = "test";
  machine.nodes = nodes;
  NodeModel& node = machine.node;
  node.name = "test node";
  node.accelerators = 4;
  node.chip.name = "test chip";
  node.chip.scaleup_links = 4;
  node.scaleup = "nvswitch";
  node.scaleup_settings = read_yaml_text("{reduces: true}", "test");
  node.scaleup_medium.name = "scaleup";
  node.scaleup_medium.bandwidth = Bandwidth(25e9);
  node.scaleup_medium.latency = Seconds(0.25e-6);
  node.adapters.name = "test adapter";
  node.adapters.count = 4;
  node.adapters.bandwidth = Bandwidth(10e9);
  node.adapters.host_link = "host";
  node.host_medium.name = "host";
  node.host_medium.bandwidth = Bandwidth(20e9);
  node.host_medium.latency = Seconds(0.5e-6);
  machine.fabric.kind = "leaf-spine";
  machine.fabric.settings = read_yaml_text("{leaves: 1, spines: 0}", "test");
  machine.fabric.switch_model.name = "test switch";
  machine.fabric.switch_model.ports = 64;
  machine.fabric.switch_model.port_bandwidth = Bandwidth(10e9);
  machine.fabric.access.name = "access";
  machine.fabric.access.bandwidth = Bandwidth(10e9);
  machine.fabric.access.latency = Seconds(1e-6);
  machine.fabric.access_length = Metres{0};
  machine.fabric.trunk.name = "trunk";
  machine.fabric.trunk.bandwidth = Bandwidth(10e9);
  machine.fabric.trunk.latency = Seconds(1e-6);
  machine.fabric.trunk_length = Metres{0};

  CollectiveLibrary& library = machine.library;
  library.name = "test library";
  CollectiveLibrary::Protocol fast, wide;
  fast.name = "LL";
  fast.bandwidth_share = 0.5;
  fast.base_ring = fast.base_tree = Seconds(2e-6);
  fast.step_scaleup_ring = fast.step_scaleup_tree = Seconds(0.5e-6);
  fast.step_host_ring = fast.step_host_tree = Seconds(1e-6);
  fast.step_network_ring = fast.step_network_tree = Seconds(2e-6);
  wide.name = "Simple";
  wide.bandwidth_share = 1;
  wide.base_ring = wide.base_tree = Seconds(8e-6);
  wide.step_scaleup_ring = wide.step_scaleup_tree = Seconds(3e-6);
  wide.step_host_ring = wide.step_host_tree = Seconds(5e-6);
  wide.step_network_ring = wide.step_network_tree = Seconds(10e-6);
  library.protocols = {fast, wide};
  library.point_to_point = Seconds(4e-6);
  library.step_in_switch = Seconds(20e-6);
  library.step_in_switch_network = Seconds(10e-6);
  library.in_switch_efficiency = 0.8;
  return machine;
}

/// A job whose only groups are the given ones, all of one kind and slot, each member issuing the payloads in order.
inline Job job_of(std::size_t ranks, const std::vector<std::vector<std::uint32_t>>& groups, const std::vector<Payload>& payloads)
{
  Job job;
  job.lanes = {"lane"};
  job.slots = {{"slot"}};
  job.group_kinds = {"kind"};
  job.payloads = payloads;
  Program busy{"busy", {}, {}}, idle{"idle", {}, {}};
  for (std::uint32_t p = 0; p < payloads.size(); ++p) busy.tasks.push_back({TaskKind::communicate, 0, 0, p, 0, 0});
  job.programs = {busy, idle};
  job.groups_of.assign(ranks, Job::no_group);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    Group group;
    for (const std::uint32_t member : groups[g]) {
      group.members.push_back(RankId{member});
      job.groups_of[member] = static_cast<std::uint32_t>(g);
    }
    job.groups.push_back(group);
  }
  for (std::uint32_t r = 0; r < ranks; ++r) job.ranks.push_back({RoleId{job.groups_of[r] == Job::no_group ? 1u : 0u}, AcceleratorId{r}, 1});
  return job;
}

/// Ranks 0 .. count-1.
inline std::vector<std::uint32_t> first_ranks(std::uint32_t count)
{
  std::vector<std::uint32_t> members(count);
  std::iota(members.begin(), members.end(), 0u);
  return members;
}

inline Payload payload(Operation operation, double bytes)
{
  return {operation_names[static_cast<std::size_t>(operation)], operation, Bytes(bytes), Category::other};
}

inline const Transfer& transfer_of(const Traffic& traffic, std::size_t group = 0, std::size_t k = 0)
{
  return traffic.transfers[traffic.transfer_of[group][k]];
}

/// Time of a transfer that has the fabric for itself: phases in sequence, each as long as its slowest link, all its flows together.
inline Seconds time_alone(const Traffic& traffic, const Fabric& fabric, const Transfer& transfer)
{
  Seconds time;
  for (std::uint32_t p = transfer.first_phase; p < transfer.first_phase + transfer.phases; ++p) {
    std::map<std::uint32_t, double> bytes;
    const TransferPhase& phase = traffic.phases[p];
    for (std::uint32_t u = phase.first_use; u < phase.first_use + phase.uses; ++u)
      for (const Charge& charge : traffic.charges_of(traffic.uses[u].flow))
        bytes[charge.link] += charge.weight * traffic.uses[u].bytes.base();
    Seconds slowest;
    for (const auto& [link, amount] : bytes) slowest = std::max(slowest, Bytes(amount) / fabric.links[link].capacity);
    time += phase.latency + slowest;
  }
  return time;
}

/// Bytes a transfer puts on each link.
inline std::map<std::uint32_t, double> bytes_per_link(const Traffic& traffic, const Transfer& transfer)
{
  std::map<std::uint32_t, double> bytes;
  const auto add = [&](std::uint32_t flow, Bytes amount) {
    for (const Charge& charge : traffic.charges_of(flow)) bytes[charge.link] += charge.weight * amount.base();
  };
  for (std::uint32_t p = transfer.first_phase; p < transfer.first_phase + transfer.phases; ++p)
    for (std::uint32_t u = traffic.phases[p].first_use; u < traffic.phases[p].first_use + traffic.phases[p].uses; ++u)
      add(traffic.uses[u].flow, traffic.uses[u].bytes);
  for (const auto& step : transfer.steps)
    for (const StepMessage& message : step) add(message.flow, message.bytes);
  return bytes;
}

} // namespace weft::test
