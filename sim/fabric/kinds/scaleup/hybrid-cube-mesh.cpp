// Hybrid cube mesh: the eight accelerators of a DGX-1, two fully joined quads with a link from each accelerator to its twin.
//
// With six links per accelerator (V100) some pairs have two links, which carry their traffic striped, so a pair is one link of twice the
// rate; with four (P100) every pair of the mesh has one. Accelerators without a direct link reach one another over one other
// accelerator. Settings: none, the wiring is the published one.
#include "fabric/scaleup_wiring.hpp"
#include "fabric/wiring.hpp"

#include <array>

namespace weft {

namespace {

struct CubeMesh {};

/// Two accelerators of the mesh and the NVLinks between them on a V100 machine.
struct MeshPair {
  int a, b, links;
};
/// `nvidia-smi topo -m` of a DGX-1 with V100; the same counts stand in the topology file of github.com/NVIDIA/nccl issue 671.
constexpr std::array<MeshPair, 16> mesh{{{0, 1, 1},
                                         {0, 2, 1},
                                         {0, 3, 2},
                                         {0, 4, 2},
                                         {1, 2, 2},
                                         {1, 3, 1},
                                         {1, 5, 2},
                                         {2, 3, 2},
                                         {2, 6, 1},
                                         {3, 7, 1},
                                         {4, 5, 1},
                                         {4, 6, 1},
                                         {4, 7, 2},
                                         {5, 6, 2},
                                         {5, 7, 1},
                                         {6, 7, 2}}};
constexpr int mesh_accelerators = 8;

} // namespace

template <> const Record<CubeMesh>& record_of<CubeMesh>()
{
  static const Record<CubeMesh> record("hybrid-cube-mesh", "The published wiring of DGX-1.");
  return record;
}

namespace {

std::vector<FieldDoc> settings() { return record_of<CubeMesh>().docs(); }

/// Links of a pair on this chip: as published for six links, one for four.
int links_of(const MeshPair& pair, const NodeModel& node) { return node.chip.scaleup_links == 6 ? pair.links : 1; }

void require_mesh(const NodeModel& node)
{
  settings_of<CubeMesh>(node.scaleup_settings);
  if (node.accelerators != mesh_accelerators)
    refuse(node.scaleup_settings, "scale-up kind 'hybrid-cube-mesh' joins 8 accelerators but the node has " +
                                      std::to_string(node.accelerators) + " (set accelerators: 8, or scaleup: nvswitch)");
  if ((node.chip.scaleup_links != 6 && node.chip.scaleup_links != 4) || node.scaleup_medium.bandwidth <= Bandwidth(0))
    refuse(node.scaleup_settings, "scale-up kind 'hybrid-cube-mesh' needs chips with 6 or 4 scale-up links and chip '" + node.chip.name +
                                      "' has " + std::to_string(node.chip.scaleup_links) + " (use a V100 or P100, or scaleup: nvswitch)");
}

void build(FabricBuilder& builder, const NodeModel& node, int node_number, const std::vector<VertexId>& accelerators)
{
  require_mesh(node);
  for (const MeshPair& pair : mesh)
    join_accelerators(builder, node, accelerators[static_cast<std::size_t>(pair.a)], accelerators[static_cast<std::size_t>(pair.b)],
                      links_of(pair, node));
  builder.mark_domain(domain_of_node(node_number, accelerators.size()));
}

TopologyForm form(const NodeModel& node)
{
  require_mesh(node);
  TopologyForm result;
  result.trunk_cables = mesh.size();
  result.diameter = 1; // one accelerator forwards
  int crossing = 0;    // between the quads: V100 2 + 2 + 1 + 1, P100 4
  for (const MeshPair& pair : mesh)
    if (pair.a < mesh_accelerators / 2 && pair.b >= mesh_accelerators / 2) crossing += links_of(pair, node);
  result.bisection = node.scaleup_medium.bandwidth * crossing;
  return result;
}

} // namespace

extern const ScaleupKind kind_hybrid_cube_mesh_scaleup_kinds;
const ScaleupKind kind_hybrid_cube_mesh_scaleup_kinds{
    "hybrid-cube-mesh",
    "DGX-1: two fully joined quads and a link between twins; other pairs over one hop",
    "NVIDIA DGX-1 with Tesla V100 system architecture white paper, 2017; nvidia-smi topo -m",
    settings,
    build,
    form};

} // namespace weft
