// Two passes that run together: one computes while the other communicates.
#pragma once
#include "job/job.hpp"

namespace weft {

/// Tasks [first, second) of the program are one pass, [second, end of program) the other; nothing of the second waits for the first. Merges
/// them: each pass is cut behind its communications, and the pieces take turns, the first pass's first. Returns the new numbers of the tasks
/// from `first` on.
std::vector<std::uint32_t> interleave(Program& program, std::uint32_t first, std::uint32_t second);

} // namespace weft
