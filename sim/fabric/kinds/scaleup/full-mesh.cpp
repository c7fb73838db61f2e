// Full mesh: every two accelerators of a node have a link of their own (MI300X with Infinity Fabric, Ascend 910B with HCCS).
//
// A chip's links are dealt evenly to its neighbours: floor(scaleup_links / (accelerators - 1)) to each, striped into one link. All pairs
// together reach a chip's whole bandwidth, one pair only its own share: NVSwitch's advantage.
#include "fabric/scaleup_wiring.hpp"
#include "fabric/wiring.hpp"

namespace weft {

namespace {

struct FullMesh {};

} // namespace

template <> const Record<FullMesh>& record_of<FullMesh>()
{
  static const Record<FullMesh> record("full-mesh", "Every two accelerators of a node joined directly.");
  return record;
}

namespace {

std::vector<FieldDoc> settings() { return record_of<FullMesh>().docs(); }

/// Links of one pair.
int links_of_pair(const NodeModel& node)
{
  settings_of<FullMesh>(node.scaleup_settings);
  if (node.accelerators == 1) return 0;
  const int links = node.chip.scaleup_links / (node.accelerators - 1);
  if (links < 1 || node.scaleup_medium.bandwidth <= Bandwidth(0))
    refuse(node.scaleup_settings, "scale-up kind 'full-mesh' of " + std::to_string(node.accelerators) + " accelerators needs chips with " +
                                      std::to_string(node.accelerators - 1) + " scale-up links and chip '" + node.chip.name + "' has " +
                                      std::to_string(node.chip.scaleup_links) + " (use fewer accelerators or another scale-up kind)");
  return links;
}

void build(FabricBuilder& builder, const NodeModel& node, int node_number, const std::vector<VertexId>& accelerators)
{
  const int links = links_of_pair(node);
  for (std::size_t a = 0; a < accelerators.size(); ++a)
    for (std::size_t b = a + 1; b < accelerators.size(); ++b) join_accelerators(builder, node, accelerators[a], accelerators[b], links);
  ScaleupDomain domain = domain_of_node(node_number, accelerators.size());
  domain.grid = {{node.accelerators, GridJoin::complete}};
  domain.grid_rates = {node.scaleup_medium.bandwidth};
  builder.mark_domain(std::move(domain));
}

TopologyForm form(const NodeModel& node)
{
  const std::int64_t n = node.accelerators, half = n / 2;
  TopologyForm result;
  result.trunk_cables = n * (n - 1) / 2;
  result.bisection = node.scaleup_medium.bandwidth * static_cast<double>(half * (n - half) * links_of_pair(node));
  return result;
}

} // namespace

extern const ScaleupKind kind_full_mesh_scaleup_kinds;
const ScaleupKind kind_full_mesh_scaleup_kinds{
    "full-mesh",
    "every two accelerators of a node joined directly, links dealt evenly",
    "AMD CDNA 3 white paper, 2023 (MI300X platform: seven Infinity Fabric links to seven others)",
    settings,
    build,
    form};

} // namespace weft
