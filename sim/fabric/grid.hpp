// Grids: positions with coordinates, joined along every dimension to their neighbours (torus, mesh) or to all in line (HyperX).
// Positions are numbered with the last coordinate fastest. Counts and distances are closed forms; only `grid_cables` lists.
#pragma once
#include "config/record.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace weft {

/// How the positions of one line of a dimension are joined.
enum class GridJoin { line, ring, complete };

struct GridDimension {
  std::int64_t size = 1;
  GridJoin join = GridJoin::ring; ///< a ring of two is a line: one cable
};
using Grid = std::vector<GridDimension>;

/// Two positions next to one another.
struct GridPair {
  std::int64_t a = 0, b = 0;
  std::size_t dimension = 0; ///< along which they are joined
};

std::int64_t grid_positions(const Grid& grid);
/// Every joined pair once, dimension by dimension; along a ring or line first the pairs up from even coordinates, then from odd ones:
/// the order dimension-order routing relies on.
std::vector<GridPair> grid_pairs(const Grid& grid);
std::int64_t grid_pair_count(const Grid& grid);
/// Most neighbours of a position.
std::int64_t grid_degree(const Grid& grid);
/// Hops between the two positions furthest apart.
std::int64_t grid_diameter(const Grid& grid);

/// The cut of a grid in half along its first dimension longer than one, when that one is even: so many independent lines, each with
/// `half` positions on either side and `pairs` joined pairs across.
struct GridSlab {
  std::int64_t lines = 1, half = 0, pairs = 0;
  std::size_t dimension = 0;
};
std::optional<GridSlab> grid_slab(const Grid& grid);

/// The grid of a torus or mesh with these keys of a user: no dims: one ring of all; no wrap: all dimensions wrap.
/// Throws ConfigError about `where` unless the dims multiply to `positions`, called `what` in the message.
Grid torus_grid(const std::vector<int>& dims, const std::vector<bool>& wrap, std::int64_t positions, const char* what, const Node& where);

/// Multiplies the dims; throws ConfigError for more than 8, or one below 1, or a product above `most`.
std::int64_t product_of_dims(const std::vector<int>& dims, std::int64_t most, const Node& where);

/// "4 x 4 x 2".
std::string dims_text(const std::vector<int>& dims);

} // namespace weft
