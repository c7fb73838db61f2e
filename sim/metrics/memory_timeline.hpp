// Memory over the step: what one rank of each role holds, at the times its passes began and ended in the simulation.
#pragma once
#include "metrics/results.hpp"

#include <vector>

namespace weft {

/// From `time` on, until the next.
struct MemoryAt {
  Seconds time;
  MemoryNeed need; ///< with its moment in words
};

/// Memory of a rank class in time: a pass counts with its most from its first computation to its last. Its maximum is the role's entry of
/// Results::memory. Empty for a bare collective.
std::vector<MemoryAt> memory_timeline(const Scenario& scenario, const Folding& folding, const Trace& trace, std::size_t rank_class);

/// The first rank class of each role: whose memory is written.
std::vector<std::size_t> classes_of_roles(const Folding& folding);

} // namespace weft
