// SimGrid knows a flow's weight on a link only as how often its path names the link, and sizes only as whole bytes. This finds common
// multipliers that make all weights whole and all sizes large enough to be rounded.
#pragma once
#include "traffic/traffic.hpp"

#include <cstdint>
#include <span>

namespace weft {

struct WholeScales {
  double weight = 1; ///< weight x this is whole, for every charge; rates shrink by it
  double size = 1;   ///< bytes x this may be rounded to whole bytes; capacities grow by it
};

/// Throws CannotFinish when no multiplier up to `most_repeats` makes the weights whole, when a path would name links more than
/// `most_hops` times, or when sizes differ by more than what rounding to whole bytes allows (relative error below 1e-9).
WholeScales whole_scales(const Traffic& traffic);

/// Largest common multiplier tried, and longest path made.
constexpr std::uint32_t most_repeats = 10'000;
constexpr std::uint32_t most_hops = 20'000;

} // namespace weft
