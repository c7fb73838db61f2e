#include "collectives/tree_hops.hpp"

namespace weft {

std::uint32_t tree_parts(std::uint32_t nodes) { return nodes > 1 ? 2 : 1; }

std::uint32_t tree_height(std::uint32_t nodes)
{
  std::uint32_t height = 0;
  while ((std::uint64_t{1} << height) < nodes) ++height;
  return height;
}

void add_tree_edges(std::vector<Edge>& edges, std::span<const std::uint32_t> leaders, double bytes_per_byte)
{
  const auto nodes = static_cast<std::uint32_t>(leaders.size());
  for (const Tree& tree : double_binary_tree(nodes))
    for (std::uint32_t node = 0; node < nodes; ++node) {
      if (node == tree.root) continue;
      edges.push_back({leaders[node], leaders[tree.parent[node]], bytes_per_byte / 2});
      edges.push_back({leaders[tree.parent[node]], leaders[node], bytes_per_byte / 2});
    }
}

void add_tree_hops(std::vector<Handover>& hops, std::span<const std::uint32_t> leaders, std::uint32_t first, std::uint32_t first_part)
{
  const auto nodes = static_cast<std::uint32_t>(leaders.size());
  if (nodes < 2) return;
  std::uint32_t part = first_part;
  for (const Tree& tree : double_binary_tree(nodes)) {
    for (std::uint32_t node = 0; node < nodes; ++node) {
      if (node == tree.root) continue;
      const std::uint32_t leader = leaders[node], parent = leaders[tree.parent[node]];
      const std::uint32_t up = first + tree.height - tree.depth[node], down = first + tree.height + tree.depth[node] - 1;
      hops.push_back({.from = leader, .to = parent, .stage = up, .first_part = part, .parts = 1, .reduces = true});
      hops.push_back({.from = parent, .to = leader, .stage = down, .first_part = part, .parts = 1, .reduces = false});
    }
    ++part;
  }
}

} // namespace weft
