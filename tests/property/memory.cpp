// Memory over the step against the peak that plans are judged by, on every schedule.
#include "approx.hpp"
#include "metrics/memory_timeline.hpp"
#include "property/pipeline_scenario.hpp"
#include "property/walk.hpp"
#include "report/report.hpp"
#include "schedule/schedule.hpp"
#include "../report/unzipped.hpp"
#include "traffic/machine.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <sstream>

using namespace weft;
using namespace weft::folding_test;

namespace {

Scenario pipeline(const ScheduleKind& kind, const PipelineShape& shape, Recompute recompute)
{
  Scenario scenario = pipeline_scenario(kind, shape);
  scenario.plan.recompute = recompute;
  return scenario;
}

void check_timelines(const Scenario& scenario)
{
  const Built b = build(scenario);
  const Folding folding = fold_as(b, scenario.engine, FoldMode::automatic, FuseMode::automatic);
  const Trace trace = simulate_isolated(folding, scenario.engine);
  const std::vector<MemoryNeed> needs = memory_needs(scenario);
  const std::vector<std::size_t> classes = classes_of_roles(folding);
  REQUIRE(classes.size() == needs.size());
  for (const std::size_t rank_class : classes) {
    const MemoryNeed& need = needs[folding.scripts[folding.ranks[rank_class].script].role];
    const std::vector<MemoryAt> timeline = memory_timeline(scenario, folding, trace, rank_class);
    REQUIRE(timeline.size() > 2);
    Bytes most{};
    std::string moment;
    for (std::size_t i = 0; i < timeline.size(); i++) {
      if (i > 0) CHECK(timeline[i].time >= timeline[i - 1].time);
      if (timeline[i].need.total() > most) most = timeline[i].need.total(), moment = timeline[i].need.moment;
    }
    CHECK(most == need.total());
    CHECK(moment == need.moment);
    CHECK(timeline.front().need.activations == Bytes(0)); // nothing in flight before and behind
    CHECK(timeline.back().need.activations == Bytes(0));
    CHECK(timeline.back().time <= trace.end);
  }
}

} // namespace

TEST_CASE("on every schedule the most of memory over time is the peak that plans are judged by")
{
  int played = 0;
  for (const ScheduleKind* kind : schedule_kinds())
    for (const PipelineShape shape : {PipelineShape{1, 4, 1}, PipelineShape{4, 8, 1}, PipelineShape{4, 8, 2}, PipelineShape{2, 8, 2}}) {
      if (!kind->objection(shape).empty()) continue;
      CAPTURE(std::string(kind->name));
      CAPTURE(shape.stages);
      CAPTURE(shape.chunks);
      for (const Recompute recompute : {Recompute::none, Recompute::full}) check_timelines(pipeline(*kind, shape, recompute));
      played++;
    }
  CHECK(played >= static_cast<int>(schedule_kinds().size()));
}

TEST_CASE("memory.csv tells the parts that change; added up they reach the peak, and the trace counts them")
{
  const Scenario scenario = pipeline(*find_schedule("1f1b"), {2, 4, 1}, Recompute::none);
  const Built b = build(scenario);
  const Folding folding = fold_as(b, scenario.engine, FoldMode::automatic, FuseMode::automatic);
  const Trace trace = simulate_isolated(folding, scenario.engine);
  const Report report{.scenario = &scenario, .fabric = &b.fabric, .job = &b.job, .folding = &folding, .trace = &trace, .results = nullptr, .version = "test"};
  std::ostringstream out;
  find_report("memory")->render(report, out);
  std::istringstream lines(out.str());
  std::string line;
  std::getline(lines, line);
  CHECK(line == "rank,program,time_s,moment,part,bytes");
  std::map<std::string, std::map<std::string, double>> held; // by rank and part
  std::map<std::string, double> most;
  while (std::getline(lines, line)) {
    std::vector<std::string> fields{""};
    for (const char c : line) {
      if (c == ',') fields.emplace_back();
      else fields.back() += c;
    }
    REQUIRE(fields.size() == 6);
    held[fields[0]][fields[4]] = std::stod(fields[5]);
    double sum = 0;
    for (const auto& [part, bytes] : held[fields[0]]) sum += bytes;
    most[fields[0]] = std::max(most[fields[0]], sum);
  }
  std::ostringstream zipped;
  find_report("perfetto")->render(report, zipped);
  const std::string events = test::unzipped(zipped.str());
  std::size_t counted = 0;
  for (std::size_t at = events.find(R"("name":"memory, GiB")"); at != std::string::npos; at = events.find(R"("name":"memory, GiB")", at + 1)) counted++;
  CHECK(counted == 2 * (2 + 2 * 8)); // two stages: start, update, and both ends of four forwards and four backwards
  const std::vector<MemoryNeed> needs = memory_needs(scenario);
  REQUIRE(most.size() == 2);
  CHECK(most["0"] == near(needs[0].total().base()));
  CHECK(most["1"] == near(needs[1].total().base()));
}
