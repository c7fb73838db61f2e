// Does the job fit: what each role needs against what the accelerator has.
#pragma once
#include "metrics/results.hpp"

namespace weft {

/// The role that needs most, the first of equals; 0 when there is none.
std::size_t hungriest(const std::vector<MemoryNeed>& needs);

/// Empty when every role fits on the chip; else one line: how much is missing, what takes the most, and what to try.
std::string memory_objection(const Scenario& scenario, const std::vector<MemoryNeed>& needs);

} // namespace weft
