#include "fabric/scaleup_wiring.hpp"

namespace weft {

ScaleupDomain domain_of_node(int node_number, std::size_t accelerators)
{
  ScaleupDomain domain;
  for (std::size_t i = 0; i < accelerators; ++i)
    domain.members.push_back(id_of<AcceleratorId>(static_cast<std::size_t>(node_number) * accelerators + i));
  return domain;
}

void join_accelerators(FabricBuilder& builder, const NodeModel& node, VertexId a, VertexId b, int count)
{
  builder.add_cable({.a = a,
                     .b = b,
                     .bandwidth = node.scaleup_medium.bandwidth,
                     .medium = &node.scaleup_medium,
                     .length = Metres{0},
                     .entry_a = Seconds(0),
                     .entry_b = Seconds(0),
                     .class_up = node.scaleup_medium.name + " up",
                     .class_down = node.scaleup_medium.name + " down",
                     .count = count});
}

} // namespace weft
