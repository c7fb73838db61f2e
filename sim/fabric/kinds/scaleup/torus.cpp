// Torus or mesh of accelerators inside one scale-up domain: Trainium2's 4 x 4, a slice of a TPU pod.
//
// Accelerators stand in a grid, numbered with the last dimension fastest, and forward for one another. A chip's links are dealt evenly
// to the most neighbours one has (two per ring, one per dimension of two); those of a pair are striped into one link. Dimensions may run at
// rates of their own, as the one between the instances of a Trainium2 UltraServer.
#include "fabric/grid.hpp"
#include "fabric/scaleup_wiring.hpp"
#include "fabric/wiring.hpp"

#include <algorithm>

namespace weft {

namespace {

struct TorusOfChips {
  std::vector<int> dims;
  std::vector<bool> wrap;
  int links = 0;
  std::vector<Bandwidth> rates;
};

} // namespace

template <> const Record<TorusOfChips>& record_of<TorusOfChips>()
{
  static const Record<TorusOfChips> record =
      Record<TorusOfChips>("torus", "Accelerators of a node in a grid, joined to their neighbours.")
          .optional("dims", &TorusOfChips::dims, "length of every dimension; they multiply to the accelerators; left out: one ring of all")
          .optional("wrap", &TorusOfChips::wrap,
                    "true or false for every dimension: whether its ends are joined; left out: all are (torus)")
          .optional("links", &TorusOfChips::links, "links between neighbours; 0: the chip's links dealt evenly", in_range(0, 1024))
          .optional("rates", &TorusOfChips::rates,
                    "of one link along every dimension, one direction, raw, at most the scale-up medium's; left out: the medium's");
  return record;
}

namespace {

std::vector<FieldDoc> settings() { return record_of<TorusOfChips>().docs(); }

struct Plan {
  Grid grid;
  int links = 0;                ///< between two neighbours
  std::vector<Bandwidth> rates; ///< of one link, by dimension
};

std::vector<Bandwidth> rates_of(const TorusOfChips& set, const Grid& grid, const NodeModel& node)
{
  const Bandwidth most = node.scaleup_medium.bandwidth;
  if (set.rates.empty()) return std::vector<Bandwidth>(grid.size(), most);
  const Node& where = node.scaleup_settings;
  if (set.rates.size() != grid.size())
    refuse(where, "rates has " + std::to_string(set.rates.size()) + " entries and the torus " + std::to_string(grid.size()) +
                      " dimensions (give one for each, or leave rates out)");
  for (const Bandwidth rate : set.rates)
    if (rate <= Bandwidth(0) || rate > most)
      refuse(where, "rates must be above zero and at most the " + short_text(most) + " of " + node.scaleup_medium.name + ", got " +
                        short_text(rate) + " (give a faster scaleup-medium or a lower rate)");
  return set.rates;
}

Plan plan(const NodeModel& node)
{
  constexpr std::int64_t longest_way = 200;
  const Node& where = node.scaleup_settings;
  const auto set = settings_of<TorusOfChips>(where);
  Plan result{torus_grid(set.dims, set.wrap, node.accelerators, "accelerators", where), 0, {}};
  const std::int64_t neighbours = std::max<std::int64_t>(1, grid_degree(result.grid));
  result.links = set.links > 0 ? set.links : static_cast<int>(node.chip.scaleup_links / neighbours);
  const bool alone = node.accelerators == 1;
  if (!alone && (result.links < 1 || result.links * neighbours > node.chip.scaleup_links || node.scaleup_medium.bandwidth <= Bandwidth(0)))
    refuse(where, "this torus needs chips with " + std::to_string(neighbours * std::max(1, set.links)) + " scale-up links and chip '" +
                      node.chip.name + "' has " + std::to_string(node.chip.scaleup_links) + " (use fewer dimensions or links)");
  if (grid_diameter(result.grid) > longest_way)
    refuse(where, "a way across this torus passes more than " + std::to_string(longest_way) + " links (use more, shorter dimensions)");
  result.rates = rates_of(set, result.grid, node);
  return result;
}

void build(FabricBuilder& builder, const NodeModel& node, int node_number, const std::vector<VertexId>& accelerators)
{
  const Plan torus = plan(node);
  for (const GridPair& pair : grid_pairs(torus.grid))
    join_accelerators(builder, node, accelerators[static_cast<std::size_t>(pair.a)], accelerators[static_cast<std::size_t>(pair.b)],
                      torus.links, torus.rates[pair.dimension]);
  ScaleupDomain domain = domain_of_node(node_number, accelerators.size());
  domain.grid = torus.grid;
  domain.grid_rates = torus.rates;
  builder.mark_domain(std::move(domain));
}

TopologyForm form(const NodeModel& node)
{
  const Plan torus = plan(node);
  TopologyForm result;
  result.trunk_cables = grid_pair_count(torus.grid);
  result.diameter = static_cast<int>(std::max<std::int64_t>(0, grid_diameter(torus.grid) - 1));
  // Every position sends and receives, so the cut is the cables between positions of different halves.
  const std::int64_t half = node.accelerators / 2;
  if (const std::optional<GridSlab> slab = grid_slab(torus.grid))
    result.bisection = torus.rates[slab->dimension] * static_cast<double>(slab->lines * slab->pairs);
  else
    for (const GridPair& pair : grid_pairs(torus.grid))
      if ((pair.a < half) != (pair.b < half)) result.bisection += torus.rates[pair.dimension];
  result.bisection *= torus.links;
  return result;
}

} // namespace

extern const ScaleupKind kind_torus_scaleup_kinds;
const ScaleupKind kind_torus_scaleup_kinds{"torus",
                                           "accelerators in a torus or mesh of any number of dimensions, forwarding for one another",
                                           "AWS Trainium2 architecture guide (4 x 4 torus); Jouppi et al., TPU v4, ISCA 2023",
                                           settings,
                                           build,
                                           form};

} // namespace weft
