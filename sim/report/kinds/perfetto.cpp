// trace.json.gz: the step as a Chrome trace, to open in ui.perfetto.dev. One process per rank class, one thread per lane, one counter
// per medium class of the fabric, and one of the memory of the first rank class of each role. Format: "Trace Event Format", Google 2016 (the JSON form that Perfetto reads).
#include "metrics/intervals.hpp"
#include "metrics/memory_timeline.hpp"
#include "report/gzip.hpp"
#include "report/json.hpp"
#include "report/numbers.hpp"
#include "report/report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace weft {
namespace {

/// Slices beyond this are left out, class by class, so that the file stays one a browser opens.
constexpr std::size_t most_slices = 2'000'000;
constexpr std::uint16_t no_microbatch = 0xffff; // job/job.hpp, Task::microbatch

/// Whole nanoseconds, so that slices that touch still touch after rounding.
std::int64_t nanoseconds(Seconds time) { return std::llround(time.base() * 1e9); }

/// Microseconds, the unit of the format, with three decimals.
std::string microseconds(std::int64_t nanos)
{
  std::string fraction = std::to_string(nanos % 1000);
  fraction.insert(0, 3 - fraction.size(), '0');
  return std::to_string(nanos / 1000) + "." + fraction;
}

/// Writes events one per line, commas between.
class EventStream {
  GzipWriter& out_;
  bool first_ = true;

public:
  explicit EventStream(GzipWriter& out) : out_(out) {}
  void write(const std::string& event)
  {
    out_.write((first_ ? "\n" : ",\n") + event);
    first_ = false;
  }
  void name(const char* what, std::size_t process, std::size_t thread, const std::string& name)
  {
    write(std::string(R"({"ph":"M","pid":)") + std::to_string(process) + R"(,"tid":)" + std::to_string(thread) + R"(,"name":")" + what +
          R"(","args":{"name":)" + json_string(name) + "}}");
  }
  void order(const char* what, std::size_t process, std::size_t thread, std::size_t place)
  {
    write(std::string(R"({"ph":"M","pid":)") + std::to_string(process) + R"(,"tid":)" + std::to_string(thread) + R"(,"name":")" + what +
          R"(","args":{"sort_index":)" + std::to_string(place) + "}}");
  }
};

void write_slice(EventStream& events, const std::string& track, const std::string& name_and_rest, Seconds begin, Seconds end)
{
  const std::int64_t from = nanoseconds(begin);
  const std::int64_t length = nanoseconds(end) - from;
  if (length > 0)
    events.write(R"({"ph":"X",)" + track + R"(,"ts":)" + microseconds(from) + R"(,"dur":)" + microseconds(length) + name_and_rest);
}

