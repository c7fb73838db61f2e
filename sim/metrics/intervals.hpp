// When each task of a rank class ran: the spans of the trace with fused actions taken apart again.
#pragma once
#include "engine/trace.hpp"
#include "fold/folding.hpp"

#include <cstdint>
#include <vector>

namespace weft {

/// One task of a program as one rank class ran it.
struct TaskInterval {
  std::uint32_t task = 0; ///< in the role's program
  std::uint32_t lane = 0;
  Seconds ready; ///< of a communication: when this rank class arrived
  Seconds begin, end;
};

/// All tasks of one rank class, action by action. Throws LogicError when the trace does not belong to the folding.
std::vector<TaskInterval> task_intervals(const Folding& folding, const Trace& trace, std::size_t rank_class);

/// The program a rank class runs.
const Program& program_of(const Folding& folding, std::size_t rank_class);
/// What the time of a task counts as.
Category category_of(const Job& job, const Task& task);
/// What a task does, in words: the name of its work or payload.
const std::string& name_of(const Job& job, const Task& task);

} // namespace weft
