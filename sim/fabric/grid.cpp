#include "fabric/grid.hpp"

#include <algorithm>

namespace weft {

namespace {

/// Joined pairs of one line.
std::int64_t pairs_of_line(const GridDimension& dimension)
{
  const std::int64_t n = dimension.size;
  switch (dimension.join) {
  case GridJoin::line:
    return n - 1;
  case GridJoin::ring:
    return n > 2 ? n : n - 1;
  case GridJoin::complete:
    break;
  }
  return n * (n - 1) / 2;
}

/// Coordinates joined in one line, in the order of wiring.
std::vector<GridPair> joined_coordinates(const GridDimension& dimension)
{
  std::vector<GridPair> result;
  const std::int64_t n = dimension.size;
  if (dimension.join == GridJoin::complete) {
    for (std::int64_t a = 0; a < n; ++a)
      for (std::int64_t b = a + 1; b < n; ++b) result.push_back({a, b});
    return result;
  }
  const std::int64_t pairs = pairs_of_line(dimension);
  for (const std::int64_t parity : {0, 1})
    for (std::int64_t a = parity; a < pairs; a += 2) result.push_back({a, (a + 1) % n});
  return result;
}

} // namespace

std::int64_t grid_positions(const Grid& grid)
{
  std::int64_t positions = 1;
  for (const GridDimension& dimension : grid) positions *= dimension.size;
  return positions;
}

std::vector<GridPair> grid_pairs(const Grid& grid)
{
  std::vector<GridPair> result;
  const std::int64_t positions = grid_positions(grid);
  std::int64_t before = 1; // positions are before x size x after, `after` of them apart along this dimension
  for (std::size_t d = 0; d < grid.size(); ++d) {
    const GridDimension& dimension = grid[d];
    const std::int64_t after = positions / before / dimension.size;
    for (const GridPair& pair : joined_coordinates(dimension))
      for (std::int64_t outer = 0; outer < before; ++outer)
        for (std::int64_t inner = 0; inner < after; ++inner) {
          const std::int64_t line = outer * dimension.size * after + inner;
          result.push_back({line + pair.a * after, line + pair.b * after, d});
        }
    before *= dimension.size;
  }
  return result;
}

std::int64_t grid_pair_count(const Grid& grid)
{
  std::int64_t pairs = 0;
  for (const GridDimension& dimension : grid) pairs += grid_positions(grid) / dimension.size * pairs_of_line(dimension);
  return pairs;
}

std::int64_t grid_degree(const Grid& grid)
{
  std::int64_t degree = 0;
  for (const GridDimension& dimension : grid)
    degree += dimension.join == GridJoin::complete ? dimension.size - 1 : std::min<std::int64_t>(2, dimension.size - 1);
  return degree;
}

std::int64_t grid_diameter(const Grid& grid)
{
  std::int64_t hops = 0;
  for (const GridDimension& dimension : grid)
    hops += dimension.join == GridJoin::complete ? std::min<std::int64_t>(1, dimension.size - 1)
            : dimension.join == GridJoin::ring   ? dimension.size / 2
                                                 : dimension.size - 1;
  return hops;
}

std::optional<GridSlab> grid_slab(const Grid& grid)
{
  const auto first = std::find_if(grid.begin(), grid.end(), [](const GridDimension& d) { return d.size > 1; });
  if (first == grid.end() || first->size % 2 != 0) return std::nullopt;
  const std::int64_t half = first->size / 2;
  const std::int64_t pairs = first->join == GridJoin::complete ? half * half : first->join == GridJoin::ring && first->size > 2 ? 2 : 1;
  return GridSlab{grid_positions(grid) / first->size, half, pairs, static_cast<std::size_t>(first - grid.begin())};
}

std::int64_t product_of_dims(const std::vector<int>& dims, std::int64_t most, const Node& where)
{
  constexpr std::size_t most_dims = 8;
  if (dims.empty() || dims.size() > most_dims)
    refuse(where, "dims has " + std::to_string(dims.size()) + " entries (give 1 to " + std::to_string(most_dims) + ")");
  std::int64_t product = 1;
  for (const int size : dims) {
    if (size < 1) refuse(where, "dims must be at least 1 each, got " + std::to_string(size));
    product *= size;
    if (product > most)
      refuse(where, "dims " + dims_text(dims) + " make more than " + std::to_string(most) + " positions (use smaller ones)");
  }
  return product;
}

Grid torus_grid(const std::vector<int>& dims, const std::vector<bool>& wrap, std::int64_t positions, const char* what, const Node& where)
{
  constexpr std::int64_t most_positions = std::int64_t{1} << 20;
  const std::vector<int> sizes = dims.empty() ? std::vector<int>{static_cast<int>(positions)} : dims;
  const std::int64_t product = product_of_dims(sizes, most_positions, where);
  if (product != positions)
    refuse(where, "dims " + dims_text(sizes) + " make " + std::to_string(product) + " positions but there are " +
                      std::to_string(positions) + " " + what + " (make the dims multiply to " + std::to_string(positions) + ")");
  if (!wrap.empty() && wrap.size() != sizes.size())
    refuse(where, "wrap has " + std::to_string(wrap.size()) + " entries and dims " + std::to_string(sizes.size()) +
                      " (give one for each dimension, or leave wrap out)");
  Grid grid;
  for (std::size_t i = 0; i < sizes.size(); ++i) grid.push_back({sizes[i], wrap.empty() || wrap[i] ? GridJoin::ring : GridJoin::line});
  return grid;
}

std::string dims_text(const std::vector<int>& dims)
{
  std::string text;
  for (const int size : dims) text += (text.empty() ? "" : " x ") + std::to_string(size);
  return text;
}

} // namespace weft