void write_class(EventStream& events, const Report& report, std::size_t rank_class, const std::vector<TaskInterval>& intervals)
{
  const Job& job = *report.job;
  const Program& program = program_of(*report.folding, rank_class);
  const RankClass& ranks = report.folding->ranks[rank_class];
  const std::size_t process = rank_class + 1;
  events.name("process_name", process, 0,
              program.name + ": rank " + std::to_string(ranks.representative.value) +
                  (ranks.ranks == 1 ? "" : " and " + grouped(std::uint64_t{ranks.ranks - 1}) + " like it"));
  events.order("process_sort_index", process, 0, process);
  for (std::size_t lane = 0; lane < job.lanes.size(); ++lane) {
    if (std::none_of(intervals.begin(), intervals.end(), [&](const TaskInterval& i) { return i.lane == lane; })) continue;
    events.name("thread_name", process, lane + 1, job.lanes[lane]);
    events.order("thread_sort_index", process, lane + 1, lane);
  }
  for (const TaskInterval& interval : intervals) {
    const Task& task = program.tasks[interval.task];
    const std::string track = R"("pid":)" + std::to_string(process) + R"(,"tid":)" + std::to_string(interval.lane + 1);
    const std::string& name = name_of(job, task);
    const std::string rest = std::string(R"(,"cat":")") + category_names[static_cast<std::size_t>(category_of(job, task))] + R"(")" +
                             (task.microbatch == no_microbatch ? "" : R"(,"args":{"microbatch":)" + std::to_string(task.microbatch) + "}") +
                             "}";
    if (task.kind == TaskKind::communicate)
      write_slice(events, track, R"(,"name":)" + json_string("wait: " + name) + rest, interval.ready, interval.begin);
    write_slice(events, track, R"(,"name":)" + json_string(name) + rest, interval.begin, interval.end);
  }
}

/// Memory of a rank class as a counter beside its lanes, its parts on top of one another.
void write_memory(EventStream& events, const Report& report, std::size_t rank_class)
{
  for (const MemoryAt& at : memory_timeline(*report.scenario, *report.folding, *report.trace, rank_class)) {
    std::string parts;
    for (const MemoryPart& part : memory_parts)
      parts += std::string(parts.empty() ? "" : ",") + "\"" + part.name + "\":" + fixed((at.need.*part.bytes).base() / (1024.0 * 1024 * 1024), 3);
    events.write(R"({"ph":"C","pid":)" + std::to_string(rank_class + 1) + R"(,"ts":)" + microseconds(nanoseconds(at.time)) +
                 R"(,"name":"memory, GiB","args":{)" + parts + "}}");
  }
}

/// Mean and highest utilisation of a medium class in one bin, in percent.
struct Level {
  double mean = 0, highest = 0;
};

std::vector<Level> levels_of(const Report& report, std::size_t medium, std::size_t bins)
{
  std::vector<Level> levels(bins);
  double links = 0;
  for (std::size_t c = 0; c < report.folding->links.size(); ++c) {
    const LinkClass& link = report.folding->links[c];
    if (report.fabric->links[link.representative.index()].medium != medium) continue;
    links += link.links;
    for (std::size_t b = 0; b < bins; ++b) {
      const double share = 100 * static_cast<double>(report.trace->utilisation[c][b]);
      levels[b].mean += share * link.links;
      levels[b].highest = std::max(levels[b].highest, share);
    }
  }
  if (links == 0) return {};
  for (Level& level : levels) level.mean /= links;
  return levels;
}

void write_counters(EventStream& events, const Report& report)
{
  const auto& utilisation = report.trace->utilisation;
  if (utilisation.empty()) return;
  const std::size_t process = report.folding->ranks.size() + 1;
  const std::size_t bins = utilisation.front().size();
  events.name("process_name", process, 0, "links: utilisation in percent");
  events.order("process_sort_index", process, 0, process);
  for (std::size_t medium = 0; medium < report.fabric->media.size(); ++medium) {
    const std::vector<Level> levels = levels_of(report, medium, bins);
    for (std::size_t b = 0; b < levels.size(); ++b) {
      const Seconds at = report.trace->end * (static_cast<double>(b) / static_cast<double>(bins));
      events.write(R"({"ph":"C","pid":)" + std::to_string(process) + R"(,"ts":)" + microseconds(nanoseconds(at)) + R"(,"name":)" +
                   json_string(report.fabric->media[medium].name) + R"(,"args":{"mean":)" + fixed(levels[b].mean, 3) + R"(,"busiest":)" +
                   fixed(levels[b].highest, 3) + "}}");
    }
  }
}

void render(const Report& report, std::ostream& out)
{
  GzipWriter gzip(out);
  gzip.write(R"({"displayTimeUnit":"ms","traceEvents":[)");
  EventStream events(gzip);
  std::size_t slices = 0, shown = 0;
  const std::size_t classes = report.folding->ranks.size();
  for (; shown < classes; ++shown) {
    const std::vector<TaskInterval> intervals = task_intervals(*report.folding, *report.trace, shown);
    slices += intervals.size();
    if (slices > most_slices && shown > 0) break;
    write_class(events, report, shown, intervals);
  }
  for (const std::size_t rank_class : classes_of_roles(*report.folding))
    if (rank_class < shown) write_memory(events, report, rank_class);
  write_counters(events, report);
  gzip.write("\n],\"otherData\":{\"weft\":" + json_string(report.version) + ",\"scenario\":" + json_string(report.scenario->file) +
             R"(,"rank_classes":")" + std::to_string(classes) + R"(","rank_classes_shown":")" + std::to_string(shown) + "\"}}\n");
  gzip.finish();
}

} // namespace

extern const ReportKind kind_perfetto_report_kinds;
const ReportKind kind_perfetto_report_kinds{"perfetto", "the step as a Chrome trace, compressed, for ui.perfetto.dev", "trace.json.gz",
                                            render};

} // namespace weft
