// Where the step of an accelerator went: every moment is counted once, so the shares add up to 1.
#pragma once
#include "metrics/results.hpp"

namespace weft {

/// Shares of the step of one rank class. A moment counts as the first of these that holds:
///   compute   a computation runs;
///   tensor, data, pipeline   a transfer of that category is in progress (all members have arrived): exposed communication;
///   bubble    the rank waits for ranks of another role (another pipeline stage) to arrive, or has nothing left to do, or nothing yet;
///   other     anything else: transfers of no category, waiting for a slower equal.
Breakdown breakdown_of(const Folding& folding, const Trace& trace, std::size_t rank_class);

/// Mean over all ranks: each class weighs as many as it stands for.
Breakdown mean_breakdown(const Folding& folding, const std::vector<Breakdown>& by_class);
/// The rank class with the largest busy share; the first of equals.
std::size_t slowest_class(const std::vector<Breakdown>& by_class);

} // namespace weft
