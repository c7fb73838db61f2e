// Which ranks, groups, flows and links are equal throughout the step: the partition the folding is built on.
#pragma once
#include "traffic/traffic.hpp"

#include <cstdint>
#include <vector>

namespace weft {

/// A class per rank, group, flow and link; classes are numbered by first member. Links without traffic are in none.
struct Colouring {
  std::vector<std::uint32_t> rank_class, group_class, flow_class, link_class;
  std::uint32_t ranks = 0, groups = 0, flows = 0, links = 0; ///< how many classes of each
  static constexpr std::uint32_t no_class = 0xffffffff;
};

/// Every rank, group, flow and link for itself.
Colouring identity_colouring(const Job& job, const Traffic& traffic, const Fabric& fabric);

/// The coarsest equitable partition of ranks, groups, flows and links (docs/theory.md, "Folding").
/// Source: Grohe, Kersting, Mladenov, Selman, "Dimension reduction via colour refinement", ESA 2014.
Colouring refined_colouring(const Job& job, const Traffic& traffic, const Fabric& fabric);

/// A physical value as refinement compares it: the bits of the double rounded to a relative grid of 2^-40 (9e-13).
/// Sums that are equal on paper differ in their last bits with the order of addition and would split classes for nothing;
/// the grid is a thousand times finer than the 1e-9 folding promises. Two such sums on either side of a grid line do split: that
/// costs classes, never exactness.
std::uint64_t grid_bits(double value);

} // namespace weft
