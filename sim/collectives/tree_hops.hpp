// Double binary trees across domains: what tree and nvls share.
#pragma once
#include "collectives/double_tree.hpp"
#include "collectives/pipeline.hpp"

#include <span>
#include <vector>

namespace weft {

/// Two trees, each with half of the payload; a single node has nothing to share out.
std::uint32_t tree_parts(std::uint32_t nodes);

/// Edges of an all-reduce over double binary trees between `leaders` (one vertex per node): up and down `bytes_per_byte`, halved over the
/// trees.
void add_tree_edges(std::vector<Edge>& edges, std::span<const std::uint32_t> leaders, double bytes_per_byte);

/// The hops of the same: reduced up from stage `first` on, then down; done before stage first + 2 x height. Tree t moves part first_part +
/// t.
void add_tree_hops(std::vector<Handover>& hops, std::span<const std::uint32_t> leaders, std::uint32_t first, std::uint32_t first_part);

/// Edges from the deepest node to the root: ceil(log2(nodes)), the same in both trees.
std::uint32_t tree_height(std::uint32_t nodes);

} // namespace weft
