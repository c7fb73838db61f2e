// Colour refinement on a graph with labelled edges: the coarsest partition in which equal nodes see equal surroundings.
// Knows nothing of ranks or links; colouring.cpp builds the graph.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weft {

/// One undirected edge; `label` says what the edge means (a slot, a weight).
struct LabelledEdge {
  std::uint32_t a = 0, b = 0;
  std::uint32_t label = 0;
};

/// An undirected graph, stored in rows: each edge stands in the row of both its ends.
struct LabelledGraph {
  struct Neighbour {
    std::uint32_t node = 0;
    std::uint32_t label = 0;
  };
  std::vector<std::size_t> first; ///< per node, where its row starts; one more at the end
  std::vector<Neighbour> neighbours;
  std::uint32_t labels = 0; ///< labels are below this
  [[nodiscard]] std::size_t nodes() const { return first.size() - 1; }
  [[nodiscard]] std::span<const Neighbour> row(std::uint32_t node) const
  {
    return {neighbours.data() + first[node], first[node + 1] - first[node]};
  }
};

/// Sorts edges into rows. Parallel edges count as often as they stand there.
LabelledGraph make_graph(std::size_t nodes, std::span<const LabelledEdge> edges);

/// The coarsest equitable partition finer than `colours`: two nodes of one class have, for every class and label, the same number
/// of neighbours in that class over edges of that label. Exact, no hashing; time O((nodes + edges) log nodes).
/// Source: Paige and Tarjan, "Three partition refinement algorithms", SIAM J. Comput. 16 (1987), section 3 ("process the smaller
/// half"); for counted neighbours Cardon and Crochemore, "Partitioning a graph in O(|A| log |V|)", Theor. Comput. Sci. 19 (1982).
/// Returns a class per node, numbered by first member.
std::vector<std::uint32_t> coarsest_equitable_partition(const LabelledGraph& graph, std::span<const std::uint32_t> colours);

/// Renumbers classes in order of their first member; returns how many there are.
std::uint32_t number_by_first_member(std::span<std::uint32_t> classes);

} // namespace weft
