// What scale-up kinds share that join accelerators directly.
#pragma once
#include "fabric/builder.hpp"

namespace weft {

/// All accelerators of a node as one domain without a switch.
ScaleupDomain domain_of_node(int node_number, std::size_t accelerators);

/// A cable of `count` scale-up links between two accelerators, striped into one; classes "MEDIUM up" and "MEDIUM down".
void join_accelerators(FabricBuilder& builder, const NodeModel& node, VertexId a, VertexId b, int count);

} // namespace weft
