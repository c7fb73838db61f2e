#include "metrics/intervals.hpp"

#include "config/error.hpp"

#include <string>

namespace weft {

const Program& program_of(const Folding& folding, std::size_t rank_class)
{
  return folding.job->programs[folding.scripts[folding.ranks[rank_class].script].role];
}

Category category_of(const Job& job, const Task& task)
{
  return task.kind == TaskKind::compute ? job.works[task.what].category : job.payloads[task.what].category;
}

const std::string& name_of(const Job& job, const Task& task)
{
  return task.kind == TaskKind::compute ? job.works[task.what].name : job.payloads[task.what].name;
}

std::vector<TaskInterval> task_intervals(const Folding& folding, const Trace& trace, std::size_t rank_class)
{
  const Script& script = folding.scripts[folding.ranks[rank_class].script];
  const std::vector<Span>& spans = trace.spans.at(rank_class);
  if (spans.size() != script.actions.size())
    throw LogicError("the trace of rank class " + std::to_string(rank_class) + " has " + std::to_string(spans.size()) + " spans for " +
                     std::to_string(script.actions.size()) + " actions");
  std::vector<TaskInterval> intervals;
  intervals.reserve(folding.job->programs[script.role].tasks.size());
  for (std::size_t a = 0; a < spans.size(); ++a) {
    const Action& action = script.actions[a];
    const Span& span = spans[a];
    if (action.segment == Action::no_segment) {
      intervals.push_back({action.task, action.lane, span.ready, span.begin, span.end});
      continue;
    }
    bool first = true; // only the first part can have waited for other ranks: the rest follows at fixed offsets
    for (const SegmentPart& part : script.segments[action.segment].parts) {
      const Seconds begin = span.begin + part.offset;
      intervals.push_back({action.task + part.task, part.lane, first ? span.ready : begin, begin, begin + part.duration});
      first = false;
    }
  }
  return intervals;
}

} // namespace weft
