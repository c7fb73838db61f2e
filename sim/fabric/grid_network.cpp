#include "fabric/grid_network.hpp"
#include "fabric/wiring.hpp"

#include <algorithm>

namespace weft {

void build_grid_network(FabricBuilder& builder, const Platform& platform, const GridNetwork& network,
                        const std::vector<std::vector<VertexId>>& adapters, const std::string& trunk_class)
{
  std::vector<VertexId> switches;
  for (std::int64_t s = 0; s < grid_positions(network.grid); ++s)
    switches.push_back(add_switch(builder, platform, "s" + std::to_string(s), 1));
  for (const GridPair& pair : grid_pairs(network.grid))
    for (int k = 0; k < network.cables; ++k)
      join_switches(builder, platform, switches[static_cast<std::size_t>(pair.a)], switches[static_cast<std::size_t>(pair.b)], trunk_class);
  std::int64_t placed = 0;
  for (const auto& of_node : adapters)
    for (const VertexId adapter : of_node)
      attach_adapter(builder, platform, adapter, switches[static_cast<std::size_t>(placed++ / network.adapters_per_switch)]);
}

TopologyForm grid_network_form(const Platform& platform, const GridNetwork& network)
{
  TopologyForm form;
  form.switches = grid_positions(network.grid);
  form.access_cables = std::int64_t{platform.nodes} * platform.node.adapters.count;
  form.trunk_cables = grid_pair_count(network.grid) * network.cables;
  if (form.access_cables > 1) form.diameter = static_cast<int>(grid_diameter(network.grid)) + 1;
  const std::optional<GridSlab> slab = grid_slab(network.grid);
  if (slab && platform.nodes % 2 == 0) {
    const double sent = static_cast<double>(slab->half * network.adapters_per_switch) * access_rate(platform).base();
    const double across = static_cast<double>(slab->pairs * network.cables) * trunk_rate(platform).base();
    form.bisection = Bandwidth(static_cast<double>(slab->lines) * std::min(sent, across));
  }
  return form;
}

} // namespace weft
