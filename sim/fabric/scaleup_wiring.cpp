#include "fabric/scaleup_wiring.hpp"

namespace weft {

ScaleupDomain domain_of_node(int node_number, std::size_t accelerators)
{
  ScaleupDomain domain;
  for (std::size_t i = 0; i < accelerators; ++i)
    domain.members.push_back(id_of<AcceleratorId>(static_cast<std::size_t>(node_number) * accelerators + i));
  return domain;
}

namespace {

/// Parallel cables of the node's scale-up medium from a to b; `entry` is added on the way into b.
void add_scaleup_cable(FabricBuilder& builder, const NodeModel& node, VertexId a, VertexId b, int count, Bandwidth rate, Seconds entry)
{
  builder.add_cable({.a = a,
                     .b = b,
                     .bandwidth = rate,
                     .medium = &node.scaleup_medium,
                     .length = Metres{0},
                     .entry_a = Seconds(0),
                     .entry_b = entry,
                     .class_up = node.scaleup_medium.name + " up",
                     .class_down = node.scaleup_medium.name + " down",
                     .count = count});
}

} // namespace

void join_accelerators(FabricBuilder& builder, const NodeModel& node, VertexId a, VertexId b, int count, std::optional<Bandwidth> rate)
{
  add_scaleup_cable(builder, node, a, b, count, rate.value_or(node.scaleup_medium.bandwidth), Seconds(0));
}

ScaleupDomain join_to_switch(FabricBuilder& builder, const NodeModel& node, int node_number, const std::vector<VertexId>& accelerators,
                             const std::string& name, Seconds passage)
{
  const VertexId hub = builder.add_vertex({.name = name, .kind = VertexKind::scaleup_switch, .node = node_number, .tier = 0, .ports = 0});
  for (const VertexId accelerator : accelerators)
    add_scaleup_cable(builder, node, accelerator, hub, node.chip.scaleup_links, node.scaleup_medium.bandwidth, passage);
  ScaleupDomain domain = domain_of_node(node_number, accelerators.size());
  domain.has_switch = true;
  domain.switch_vertex = hub;
  domain.inner = {hub};
  return domain;
}

} // namespace weft
