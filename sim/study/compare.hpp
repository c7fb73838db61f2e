// Scenarios side by side, and in one sentence what makes the difference between two of them.
#pragma once
#include "metrics/results.hpp"

#include <string>
#include <vector>

namespace weft {

/// One compared scenario.
struct Entry {
  std::string name; ///< how sentences call it: the file's name without folder and ending
  Results results;
};

/// Why `other` takes longer or shorter than `base`: the category of the critical path that changed most in the direction of the change,
/// in points of base's step time, and the links behind it. "b takes 12.3 % longer than a: +10.9 points are exposed tensor-parallel
/// communication, whose links (nvlink3 up) run at 66.7 % of a's capacity."
std::string explain(const Entry& base, const Entry& other);

/// Names that tell the files apart: stems, or as much of the path as it takes.
std::vector<std::string> short_names(const std::vector<std::string>& files);

} // namespace weft
