// Torus or mesh of any number of dimensions: every node, or every adapter, has a switch of its own, joined to its neighbours.
//
// On machines that build the switch into the chip (TPU, BlueGene) take `of: adapters`, a switch model with that chip's ports and a
// latency of one hop. Positions are numbered with the last dimension fastest, nodes and their adapters in order; a dimension of two
// has one cable between its ends, wrapped or not. Left out: tori whose nodes are blocks of more than one dimension.
#include "fabric/grid_network.hpp"
#include "fabric/wiring.hpp"

namespace weft {

/// What stands at a position.
enum class TorusOf { nodes, adapters };
template <> struct Choices<TorusOf> {
  static constexpr std::array<const char*, 2> names{"nodes", "adapters"};
};

namespace {

struct Torus {
  std::vector<int> dims;
  std::vector<bool> wrap;
  TorusOf of = TorusOf::nodes;
  int links = 1;
};

} // namespace

template <> const Record<Torus>& record_of<Torus>()
{
  static const Record<Torus> record =
      Record<Torus>("torus", "Switches in a grid of any number of dimensions, joined to their neighbours.")
          .optional("dims", &Torus::dims, "length of every dimension; they multiply to the nodes or adapters; left out: one ring of all")
          .optional("wrap", &Torus::wrap, "true or false for every dimension: whether its ends are joined; left out: all are (torus)")
          .optional("of", &Torus::of, "what stands at a position: a node with all its adapters, or a single adapter")
          .optional("links", &Torus::links, "parallel cables between neighbours", in_range(1, 4096));
  return record;
}

namespace {

std::vector<FieldDoc> settings() { return record_of<Torus>().docs(); }

GridNetwork plan(const Platform& platform)
{
  constexpr std::int64_t longest_way = 4000;
  require_network(platform);
  const Node& where = platform.fabric.settings;
  const auto set = settings_of<Torus>(where);
  const std::int64_t adapters = platform.node.adapters.count;
  GridNetwork network;
  network.cables = set.links;
  if (set.of == TorusOf::nodes) {
    network.grid = torus_grid(set.dims, set.wrap, platform.nodes, "nodes", where);
    network.adapters_per_switch = adapters;
  } else {
    network.grid = torus_grid(set.dims, set.wrap, platform.nodes * adapters, "adapters", where);
  }
  if (grid_diameter(network.grid) > longest_way)
    refuse(where, "a way across this torus passes more than " + std::to_string(longest_way) + " switches (use more, shorter dimensions)");
  return network;
}

void build(FabricBuilder& builder, const Platform& platform, const std::vector<std::vector<VertexId>>& adapters)
{
  build_grid_network(builder, platform, plan(platform), adapters, "torus");
}

TopologyForm form(const Platform& platform) { return grid_network_form(platform, plan(platform)); }

} // namespace

extern const TopologyKind kind_torus_topology_kinds;
const TopologyKind kind_torus_topology_kinds{"torus",
                                             "torus or mesh of any number of dimensions, a switch per node or per adapter",
                                             "Dally, Towles, Principles and practices of interconnection networks, 2004, chapter 5; Jouppi "
                                             "et al., TPU v4, ISCA 2023",
                                             settings,
                                             build,
                                             form};

} // namespace weft
