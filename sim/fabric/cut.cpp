#include "fabric/cut.hpp"

// g++ 12 takes the empty optional inside Boost's edge iterator for an uninitialised one.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/boykov_kolmogorov_max_flow.hpp>

#include <cmath>
#include <map>

namespace weft {

namespace {

using Traits = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>;
struct Corner {
  Traits::edge_descriptor predecessor;
  boost::default_color_type colour = boost::white_color;
  std::int64_t distance = 0;
};
struct Pipe {
  std::int64_t capacity = 0, residual = 0; ///< bytes per second: whole numbers, so that equal sums are equal
  Traits::edge_descriptor reverse;
};
using FlowGraph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, Corner, Pipe>;

void add_pipe(FlowGraph& graph, std::size_t from, std::size_t to, std::int64_t forth, std::int64_t back)
{
  const auto there = boost::add_edge(from, to, graph).first;
  const auto again = boost::add_edge(to, from, graph).first;
  graph[there].capacity = forth;
  graph[again].capacity = back;
  graph[there].reverse = again;
  graph[again].reverse = there;
}

} // namespace

Bandwidth smallest_cut(const Fabric& fabric, const std::vector<VertexId>& first, const std::vector<VertexId>& second,
                       const std::vector<bool>& inside)
{
  std::map<std::pair<std::size_t, std::size_t>, std::int64_t> capacity; // parallel cables count as one
  std::int64_t all = 0;
  for (const Link& link : fabric.links) {
    if (!inside.empty() && !(inside[link.from.index()] && inside[link.to.index()])) continue;
    const auto rate = static_cast<std::int64_t>(std::llround(fabric.media[link.medium].raw.base()));
    capacity[{link.from.index(), link.to.index()}] += rate;
    all += rate;
  }
  const std::size_t source = fabric.vertices.size(), sink = source + 1;
  FlowGraph graph(fabric.vertices.size() + 2);
  for (const auto& [ends, rate] : capacity)
    if (ends.first < ends.second) add_pipe(graph, ends.first, ends.second, rate, capacity[{ends.second, ends.first}]);
  for (const VertexId v : first) add_pipe(graph, source, v.index(), all, 0);
  for (const VertexId v : second) add_pipe(graph, v.index(), sink, all, 0);
  const std::int64_t flow = boost::boykov_kolmogorov_max_flow(graph, boost::get(&Pipe::capacity, graph), boost::get(&Pipe::residual, graph),
                                                              boost::get(&Pipe::reverse, graph), boost::get(&Corner::predecessor, graph),
                                                              boost::get(&Corner::colour, graph), boost::get(&Corner::distance, graph),
                                                              boost::get(boost::vertex_index, graph), source, sink);
  return Bandwidth(static_cast<double>(flow));
}

Bandwidth network_bisection(const Fabric& fabric)
{
  const int nodes = fabric.vertices[fabric.accelerators.back().index()].node + 1;
  std::vector<VertexId> first, second;
  std::vector<bool> inside(fabric.vertices.size(), false);
  for (std::size_t v = 0; v < fabric.vertices.size(); ++v)
    inside[v] = fabric.vertices[v].kind == VertexKind::network_switch || fabric.vertices[v].kind == VertexKind::adapter;
  for (const VertexId adapter : fabric.adapters) (fabric.vertices[adapter.index()].node < nodes / 2 ? first : second).push_back(adapter);
  if (first.empty() || second.empty()) return Bandwidth(0);
  return smallest_cut(fabric, first, second, inside);
}

Bandwidth domain_bisection(const Fabric& fabric, const ScaleupDomain& domain)
{
  std::vector<VertexId> first, second;
  std::vector<bool> inside(fabric.vertices.size(), false);
  for (std::size_t i = 0; i < domain.members.size(); ++i) {
    const VertexId v = fabric.accelerators[domain.members[i].index()];
    inside[v.index()] = true;
    (i < domain.members.size() / 2 ? first : second).push_back(v);
  }
  for (const VertexId v : domain.inner) inside[v.index()] = true;
  if (first.empty() || second.empty()) return Bandwidth(0);
  return smallest_cut(fabric, first, second, inside);
}

} // namespace weft
