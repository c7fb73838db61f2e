// Optical circuit switches: blocks of electrically joined switches, joined to one another by circuits that a matching chooses.
//
// A block is one switch, or a grid of switches whose outer faces hang on optical circuit switches (the cube of a TPU pod: block [4, 4, 4]).
// A circuit is a fibre path that mirrors hold for the whole run: it joins two ports as a cable would, without packets being looked at,
// and adds `ocs-latency` and the propagation of `circuit-length`. The matching says which blocks:
//
//   ring       each block and the next;
//   torus      blocks in a grid of `dims`, every dimension wrapped: with grids for blocks the whole is one torus;
//   rotation   block i and block i + k for k = 1 to `rotations`; all of them (0) join every two blocks;
//   pairs      the user's own list.
//
// Along dimension d a circuit between grids joins every switch on the upper face of one to its like on the lower face of the other: as many
// fibre paths as a face has switches. Adapters fill the switches in order, block by block, the last dimension fastest.
// Left out: changing the matching during a run, and insertion loss.
#include "fabric/grid_network.hpp"
#include "fabric/wiring.hpp"

#include <algorithm>

namespace weft {

enum class Matching { ring, torus, rotation, pairs };
template <> struct Choices<Matching> {
  static constexpr std::array<const char*, 4> names{"ring", "torus", "rotation", "pairs"};
};

// Not in an unnamed namespace: lists of records are read by functions found through the record's namespace.
struct OpticalPair {
  int from = 0, to = 0;
  int dimension = 0;
  int count = 1;
};
struct OpticalCircuit {
  std::vector<int> block;
  int blocks = 0;
  Matching matching = Matching::ring;
  std::vector<int> dims;
  int rotations = 0;
  int links = 1;
  std::vector<OpticalPair> pairs;
  Seconds ocs_latency;
  std::optional<Metres> circuit_length;
};

template <> const Record<OpticalPair>& record_of<OpticalPair>()
{
  static const Record<OpticalPair> record =
      Record<OpticalPair>("pair of blocks", "One circuit of a matching.")
          .required("from", &OpticalPair::from, "a block, counted from 0", at_least(0))
          .required("to", &OpticalPair::to, "another block; the same one wraps its grid", at_least(0))
          .optional("dimension", &OpticalPair::dimension, "of grids: along which dimension, counted from 0", in_range(0, 7))
          .optional("count", &OpticalPair::count, "parallel circuits", in_range(1, 4096));
  return record;
}

template <> const Record<OpticalCircuit>& record_of<OpticalCircuit>()
{
  static const Record<OpticalCircuit> record =
      Record<OpticalCircuit>("optical-circuit", "Blocks of switches joined by circuits that a matching chooses.")
          .optional("block", &OpticalCircuit::block, "grid of switches of one block, joined electrically; left out: one switch")
          .optional("blocks", &OpticalCircuit::blocks, "how many blocks share the adapters evenly; 0: the product of dims, or one per node",
                    in_range(0, 1 << 20))
          .optional("matching", &OpticalCircuit::matching, "which blocks the circuits join")
          .optional("dims", &OpticalCircuit::dims, "matching torus: blocks along every dimension")
          .optional("rotations", &OpticalCircuit::rotations,
                    "matching rotation: block i is joined to i + 1 ... i + rotations; 0: every two blocks are", in_range(0, 1 << 20))
          .optional("links", &OpticalCircuit::links, "parallel circuits, and cables inside a block, between neighbours", in_range(1, 4096))
          .optional("pairs", &OpticalCircuit::pairs, "matching pairs: the circuits, such as {from: 0, to: 3}")
          .optional("ocs-latency", &OpticalCircuit::ocs_latency, "what a circuit switch adds to a circuit besides propagation",
                    not_negative<Seconds>())
          .optional("circuit-length", &OpticalCircuit::circuit_length, "fibre of one circuit; left out: trunk-length",
                    {"zero or more", [](const std::optional<Metres>& m) { return !m || *m >= Metres{0}; }});
  return record;
}

namespace {

std::vector<FieldDoc> settings() { return record_of<OpticalCircuit>().docs(); }

/// Blocks, their inner grid, and where the whole is a grid, that one.
struct Plan {
  OpticalCircuit set;
  Grid inner; ///< of one block, lines
  std::int64_t blocks = 1, per_block = 1, rotations = 0;
  std::vector<std::int64_t> dims; ///< of the blocks; empty for pairs
  GridNetwork network;            ///< its grid is empty where the whole is none
};

std::int64_t blocks_of(const Platform& platform, const OpticalCircuit& set, const Node& where)
{
  constexpr std::int64_t most_blocks = std::int64_t{1} << 20;
  if (set.matching == Matching::torus && set.dims.empty())
    refuse(where, "matching torus needs the blocks along every dimension (set dims)");
  if (set.matching != Matching::torus && !set.dims.empty()) refuse(where, "dims belong to matching torus (set matching: torus)");
  const std::int64_t product = set.dims.empty() ? 0 : product_of_dims(set.dims, most_blocks, where);
  const std::int64_t blocks = set.blocks > 0 ? set.blocks : product > 0 ? product : platform.nodes;
  if (product > 0 && product != blocks)
    refuse(where, "dims " + dims_text(set.dims) + " make " + std::to_string(product) + " blocks but blocks says " + std::to_string(blocks) +
                      " (leave blocks out)");
  return blocks;
}

/// The grid that a ring, a torus or all rotations make of all switches.
Grid whole_grid(const Plan& plan)
{
  Grid grid;
  if (plan.set.matching == Matching::rotation) {
    if (plan.rotations == plan.blocks / 2) grid.push_back({plan.blocks, GridJoin::complete});
    return grid;
  }
  for (std::size_t d = 0; d < plan.dims.size(); ++d) grid.push_back({plan.dims[d] * plan.inner[d].size, GridJoin::ring});
  return grid;
}

Plan plan(const Platform& platform)
{
  constexpr std::int64_t longest_way = 4000, most_switches = std::int64_t{1} << 20;
  require_network(platform);
  const Node& where = platform.fabric.settings;
  Plan result{.set = settings_of<OpticalCircuit>(where), .inner = {}, .dims = {}, .network = {}};
  const OpticalCircuit& set = result.set;
  result.blocks = blocks_of(platform, set, where);
  result.per_block = set.block.empty() ? 1 : product_of_dims(set.block, most_switches, where);
  const std::size_t dimensions = std::max({std::size_t{1}, set.block.size(), set.dims.size()});
  for (std::size_t d = 0; d < dimensions; ++d) result.inner.push_back({d < set.block.size() ? set.block[d] : 1, GridJoin::line});
  if (set.matching == Matching::ring || set.matching == Matching::torus)
    for (std::size_t d = 0; d < dimensions; ++d)
      result.dims.push_back(set.matching == Matching::ring ? (d == 0 ? result.blocks : 1) : d < set.dims.size() ? set.dims[d] : 1);
  if (set.matching == Matching::rotation && result.per_block > 1) refuse(where, "rotations join single switches (leave block out)");
  if (set.rotations > result.blocks / 2)
    refuse(where, std::to_string(set.rotations) + " rotations: those of " + std::to_string(result.blocks) + " blocks repeat after " +
                      std::to_string(result.blocks / 2) + " (use fewer)");
  result.rotations = set.rotations > 0 ? set.rotations : result.blocks / 2;
  if ((set.matching == Matching::pairs) == set.pairs.empty())
    refuse(where, "matching pairs and a list of pairs belong together (set both)");
  const std::int64_t adapters = std::int64_t{platform.nodes} * platform.node.adapters.count, switches = result.blocks * result.per_block;
  if (switches > adapters || adapters % switches != 0)
    refuse(where, std::to_string(adapters) + " adapters do not share evenly in " + std::to_string(switches) + " switches of " +
                      std::to_string(result.blocks) + " blocks (change nodes, block or the number of blocks)");
  result.network = {whole_grid(result), adapters / switches, set.links};
  if (!result.network.grid.empty()) {
    require_size(switches, grid_pair_count(result.network.grid) * set.links, where);
    if (grid_diameter(result.network.grid) > longest_way)
      refuse(where, "a way across this torus passes more than " + std::to_string(longest_way) + " switches (use more, shorter dimensions)");
  } else
    require_size(switches, (result.blocks * (result.rotations + grid_pair_count(result.inner))) * set.links, where);
  return result;
}

/// Switches joined by one cable or circuit, parallel ones counted.
struct Join {
  std::int64_t a = 0, b = 0;
  bool circuit = false;
  int count = 1;
};

/// Joins of a ring or torus: those of the whole grid, its positions numbered block by block.
std::vector<Join> joins_of_grid(const Plan& plan)
{
  const Grid& grid = plan.network.grid;
  struct Position {
    std::int64_t block = 0, inner = 0;
  };
  const auto place_of = [&](std::int64_t position) {
    std::vector<std::int64_t> at(grid.size());
    for (std::size_t d = grid.size(); d-- > 0; position /= grid[d].size) at[d] = position % grid[d].size;
    Position place;
    for (std::size_t d = 0; d < grid.size(); ++d) {
      place.block = place.block * plan.dims[d] + at[d] / plan.inner[d].size;
      place.inner = place.inner * plan.inner[d].size + at[d] % plan.inner[d].size;
    }
    return place;
  };
  std::int64_t stride = 1; // of the last inner dimension; a wrap inside one block joins its far ends
  std::vector<std::int64_t> strides;
  for (std::size_t d = plan.inner.size(); d-- > 0; stride *= plan.inner[d].size) strides.push_back(stride);
  std::vector<Join> joins;
  for (const GridPair& pair : grid_pairs(grid)) {
    const Position a = place_of(pair.a), b = place_of(pair.b);
    const bool neighbours =
        std::find(strides.begin(), strides.end(), std::max(a.inner, b.inner) - std::min(a.inner, b.inner)) != strides.end();
    joins.push_back(
        {a.block * plan.per_block + a.inner, b.block * plan.per_block + b.inner, a.block != b.block || !neighbours, plan.set.links});
  }
  return joins;
}

/// Joins of one pair of blocks along a dimension: upper face to lower face.
void join_faces(std::vector<Join>& joins, const Plan& plan, const OpticalPair& pair, const Node& where)
{
  const auto d = static_cast<std::size_t>(pair.dimension);
  if (pair.from >= plan.blocks || pair.to >= plan.blocks || d >= plan.inner.size())
    refuse(where, "a pair names block " + std::to_string(std::max(pair.from, pair.to)) + " along dimension " +
                      std::to_string(pair.dimension) + " but there are " + std::to_string(plan.blocks) + " blocks of " +
                      std::to_string(plan.inner.size()) + " dimensions, counted from 0 (correct it)");
  std::int64_t after = 1;
  for (std::size_t k = d + 1; k < plan.inner.size(); ++k) after *= plan.inner[k].size;
  const std::int64_t size = plan.inner[d].size, top = (size - 1) * after;
  if (pair.from == pair.to && size < 3)
    refuse(where, "block " + std::to_string(pair.from) + " is joined to itself along a dimension of " + std::to_string(size) +
                      " (join two blocks, or wrap a longer dimension)");
  for (std::int64_t line = 0; line < plan.per_block; ++line)
    if (line / after % size == 0)
      joins.push_back({pair.from * plan.per_block + line + top, pair.to * plan.per_block + line, true, pair.count});
}

std::vector<Join> joins_of(const Plan& plan, const Node& where)
{
  if (!plan.dims.empty()) return joins_of_grid(plan);
  std::vector<Join> joins;
  for (std::int64_t block = 0; block < plan.blocks; ++block)
    for (const GridPair& pair : grid_pairs(plan.inner))
      joins.push_back({block * plan.per_block + pair.a, block * plan.per_block + pair.b, false, plan.set.links});
  for (const OpticalPair& pair : plan.set.pairs) join_faces(joins, plan, pair, where);
  if (plan.set.matching == Matching::rotation)
    for (std::int64_t k = 1; k <= plan.rotations; ++k) // half-way round, i + k and back are one circuit
      for (std::int64_t block = 0; block < (2 * k == plan.blocks ? k : plan.blocks); ++block)
        joins.push_back({block, (block + k) % plan.blocks, true, plan.set.links});
  return joins;
}

/// The platform with the medium of a circuit for its trunk.
Platform with_circuits(const Platform& platform, const OpticalCircuit& set)
{
  Platform result = platform;
  result.fabric.trunk.latency += set.ocs_latency;
  if (set.circuit_length) result.fabric.trunk_length = *set.circuit_length;
  return result;
}

void build(FabricBuilder& builder, const Platform& platform, const std::vector<std::vector<VertexId>>& adapters)
{
  const Plan optical = plan(platform);
  const Platform circuits = with_circuits(platform, optical.set);
  std::vector<VertexId> switches;
  for (std::int64_t s = 0; s < optical.blocks * optical.per_block; ++s) {
    const std::string block = "block" + std::to_string(s / optical.per_block);
    switches.push_back(
        add_switch(builder, platform, optical.per_block == 1 ? block : block + "-s" + std::to_string(s % optical.per_block), 1));
  }
  for (const Join& join : joins_of(optical, platform.fabric.settings))
    for (int k = 0; k < join.count; ++k)
      join_switches(builder, join.circuit ? circuits : platform, switches[static_cast<std::size_t>(join.a)],
                    switches[static_cast<std::size_t>(join.b)], join.circuit ? "circuit" : "electrical");
  std::int64_t placed = 0;
  for (const auto& of_node : adapters)
    for (const VertexId adapter : of_node)
      attach_adapter(builder, platform, adapter, switches[static_cast<std::size_t>(placed++ / optical.network.adapters_per_switch)]);
}

/// Of a grid its closed forms. Halves: blocks are numbered with the last dimension fastest, so the first half of the nodes is half of the
/// grid along the first dimension of blocks when that one is even; otherwise no bisection is claimed.
TopologyForm form(const Platform& platform)
{
  const Plan optical = plan(platform);
  TopologyForm result;
  if (!optical.network.grid.empty()) {
    result = grid_network_form(platform, optical.network);
    const bool halves = optical.set.matching == Matching::rotation || optical.dims.front() % 2 == 0;
    if (!halves) result.bisection = Bandwidth(0);
    return result;
  }
  result.switches = optical.blocks * optical.per_block;
  result.access_cables = std::int64_t{platform.nodes} * platform.node.adapters.count;
  for (const Join& join : joins_of(optical, platform.fabric.settings)) result.trunk_cables += join.count;
  return result;
}

} // namespace

extern const TopologyKind kind_optical_circuit_topology_kinds;
const TopologyKind kind_optical_circuit_topology_kinds{
    "optical-circuit",
    "blocks of switches joined by optical circuits: a ring, a torus, rotations or any list of pairs",
    "Jouppi et al., TPU v4, ISCA 2023; Poutievski et al., Jupiter evolving, SIGCOMM 2022; Mellette et al., RotorNet, SIGCOMM 2017",
    settings,
    build,
    form};

} // namespace weft
