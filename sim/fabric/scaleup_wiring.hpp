// What scale-up kinds share: domains, links between accelerators and to the switch of a node.
#pragma once
#include "fabric/builder.hpp"

#include <optional>
#include <string>
#include <vector>

namespace weft {

/// All accelerators of a node as one domain without a switch.
ScaleupDomain domain_of_node(int node_number, std::size_t accelerators);

/// A cable of `count` scale-up links between two accelerators, striped into one; classes "MEDIUM up" and "MEDIUM down". `rate`: of one
/// link, one direction, raw; left out, the scale-up medium's.
void join_accelerators(FabricBuilder& builder, const NodeModel& node, VertexId a, VertexId b, int count,
                       std::optional<Bandwidth> rate = std::nullopt);

/// A domain behind one logical switch of that name: every accelerator joined to it by all its scale-up links, striped into one, classes as
/// above. `passage`: time into the switch, besides the link's own.
ScaleupDomain join_to_switch(FabricBuilder& builder, const NodeModel& node, int node_number, const std::vector<VertexId>& accelerators,
                             const std::string& name, Seconds passage);

} // namespace weft
