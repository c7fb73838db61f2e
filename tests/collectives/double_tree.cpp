// The two trees of the double binary tree.
#include "collectives/double_tree.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace weft;

namespace {

std::vector<std::uint32_t> children_of(const Tree& tree)
{
  std::vector<std::uint32_t> children(tree.parent.size(), 0);
  for (const std::uint32_t parent : tree.parent)
    if (parent != Tree::none) ++children[parent];
  return children;
}

} // namespace

TEST_CASE("the first tree over eight nodes is NCCL's")
{
  // drawn at the head of ncclGetBtree in src/graph/trees.cc: 0 over 4 over 2 and 6 over the odd ones
  const auto trees = double_binary_tree(8);
  CHECK(trees[0].parent == std::vector<std::uint32_t>{Tree::none, 2, 4, 2, 0, 6, 4, 6});
  // the second is its mirror image: node x of the first is node 7 - x
  CHECK(trees[1].parent == std::vector<std::uint32_t>{1, 3, 1, 7, 5, 3, 5, Tree::none});
}

TEST_CASE("with an odd number of nodes the second tree is the first shifted by one")
{
  const auto trees = double_binary_tree(5);
  CHECK(trees[0].parent == std::vector<std::uint32_t>{Tree::none, 2, 4, 2, 0});
  CHECK(trees[1].parent == std::vector<std::uint32_t>{1, Tree::none, 3, 0, 3});
}

TEST_CASE("both trees span all nodes, have one root, at most two children per node, and height ceil(log2 n)")
{
  for (std::uint32_t n = 1; n <= 200; ++n)
    for (const Tree& tree : double_binary_tree(n)) {
      CAPTURE(n);
      std::uint32_t roots = 0;
      for (const std::uint32_t parent : tree.parent) roots += parent == Tree::none ? 1 : 0;
      CHECK(roots == 1);
      CHECK(tree.parent[tree.root] == Tree::none);
      CHECK(tree.height == static_cast<std::uint32_t>(std::ceil(std::log2(n))));
      bool binary = true, deeper = true;
      for (const std::uint32_t children : children_of(tree)) binary = binary && children <= 2;
      for (std::uint32_t node = 0; node < n; ++node)
        deeper = deeper && (node == tree.root || tree.depth[node] == tree.depth[tree.parent[node]] + 1);
      CHECK(binary);
      CHECK(deeper);
    }
}

TEST_CASE("a node with two children in one tree has at most one in the other, none with an even number of nodes")
{
  // so no adapter has to carry much more than a payload: children and parents over both trees, each with half of it
  for (std::uint32_t n = 2; n <= 200; ++n) {
    const auto trees = double_binary_tree(n);
    const auto first = children_of(trees[0]), second = children_of(trees[1]);
    std::uint32_t worst = 0;
    for (std::uint32_t node = 0; node < n; ++node) {
      if (n % 2 == 0) CHECK(std::min(first[node], second[node]) == 0);
      worst = std::max(worst, first[node] + second[node]);
    }
    CHECK(worst <= 3);
  }
}
