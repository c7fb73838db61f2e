// memory.csv: what one rank of each role holds over the step. A part stands there when it changes.
#include "metrics/intervals.hpp"
#include "metrics/memory_timeline.hpp"
#include "report/csv.hpp"
#include "report/numbers.hpp"
#include "report/report.hpp"

#include <ostream>

namespace weft {
namespace {

void render(const Report& report, std::ostream& out)
{
  out << "rank,program,time_s,moment,part,bytes\n";
  for (const std::size_t rank_class : classes_of_roles(*report.folding)) {
    const std::string start = std::to_string(report.folding->ranks[rank_class].representative.value) + ',' +
                              csv_field(program_of(*report.folding, rank_class).name) + ',';
    const MemoryNeed* before = nullptr;
    const std::vector<MemoryAt> timeline = memory_timeline(*report.scenario, *report.folding, *report.trace, rank_class);
    for (const MemoryAt& at : timeline) {
      const std::string row = start + shortest(at.time.base()) + ',' + csv_field(at.need.moment) + ',';
      for (const MemoryPart& part : memory_parts) {
        const Bytes bytes = at.need.*part.bytes;
        if (!before || before->*part.bytes != bytes) out << row << part.name << ',' << shortest(bytes.base()) << '\n';
      }
      before = &at.need;
    }
  }
}

} // namespace

extern const ReportKind kind_memory_report_kinds;
const ReportKind kind_memory_report_kinds{"memory", "memory of one rank of each role over the step, part by part, as CSV", "memory.csv", render};

} // namespace weft
