#include "metrics/memory_timeline.hpp"

#include "metrics/intervals.hpp"

#include <algorithm>
#include <optional>

namespace weft {
namespace {

/// From the first computation of some tasks to the last; where none computes, of all of them.
struct Extent {
  std::optional<Seconds> begin, end;
  void take(const TaskInterval& interval)
  {
    begin = begin ? std::min(*begin, interval.begin) : interval.begin;
    end = end ? std::max(*end, interval.end) : interval.end;
  }
};

/// When each pass of the program ran.
std::vector<Extent> extents_of(const Program& program, const std::vector<TaskInterval>& intervals)
{
  std::vector<Extent> of_task(program.tasks.size());
  for (const TaskInterval& interval : intervals) of_task[interval.task].take(interval);
  std::vector<Extent> extents;
  for (const PassTasks& pass : program.passes) {
    Extent computing, all;
    for (std::uint32_t task = pass.first; task < pass.end; task++) {
      if (!of_task[task].begin) continue;
      const TaskInterval whole{.task = task, .lane = 0, .ready = {}, .begin = *of_task[task].begin, .end = *of_task[task].end};
      all.take(whole);
      if (program.tasks[task].kind == TaskKind::compute) computing.take(whole);
    }
    extents.push_back(computing.begin ? computing : all);
  }
  return extents;
}

} // namespace

std::vector<MemoryAt> memory_timeline(const Scenario& scenario, const Folding& folding, const Trace& trace, std::size_t rank_class)
{
  const Program& program = program_of(folding, rank_class);
  if (!scenario.workload || program.passes.empty()) return {};
  const auto role = static_cast<int>(folding.scripts[folding.ranks[rank_class].script].role);
  const StageMemory memory = stage_memory(scenario, role);
  const std::vector<Extent> extents = extents_of(program, task_intervals(folding, trace, rank_class));
  std::vector<MemoryAt> timeline{{Seconds(0), memory.idle}};
  Seconds reached{0}; // an empty pass takes no time
  for (std::size_t i = 0; i < memory.passes.size(); i++) {
    const Seconds begin = std::max(reached, extents[i].begin.value_or(reached));
    reached = std::max(begin, extents[i].end.value_or(begin));
    timeline.push_back({begin, memory.passes[i].running});
    timeline.push_back({reached, memory.passes[i].after});
  }
  timeline.push_back({reached, memory.update});
  return timeline;
}

std::vector<std::size_t> classes_of_roles(const Folding& folding)
{
  std::vector<std::size_t> classes;
  std::vector<bool> seen(folding.job->programs.size());
  for (std::size_t c = 0; c < folding.ranks.size(); c++) {
    const std::uint32_t role = folding.scripts[folding.ranks[c].script].role;
    if (!seen[role]) classes.push_back(c);
    seen[role] = true;
  }
  return classes;
}

} // namespace weft
