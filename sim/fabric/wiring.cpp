#include "fabric/wiring.hpp"
#include "fabric/names.hpp"

#include <algorithm>

namespace weft {

Bandwidth access_rate(const Platform& platform)
{
  return std::min({platform.node.adapters.bandwidth, platform.fabric.switch_model.port_bandwidth, platform.fabric.access.bandwidth});
}

const SwitchModel& switch_of_tier(const Platform& platform, int tier)
{
  const FabricModel& fabric = platform.fabric;
  return tier > 1 && fabric.spine_switch_model.ports > 0 ? fabric.spine_switch_model : fabric.switch_model;
}

Bandwidth trunk_rate(const Platform& platform)
{
  return std::min(
      {platform.fabric.switch_model.port_bandwidth, switch_of_tier(platform, 2).port_bandwidth, platform.fabric.trunk.bandwidth});
}

void require_network(const Platform& platform)
{
  const FabricModel& fabric = platform.fabric;
  constexpr int most_ports = 65536;
  if (platform.node.adapters.count < 1)
    refuse(fabric.settings, "the nodes have no network adapters, so fabric kind '" + fabric.kind +
                                "' has nothing to join (set node.adapters.count, or kind: none)");
  for (const int tier : {1, 2})
    if (const int ports = switch_of_tier(platform, tier).ports; ports < 2 || ports > most_ports)
      refuse(fabric.settings, "the switch has " + std::to_string(ports) + " ports (use a switch with 2 to 65536)");
}

void require_size(std::int64_t switches, std::int64_t trunk_cables, const Node& where)
{
  constexpr std::int64_t most_switches = std::int64_t{1} << 20, most_cables = FabricBuilder::most_links / 2;
  if (switches > most_switches || trunk_cables > most_cables)
    refuse(where, "the network needs " + with_commas(switches) + " switches and " + with_commas(trunk_cables) +
                      " cables between them, at most " + with_commas(most_switches) + " and " + with_commas(most_cables) +
                      " can be simulated (use fewer or smaller groups or dimensions)");
}

VertexId add_switch(FabricBuilder& builder, const Platform& platform, const std::string& name, int tier)
{
  return builder.add_vertex(
      {.name = name, .kind = VertexKind::network_switch, .node = -1, .tier = tier, .ports = switch_of_tier(platform, tier).ports});
}

void attach_adapter(FabricBuilder& builder, const Platform& platform, VertexId adapter, VertexId leaf)
{
  builder.add_cable({.a = adapter,
                     .b = leaf,
                     .bandwidth = access_rate(platform),
                     .medium = &platform.fabric.access,
                     .length = platform.fabric.access_length,
                     .efficiency = platform.node.adapters.efficiency,
                     .entry_a = platform.node.adapters.latency,
                     .entry_b = platform.fabric.switch_model.latency,
                     .class_up = "nic up",
                     .class_down = "nic down"});
}

void join_switches(FabricBuilder& builder, const Platform& platform, VertexId lower, VertexId upper, const std::string& link_class)
{
  builder.add_cable({.a = lower,
                     .b = upper,
                     .bandwidth = trunk_rate(platform),
                     .medium = &platform.fabric.trunk,
                     .length = platform.fabric.trunk_length,
                     .entry_a = switch_of_tier(platform, builder.vertices[lower.index()].tier).latency,
                     .entry_b = switch_of_tier(platform, builder.vertices[upper.index()].tier).latency,
                     .class_up = link_class + " up",
                     .class_down = link_class + " down"});
}

} // namespace weft
