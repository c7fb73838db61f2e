// Platforms for the tests of the fabric: round numbers, so that expected values can be worked out in the head.
#pragma once
#include "fabric/topology.hpp"

#include <string>

namespace weft {

/// Settings of a kind as a user would write them.
inline Node settings_text(const std::string& yaml) { return yaml.empty() ? Node{} : read_yaml_text(yaml, "test.yaml"); }

/// A medium of that rate, 100 % efficient, 100 ns, no propagation.
inline LinkMedium medium_of(const std::string& name, Bandwidth bandwidth)
{
  LinkMedium medium;
  medium.name = name;
  medium.bandwidth = bandwidth;
  medium.latency = Seconds(100e-9);
  medium.propagation_ns_per_m = 0;
  medium.power = Watts(2);
  medium.price = Dollars(100);
  return medium;
}

/// Nodes of 8 accelerators (6 links of 25 GB/s) behind an NVSwitch and 8 adapters of 25 GB/s over PCIe of 30 GB/s; switches of 64 ports
/// of 25 GB/s and 200 ns.
inline Platform platform_of(int nodes, const std::string& kind, const std::string& settings = "", int ports = 64)
{
  Platform platform;
  platform.name = "test";
  platform.nodes = nodes;
  platform.node.name = "test-node";
  platform.node.chip.name = "test-chip";
  platform.node.chip.scaleup_link = "nvlink";
  platform.node.chip.scaleup_links = 6;
  platform.node.accelerators = 8;
  platform.node.scaleup = "nvswitch";
  platform.node.scaleup_medium = medium_of("nvlink", Bandwidth(25e9));
  platform.node.adapters.name = "nic";
  platform.node.adapters.count = 8;
  platform.node.adapters.bandwidth = Bandwidth(25e9);
  platform.node.adapters.latency = Seconds(300e-9);
  platform.node.adapters.host_link = "pcie";
  platform.node.host_medium = medium_of("pcie", Bandwidth(30e9));
  platform.fabric.kind = kind;
  platform.fabric.settings = settings_text(settings);
  platform.fabric.switch_model.name = "switch";
  platform.fabric.switch_model.ports = ports;
  platform.fabric.switch_model.port_bandwidth = Bandwidth(25e9);
  platform.fabric.switch_model.latency = Seconds(200e-9);
  platform.fabric.access = medium_of("copper", Bandwidth(25e9));
  platform.fabric.trunk = medium_of("optics", Bandwidth(25e9));
  return platform;
}

/// Number of vertices of one tier of the network.
inline std::int64_t switches_of_tier(const Fabric& fabric, int tier)
{
  std::int64_t count = 0;
  for (const Vertex& vertex : fabric.vertices) count += vertex.kind == VertexKind::network_switch && vertex.tier == tier ? 1 : 0;
  return count;
}

/// The message of what building this platform throws; "" when it builds.
inline std::string refusal_of(const Platform& platform, const Faults& faults = {})
{
  try {
    build_fabric(platform, faults);
  } catch (const ConfigError& error) {
    return error.problem;
  }
  return "";
}

} // namespace weft
