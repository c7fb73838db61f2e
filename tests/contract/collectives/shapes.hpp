// Groups of many forms: sizes, domains of equal and unequal size, domains in runs and scattered, switches that reduce or not.
#pragma once
#include "collectives/collective.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace weft::test {

/// Domain numbers in order of first appearance, as GroupShape wants them; all switches reduce or none does.
inline GroupShape group_of(const std::vector<std::uint32_t>& labels, bool reduces)
{
  GroupShape group;
  std::vector<std::uint32_t> seen;
  for (const std::uint32_t label : labels) {
    auto at = std::find(seen.begin(), seen.end(), label);
    if (at == seen.end()) at = seen.insert(seen.end(), label);
    group.domain.push_back(static_cast<std::uint32_t>(at - seen.begin()));
  }
  group.domain_reduces.assign(seen.size(), reduces ? 1 : 0);
  return group;
}

/// `domains` domains of `size` members each, one after the other.
inline GroupShape runs(std::uint32_t domains, std::uint32_t size, bool reduces = false)
{
  std::vector<std::uint32_t> labels;
  for (std::uint32_t d = 0; d < domains; ++d) labels.insert(labels.end(), size, d);
  return group_of(labels, reduces);
}

/// `domains` domains of `size` members each, members dealt out in turn.
inline GroupShape dealt(std::uint32_t domains, std::uint32_t size, bool reduces = false)
{
  std::vector<std::uint32_t> labels;
  for (std::uint32_t m = 0; m < domains * size; ++m) labels.push_back(m % domains);
  return group_of(labels, reduces);
}

/// Domains of the given sizes, one after the other.
inline GroupShape sizes(const std::vector<std::uint32_t>& members, bool reduces = false)
{
  std::vector<std::uint32_t> labels;
  for (std::uint32_t d = 0; d < members.size(); ++d) labels.insert(labels.end(), members[d], d);
  return group_of(labels, reduces);
}

/// One domain whose members stand in a box, numbered with the last dimension fastest; `backwards`: the first number last.
enum class Numbering { forwards, backwards };
inline GroupShape boxed(std::vector<BoxDimension> dimensions, Numbering numbering = Numbering::forwards)
{
  std::uint32_t members = 1;
  for (const BoxDimension& dimension : dimensions) members *= dimension.size;
  GroupShape group = runs(1, members);
  group.box.dimensions = std::move(dimensions);
  for (std::uint32_t m = 0; m < members; ++m) group.box.member_at.push_back(numbering == Numbering::forwards ? m : members - 1 - m);
  return group;
}

/// So many domains, in each a box of that shape; members dealt out to the domains in turn.
inline GroupShape boxed_over(std::uint32_t domains, const std::vector<BoxDimension>& dimensions)
{
  const auto size = static_cast<std::uint32_t>(boxed(dimensions).members());
  GroupShape group = dealt(domains, size);
  group.box.dimensions = dimensions;
  for (std::uint32_t domain = 0; domain < domains; ++domain)
    for (std::uint32_t position = 0; position < size; ++position) group.box.member_at.push_back(position * domains + domain);
  return group;
}

/// Rings and lines of even and odd length alone and together, with dimensions of different rates, and full meshes.
inline std::vector<GroupShape> boxes()
{
  constexpr BoxJoin line = BoxJoin::line, ring = BoxJoin::ring, complete = BoxJoin::complete;
  std::vector<GroupShape> shapes;
  for (const std::uint32_t n : {2u, 3u, 4u, 5u, 8u}) {
    shapes.push_back(boxed({{n, line}}, Numbering::backwards));
    if (n > 2) shapes.push_back(boxed({{n, ring}}));
    shapes.push_back(boxed({{n, complete}}, Numbering::backwards));
  }
  shapes.push_back(boxed({{2, line}, {2, line}, {2, line}}));
  shapes.push_back(boxed({{4, ring}, {4, ring}}, Numbering::backwards));
  shapes.push_back(boxed({{3, ring}, {4, line}}));
  shapes.push_back(boxed({{4, ring}, {3, line}, {2, line}}, Numbering::backwards));
  shapes.push_back(boxed({{2, line}, {5, ring}, {3, ring}}));
  shapes.push_back(boxed({{4, ring, 1}, {4, ring, 2}}));
  shapes.push_back(boxed({{3, line, 3}, {2, line, 1}, {4, ring, 2}}));
  shapes.push_back(boxed_over(2, {{2, line}}));
  shapes.push_back(boxed_over(3, {{4, ring}}));
  shapes.push_back(boxed_over(2, {{4, complete}}));
  shapes.push_back(boxed_over(4, {{3, line}, {4, ring}}));
  shapes.push_back(boxed_over(2, {{4, ring, 1}, {4, ring, 2}}));
  return shapes;
}

/// What the contract is checked on: sizes from 1 to 16 (10, 11 and 13 have nothing that the others do not).
inline std::vector<GroupShape> many_shapes()
{
  std::vector<GroupShape> shapes;
  for (const std::uint32_t n : {1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u, 9u, 12u, 14u, 15u, 16u}) {
    for (std::uint32_t size = 1; size <= n; ++size)
      if (n % size == 0) {
        shapes.push_back(runs(n / size, size, true));
        if (size > 1 && size < n) shapes.push_back(dealt(n / size, size, size % 2 == 0));
      }
    if (n < 3) continue;
    shapes.push_back(sizes({1, n - 1}, true));
    shapes.push_back(sizes({n - 1, 1}));
    if (n > 5) shapes.push_back(sizes({2, n - 5, 3}, true));
    std::vector<std::uint32_t> scattered;
    for (std::uint32_t m = 0; m < n; ++m) scattered.push_back(m * m % 5);
    shapes.push_back(group_of(scattered, true));
  }
  GroupShape mixed = runs(3, 4, true); // the middle domain's switch cannot reduce
  mixed.domain_reduces[1] = 0;
  shapes.push_back(mixed);
  for (GroupShape& shape : boxes()) shapes.push_back(std::move(shape));
  return shapes;
}

/// "5 members in domains 0 0 1 2 2" for messages of failing tests.
inline std::string describe(const GroupShape& group)
{
  std::string text = std::to_string(group.members()) + " members in domains";
  for (const std::uint32_t d : group.domain) text += " " + std::to_string(d);
  if (!group.box.dimensions.empty()) text += ", in a box of";
  for (const BoxDimension& d : group.box.dimensions) text += " " + std::to_string(d.size) + (d.join == BoxJoin::ring ? " (ring)" : "");
  return text;
}

constexpr std::array<Operation, 6> all_operations{Operation::all_reduce, Operation::reduce_scatter, Operation::all_gather,
                                                  Operation::broadcast,  Operation::all_to_all,     Operation::send};

} // namespace weft::test
