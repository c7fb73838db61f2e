// Partition refinement against the definition, on graphs small enough to do it by hand or by brute force.
#include "fold/partition.hpp"
#include "fold/random_case.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

using namespace weft;

namespace {

/// The definition: rename every node by its colour and the sorted list of (label, colour) around it until nothing changes.
std::vector<std::uint32_t> refine_by_rounds(const LabelledGraph& graph, std::vector<std::uint32_t> colours)
{
  std::uint32_t before = number_by_first_member(colours);
  while (true) {
    std::map<std::vector<std::uint64_t>, std::uint32_t> names;
    std::vector<std::uint32_t> next;
    for (std::uint32_t node = 0; node < graph.nodes(); ++node) {
      std::vector<std::uint64_t> key;
      for (const auto& n : graph.row(node)) key.push_back((std::uint64_t{n.label} << 32) | colours[n.node]);
      std::sort(key.begin(), key.end());
      key.push_back(colours[node]);
      next.push_back(names.try_emplace(key, static_cast<std::uint32_t>(names.size())).first->second);
    }
    colours = next;
    const std::uint32_t now = number_by_first_member(colours);
    if (now == before) return colours;
    before = now;
  }
}

std::vector<std::uint32_t> classes_of(std::size_t nodes, const std::vector<LabelledEdge>& edges, const std::vector<std::uint32_t>& colours)
{
  return coarsest_equitable_partition(make_graph(nodes, edges), colours);
}

} // namespace

TEST_CASE("a ring of equals is one class, a marked node splits it by distance")
{
  // Six nodes in a ring; node 0 marked: distances 0 1 2 3 2 1.
  const std::vector<LabelledEdge> ring{{0, 1, 0}, {1, 2, 0}, {2, 3, 0}, {3, 4, 0}, {4, 5, 0}, {5, 0, 0}};
  CHECK(classes_of(6, ring, {0, 0, 0, 0, 0, 0}) == std::vector<std::uint32_t>{0, 0, 0, 0, 0, 0});
  CHECK(classes_of(6, ring, {1, 0, 0, 0, 0, 0}) == std::vector<std::uint32_t>{0, 1, 2, 3, 2, 1});
}

TEST_CASE("labels tell neighbours apart, and how many there are of each")
{
  // A star: the centre sees 1 and 2 over label 0, 3 and 4 over label 1.
  const std::vector<LabelledEdge> star{{0, 1, 0}, {0, 2, 0}, {0, 3, 1}, {0, 4, 1}};
  CHECK(classes_of(5, star, {0, 0, 0, 0, 0}) == std::vector<std::uint32_t>{0, 1, 1, 2, 2});
  // Two edges between 0 and 1 are not one edge between 2 and 3.
  CHECK(classes_of(4, {{0, 1, 0}, {0, 1, 0}, {2, 3, 0}}, {0, 0, 0, 0}) == std::vector<std::uint32_t>{0, 0, 1, 1});
}

TEST_CASE("nodes without edges keep their colours, and no nodes make no classes")
{
  CHECK(classes_of(3, {}, {7, 9, 7}) == std::vector<std::uint32_t>{0, 1, 0});
  CHECK(classes_of(0, {}, {}).empty());
}

TEST_CASE("on random graphs the partition is the one the definition gives")
{
  std::size_t nontrivial = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    CAPTURE(seed);
    hand_made::Draws draw(seed);
    // Copies of one small graph, with a few edges crossed over: symmetric, but not everywhere.
    const std::uint32_t part = 2 + draw.below(5), copies = 1 + draw.below(4), labels = 1 + draw.below(3);
    std::vector<LabelledEdge> edges;
    for (std::uint32_t e = draw.below(3 * part) + 1; e > 0; --e) {
      const LabelledEdge edge{draw.below(part), draw.below(part), draw.below(labels)};
      if (edge.a == edge.b) continue;
      for (std::uint32_t copy = 0; copy < copies; ++copy) edges.push_back({copy * part + edge.a, copy * part + edge.b, edge.label});
    }
    if (draw.one_in(2) && copies > 1) edges.push_back({0, part, 0});
    std::vector<std::uint32_t> colours;
    for (std::uint32_t node = 0; node < part * copies; ++node) colours.push_back(draw.one_in(8) ? 1 : 0);
    const LabelledGraph graph = make_graph(colours.size(), edges);
    const auto classes = coarsest_equitable_partition(graph, colours);
    REQUIRE(classes == refine_by_rounds(graph, colours));
    const std::uint32_t count = *std::max_element(classes.begin(), classes.end()) + 1;
    if (count > 2 && count < classes.size()) ++nontrivial;
  }
  CHECK(nontrivial > 100);
}
