// A network of switches at the positions of a grid, adapters in equal numbers on each: what torus and HyperX share.
#pragma once
#include "fabric/grid.hpp"
#include "fabric/topology.hpp"

namespace weft {

struct GridNetwork {
  Grid grid;
  std::int64_t adapters_per_switch = 1; ///< filled in order, node by node
  int cables = 1;                       ///< parallel, between joined switches
};

/// Adds the switches, called "sNUMBER", their trunks of class `trunk_class`, and the adapters' cables.
void build_grid_network(FabricBuilder& builder, const Platform& platform, const GridNetwork& network,
                        const std::vector<std::vector<VertexId>>& adapters, const std::string& trunk_class);

/// Closed forms. Bisection where the first half of the nodes is half of the grid along its first dimension longer than one: every line of
/// that dimension then carries its own traffic, limited by its adapters or by its cables across, and no way round is shorter.
TopologyForm grid_network_form(const Platform& platform, const GridNetwork& network);

} // namespace weft
