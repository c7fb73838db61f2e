// HyperX: switches in a grid, each joined to every other that differs in one coordinate. One dimension is a full mesh of switches, two
// of equal size a flattened butterfly. Adapters fill the switches in order, in equal numbers.
// The paper's names: dims = S, links = K, adapters per switch = T.
#include "fabric/grid_network.hpp"
#include "fabric/wiring.hpp"

namespace weft {

namespace {

struct HyperX {
  std::vector<int> dims;
  int links = 1;
};

} // namespace

template <> const Record<HyperX>& record_of<HyperX>()
{
  static const Record<HyperX> record =
      Record<HyperX>("hyperx", "Switches in a grid, every one joined to all in line with it.")
          .required("dims", &HyperX::dims, "switches along every dimension; they must share the adapters evenly")
          .optional("links", &HyperX::links, "parallel cables between two switches in line", in_range(1, 4096));
  return record;
}

namespace {

std::vector<FieldDoc> settings() { return record_of<HyperX>().docs(); }

GridNetwork plan(const Platform& platform)
{
  require_network(platform);
  const Node& where = platform.fabric.settings;
  const auto set = settings_of<HyperX>(where);
  const std::int64_t adapters = std::int64_t{platform.nodes} * platform.node.adapters.count;
  const std::int64_t switches = product_of_dims(set.dims, adapters, where);
  if (adapters % switches != 0)
    refuse(where, std::to_string(adapters) + " adapters do not share evenly in " + std::to_string(switches) + " switches of dims " +
                      dims_text(set.dims) + " (change nodes or dims)");
  GridNetwork network;
  for (const int size : set.dims) network.grid.push_back({size, GridJoin::complete});
  network.adapters_per_switch = adapters / switches;
  network.cables = set.links;
  const std::int64_t ports = network.adapters_per_switch + grid_degree(network.grid) * network.cables;
  if (ports > platform.fabric.switch_model.ports)
    refuse(where, "every switch needs " + std::to_string(ports) + " ports but has " + std::to_string(platform.fabric.switch_model.ports) +
                      " (use more or longer dimensions, fewer links, or a switch with more ports)");
  require_size(switches, grid_pair_count(network.grid) * network.cables, where);
  return network;
}

void build(FabricBuilder& builder, const Platform& platform, const std::vector<std::vector<VertexId>>& adapters)
{
  build_grid_network(builder, platform, plan(platform), adapters, "hyperx");
}

TopologyForm form(const Platform& platform) { return grid_network_form(platform, plan(platform)); }

} // namespace

extern const TopologyKind kind_hyperx_topology_kinds;
const TopologyKind kind_hyperx_topology_kinds{"hyperx",
                                              "switches in a grid, each joined to all that differ in one coordinate",
                                              "Ahn, Binkert, Davis, McLaren, Schreiber, HyperX, SC 2009",
                                              settings,
                                              build,
                                              form};

} // namespace weft
