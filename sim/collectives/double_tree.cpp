#include "collectives/double_tree.hpp"

#include <algorithm>

namespace weft {
namespace {

/// Parent of a node in the in-order tree: one level up is the next higher bit; where that node does not exist, its left neighbour of that
/// level.
std::uint32_t in_order_parent(std::uint32_t node, std::uint32_t nodes)
{
  if (node == 0) return Tree::none;
  const std::uint32_t bit = node & (0u - node);
  const std::uint32_t up = (node ^ bit) | (bit << 1);
  return up < nodes ? up : node ^ bit;
}

void measure_depths(Tree& tree)
{
  const auto nodes = static_cast<std::uint32_t>(tree.parent.size());
  tree.depth.assign(nodes, 0);
  for (std::uint32_t node = 0; node < nodes; ++node) {
    for (std::uint32_t at = node; tree.parent[at] != Tree::none; at = tree.parent[at]) ++tree.depth[node];
    if (tree.parent[node] == Tree::none) tree.root = node;
    tree.height = std::max(tree.height, tree.depth[node]);
  }
}

} // namespace

std::array<Tree, 2> double_binary_tree(std::uint32_t nodes)
{
  std::array<Tree, 2> trees;
  for (Tree& tree : trees) tree.parent.assign(nodes, Tree::none);
  const bool mirrored = nodes % 2 == 0;
  for (std::uint32_t node = 0; node < nodes; ++node) {
    const std::uint32_t parent = in_order_parent(node, nodes);
    trees[0].parent[node] = parent;
    const std::uint32_t image = mirrored ? nodes - 1 - node : (node + 1) % nodes;
    if (parent != Tree::none) trees[1].parent[image] = mirrored ? nodes - 1 - parent : (parent + 1) % nodes;
  }
  for (Tree& tree : trees) measure_depths(tree);
  return trees;
}

} // namespace weft
