// The chain of actions that made the step as long as it is: from the last end back to the start, each released by the one before.
#pragma once
#include "metrics/results.hpp"

namespace weft {

/// The critical path added up in two ways.
struct CriticalPath {
  std::vector<CriticalPart> categories; ///< every category in the order of category_names; adds up to the step time
  std::vector<CriticalPart> links;      ///< the communication of the path by limiting medium class, "latency" last; longest first
};

/// Walks the trace back along what released each action. Of a transfer, the fixed latencies count as "latency" and the rest as the
/// medium class on which its own bytes take longest; traffic of others on the same links is not told apart. Throws LogicError on a broken
/// trace.
CriticalPath critical_path(const Fabric& fabric, const Folding& folding, const Trace& trace);

} // namespace weft
