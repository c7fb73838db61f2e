// Two binary trees over the same nodes such that no node is an inner node of both: each carries half of the payload, so that every node
// sends and receives about as much as in a ring, in a logarithmic number of steps.
// Sanders, Speck, Traeff 2009, Two-tree algorithms for full bandwidth broadcast, reduction and scan, Parallel Computing 35(12), section 3.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

namespace weft {

/// A rooted tree over nodes 0 .. n-1.
struct Tree {
  static constexpr std::uint32_t none = 0xffffffff;
  std::vector<std::uint32_t> parent; ///< none for the root
  std::vector<std::uint32_t> depth;  ///< edges to the root
  std::uint32_t root = 0;
  std::uint32_t height = 0; ///< largest depth
};

/// NCCL's in-order binary tree (a node's children differ from it in the bit under its lowest set bit; node 0 is the root) and its second
/// tree: the mirror image for an even number of nodes, shifted by one for an odd number. Source: NCCL, src/graph/trees.cc, ncclGetDtree.
std::array<Tree, 2> double_binary_tree(std::uint32_t nodes);

} // namespace weft
