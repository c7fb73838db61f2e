#include "traffic/boxes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

namespace weft {
namespace {

/// Coordinates of a group along one dimension of the grid, in the order in which the box counts them.
struct Span {
  std::vector<std::int64_t> coordinates;
  BoxJoin join = BoxJoin::line;
};

/// Whether neighbours in the list, going up, are equally far apart round a dimension of that size.
bool evenly_spaced(const std::vector<std::int64_t>& coordinates, std::int64_t size)
{
  const auto apart = [&](std::size_t i) { return (coordinates[i + 1] - coordinates[i] + size) % size; };
  for (std::size_t i = 1; i + 1 < coordinates.size(); ++i)
    if (apart(i) != apart(0)) return false;
  return true;
}

/// Brings the coordinate after the widest gap to the front, the first of equals: a part of a ring may reach over its ends.
void rotate_to_widest_gap(std::vector<std::int64_t>& coordinates, std::int64_t size)
{
  std::size_t start = 0;
  std::int64_t widest = coordinates.front() + size - coordinates.back();
  for (std::size_t i = 1; i < coordinates.size(); ++i)
    if (coordinates[i] - coordinates[i - 1] > widest) {
      widest = coordinates[i] - coordinates[i - 1];
      start = i;
    }
  std::rotate(coordinates.begin(), coordinates.begin() + static_cast<std::ptrdiff_t>(start), coordinates.end());
}

/// How the coordinates in use, ascending, are joined along the dimension; nothing when they are not evenly spaced.
std::optional<Span> span_of(std::vector<std::int64_t> coordinates, const GridDimension& dimension)
{
  if (dimension.join == GridJoin::complete) return Span{std::move(coordinates), BoxJoin::complete};
  const bool wraps = dimension.join == GridJoin::ring;
  if (wraps) rotate_to_widest_gap(coordinates, dimension.size);
  if (!evenly_spaced(coordinates, dimension.size)) return std::nullopt;
  const std::int64_t gap = (coordinates.front() - coordinates.back() + dimension.size) % dimension.size;
  const std::int64_t spacing = coordinates.size() > 1 ? (coordinates[1] - coordinates[0] + dimension.size) % dimension.size : 0;
  const bool closed = wraps && coordinates.size() > 2 && gap == spacing;
  return Span{std::move(coordinates), closed ? BoxJoin::ring : BoxJoin::line};
}

/// Coordinates of a position of the grid.
std::vector<std::int64_t> coordinates_of(const Grid& grid, std::int64_t position)
{
  std::vector<std::int64_t> result(grid.size());
  for (std::size_t d = grid.size(); d-- > 0;) {
    result[d] = position % grid[d].size;
    position /= grid[d].size;
  }
  return result;
}

/// How many times faster than the slowest: whole numbers up to 8, else taken as equal.
std::uint32_t relative_rate(Bandwidth rate, Bandwidth slowest)
{
  constexpr double most = 8, tolerance = 0.01;
  const double ratio = rate / slowest, whole = std::round(ratio);
  return whole <= most && std::abs(ratio - whole) < tolerance * whole ? static_cast<std::uint32_t>(whole) : 1;
}

/// Per dimension of the grid: what the group uses of it. Empty when it makes no box.
std::vector<Span> spans_of(const Grid& grid, const std::vector<std::vector<std::int64_t>>& standing)
{
  std::vector<Span> spans;
  std::size_t positions = 1;
  for (std::size_t d = 0; d < grid.size(); ++d) {
    std::vector<std::uint8_t> used(static_cast<std::size_t>(grid[d].size), 0);
    for (const auto& coordinates : standing) used[static_cast<std::size_t>(coordinates[d])] = 1;
    std::vector<std::int64_t> along;
    for (std::size_t c = 0; c < used.size(); ++c)
      if (used[c]) along.push_back(static_cast<std::int64_t>(c));
    positions *= along.size();
    std::optional<Span> span = span_of(std::move(along), grid[d]);
    if (!span || positions > standing.size()) return {};
    spans.push_back(std::move(*span));
  }
  if (positions != standing.size()) return {};
  return spans;
}

std::vector<BoxDimension> dimensions_of(const std::vector<Span>& spans, const std::vector<Bandwidth>& rates)
{
  Bandwidth slowest(std::numeric_limits<double>::max());
  for (std::size_t d = 0; d < spans.size(); ++d)
    if (spans[d].coordinates.size() > 1) slowest = std::min(slowest, rates[d]);
  std::vector<BoxDimension> result;
  for (std::size_t d = 0; d < spans.size(); ++d)
    if (spans[d].coordinates.size() > 1)
      result.push_back({static_cast<std::uint32_t>(spans[d].coordinates.size()), spans[d].join, relative_rate(rates[d], slowest)});
  return result;
}

/// Which member stands where in the box; empty when two stand at one place.
std::vector<std::uint32_t> members_by_position(const std::vector<Span>& spans, const std::vector<std::vector<std::int64_t>>& standing)
{
  constexpr std::uint32_t nobody = std::numeric_limits<std::uint32_t>::max();
  std::vector<std::uint32_t> result(standing.size(), nobody);
  for (std::size_t member = 0; member < standing.size(); ++member) {
    std::size_t position = 0;
    for (std::size_t d = 0; d < spans.size(); ++d) {
      const std::vector<std::int64_t>& along = spans[d].coordinates;
      position =
          position * along.size() + static_cast<std::size_t>(std::find(along.begin(), along.end(), standing[member][d]) - along.begin());
    }
    if (result[position] != nobody) return {};
    result[position] = static_cast<std::uint32_t>(member);
  }
  return result;
}

/// The box of members of one domain, given by number in the group. Members stand in it by that number.
Box box_in(const Fabric& fabric, std::uint32_t domain_number, std::span<const AcceleratorId> members,
           const std::vector<std::uint32_t>& here)
{
  const ScaleupDomain& domain = fabric.domains[domain_number];
  if (here.size() < 2 || domain.grid.empty()) return {};
  std::vector<std::vector<std::int64_t>> standing;
  standing.reserve(here.size());
  for (const std::uint32_t member : here)
    standing.push_back(coordinates_of(domain.grid, std::int64_t{members[member].value} - domain.members.front().value));
  const std::vector<Span> spans = spans_of(domain.grid, standing);
  if (spans.empty()) return {};
  Box box{dimensions_of(spans, domain.grid_rates), members_by_position(spans, standing)};
  if (box.member_at.empty()) return {};
  for (std::uint32_t& member : box.member_at) member = here[member];
  return box;
}

} // namespace

Box box_of(const Fabric& fabric, std::span<const AcceleratorId> members)
{
  std::vector<std::uint32_t> order; // domains by first appearance
  std::map<std::uint32_t, std::vector<std::uint32_t>> members_in;
  for (std::uint32_t member = 0; member < members.size(); ++member) {
    std::vector<std::uint32_t>& here = members_in[fabric.domain_of[members[member].index()]];
    if (here.empty()) order.push_back(fabric.domain_of[members[member].index()]);
    here.push_back(member);
  }
  Box all;
  for (const std::uint32_t domain : order) {
    const Box box = box_in(fabric, domain, members, members_in[domain]);
    if (box.dimensions.empty() || (!all.dimensions.empty() && box.dimensions != all.dimensions)) return {};
    if (all.dimensions.empty()) all.dimensions = box.dimensions;
    for (const std::uint32_t member : box.member_at) all.member_at.push_back(member);
  }
  return all;
}

} // namespace weft
