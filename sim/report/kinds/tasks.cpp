// tasks.csv: every task of every rank class as it ran; fused actions are taken apart.
#include "metrics/intervals.hpp"
#include "report/csv.hpp"
#include "report/numbers.hpp"
#include "report/report.hpp"

#include <ostream>

namespace weft {
namespace {

constexpr std::uint16_t no_microbatch = 0xffff; // job/job.hpp, Task::microbatch

void render(const Report& report, std::ostream& out)
{
  const Job& job = *report.job;
  std::vector<std::string> lanes, works, payloads;
  for (const std::string& lane : job.lanes) lanes.push_back(csv_field(lane));
  for (const Work& work : job.works) works.push_back(csv_field(work.name));
  for (const Payload& payload : job.payloads) payloads.push_back(csv_field(payload.name));

  out << "class,ranks,program,lane,task,category,microbatch,ready_s,begin_s,end_s\n";
  for (std::size_t c = 0; c < report.folding->ranks.size(); ++c) {
    const Program& program = program_of(*report.folding, c);
    const std::string start =
        std::to_string(c) + ',' + std::to_string(report.folding->ranks[c].ranks) + ',' + csv_field(program.name) + ',';
    std::string rows;
    for (const TaskInterval& interval : task_intervals(*report.folding, *report.trace, c)) {
      const Task& task = program.tasks[interval.task];
      rows += start + lanes[interval.lane] + ',' + (task.kind == TaskKind::compute ? works : payloads)[task.what] + ',';
      rows += category_names[static_cast<std::size_t>(category_of(job, task))];
      rows += ',' + (task.microbatch == no_microbatch ? "" : std::to_string(task.microbatch)) + ',' + shortest(interval.ready.base()) +
              ',' + shortest(interval.begin.base()) + ',' + shortest(interval.end.base()) + '\n';
    }
    out << rows;
  }
}

} // namespace

extern const ReportKind kind_tasks_report_kinds;
const ReportKind kind_tasks_report_kinds{"tasks", "when every task of every rank class was ready, began and ended, as CSV", "tasks.csv",
                                         render};

} // namespace weft
