// Steps whose time is known in closed form, through every room from scenario to trace.
#include "approx.hpp"
#include "property/folding_scenario.hpp"
#include "property/pipeline_scenario.hpp"
#include "property/walk.hpp"
#include "schedule/schedule.hpp"
#include "traffic/choice.hpp"
#include "traffic/machine.hpp"

#include <doctest/doctest.h>

using namespace weft;
using namespace weft::folding_test;

namespace {

double time_of(const Fabric& fabric, const Job& job, const CollectiveLibrary& library, const EngineSettings& settings)
{
  const Traffic traffic = lower(job, fabric, library, settings);
  return simulate_isolated(fold(job, traffic, fabric, settings), settings).end.base();
}

/// A pipeline on one rank per stage whose chunks take `times` seconds and whose messages, ends and optimizer cost nothing.
struct FreePipeline {
  Scenario scenario;
  Job job;
  FreePipeline(const ScheduleKind& kind, const PipelineShape& shape, const PassTimes& times, bool overlap)
  {
    const int layers_per_chunk = 2;
    scenario = pipeline_scenario(kind, shape);
    scenario.plan.overlap.pipeline = overlap;
    job = build_job(scenario);
    for (Payload& payload : job.payloads) payload.bytes = Bytes(0);
    int found = 0;
    for (Work& work : job.works) {
      const double chunk = work.name == "attention forward"                 ? times.forward
                           : work.name == "attention input gradient"        ? times.inputs
                           : work.name == "attention weight gradient"       ? times.weights
                           : work.name == "attention backward of weights"   ? times.weights
                                                                            : 0;
      work.duration = Seconds(chunk / layers_per_chunk);
      found += chunk > 0 ? 1 : 0;
    }
    REQUIRE(found == (kind.splits_backward ? 4 : 3));
  }
};

} // namespace

TEST_CASE("one transfer alone takes latency plus size over the bandwidth of its way")
{
  for (std::uint64_t seed = 7000; seed < 7060; ++seed) {
    const Scenario scenario = RandomScenario(seed).scenario;
    CAPTURE(seed);
    CAPTURE(words(scenario));
    const Fabric fabric = build_fabric(scenario.platform, scenario.faults);
    hand_made::Draws draw(seed);
    const auto count = static_cast<std::uint32_t>(fabric.accelerators.size());
    const std::uint32_t from = draw.below(count), to = (from + 1 + draw.below(count - 1)) % count;
    const double bytes = draw.of(std::vector<double>{1, 1e6, 1e10});
    const Route way = route(fabric, AcceleratorId{from}, AcceleratorId{to}, connection_label(0));
    double seconds_per_byte = 0;
    for (const Hop& hop : way.hops)
      seconds_per_byte = std::max(seconds_per_byte, hop.share / fabric.links[hop.link.index()].capacity.base());
    const double expected = (scenario.platform.library.point_to_point + way.latency).base() + bytes * seconds_per_byte;
    const Job job = test::job_of(count, {{from, to}}, {test::payload(Operation::send, bytes)});
    CHECK(time_of(fabric, job, scenario.platform.library, scenario.engine) == near(expected));
  }
}

TEST_CASE("n equal flows over one link take n times the time of one")
{
  Platform platform = test::platform(2);
  platform.node.adapters.count = 1; // 10 GB/s for all four accelerators
  platform.library.point_to_point = Seconds(0);
  const Fabric fabric = build_fabric(platform);
  const double latency = route(fabric, AcceleratorId{0}, AcceleratorId{4}, 0).latency.base(), bytes = 1e9;
  std::vector<std::vector<std::uint32_t>> pairs;
  for (std::uint32_t n = 1; n <= 4; ++n) {
    pairs.push_back({n - 1, n + 3});
    for (const EngineKind engine : {EngineKind::fluid, EngineKind::simgrid}) {
      CAPTURE(n);
      CAPTURE(name_of(engine));
      EngineSettings settings;
      settings.kind = engine;
      const Job job = test::job_of(8, pairs, {test::payload(Operation::send, bytes)});
      CHECK(time_of(fabric, job, platform.library, settings) - latency == near(n * bytes / 10e9, 1e-9));
    }
  }
}

TEST_CASE("a pipeline of equal stages takes the closed form of its schedule when messages are free")
{
  std::map<std::string, int> played;
  hand_made::Draws draw(8000);
  for (const ScheduleKind* kind : schedule_kinds())
    for (int stages = 2; stages <= 8; stages += 2)
      for (int rounds = 1; rounds <= 3; ++rounds)
        for (int chunks = 1; chunks <= 3; ++chunks) {
          const PipelineShape shape{stages, stages * rounds, chunks};
          if (!kind->objection(shape).empty()) continue;
          const auto drawn = [&draw] { return 1e-3 * (1 + draw.below(4)); };
          const double equal = drawn();
          for (const PassTimes& times : {PassTimes{drawn(), drawn(), drawn()}, PassTimes{equal, equal, equal}})
            for (const bool overlap : {false, true}) {
              const auto closed = kind->makespan(shape, times);
              if (!closed || (kind->splits_backward && !overlap)) continue; // a split backward that waits for its messages is slower
              CAPTURE(kind->name);
              CAPTURE(stages);
              CAPTURE(rounds);
              CAPTURE(chunks);
              CAPTURE(times.forward);
              CAPTURE(times.inputs);
              CAPTURE(times.weights);
              CAPTURE(overlap);
              const FreePipeline pipeline(*kind, shape, times, overlap);
              const double time = time_of(build_fabric(pipeline.scenario.platform), pipeline.job, pipeline.scenario.platform.library, {});
              CHECK(time == near(*closed));
              ++played[kind->name];
            }
        }
  for (const ScheduleKind* kind : schedule_kinds()) {
    CAPTURE(kind->name);
    CHECK(played[kind->name] >= 4);
  }
}

TEST_CASE("a step lasts as long as its input pipeline needs, where that is slower than all its passes")
{
  Scenario scenario = FreePipeline(*find_schedule("1f1b"), {2, 8, 1}, {1, 1, 1}, false).scenario;
  const Fabric fabric = build_fabric(scenario.platform, scenario.faults);
  const auto step = [&](double loading) {
    scenario.workload->execution.loading_time = Seconds(loading);
    return time_of(fabric, build_job(scenario), scenario.platform.library, scenario.engine);
  };
  const double computed = step(0);
  CHECK(step(computed / 16) == near(computed)); // 8 microbatches: half of the step
  CHECK(step(computed / 4) == near(2 * computed));
}

TEST_CASE("clipping by the common norm makes every stage wait for the last gradient, and costs no more than its messages besides")
{
  Scenario scenario = FreePipeline(*find_schedule("1f1b"), {4, 8, 1}, {1, 1, 1}, false).scenario;
  const Fabric fabric = build_fabric(scenario.platform, scenario.faults);
  const auto step = [&](bool together) {
    scenario.workload->execution.global_gradient_norm = together;
    return time_of(fabric, build_job(scenario), scenario.platform.library, scenario.engine);
  };
  // The all-reduce of 4 bytes is latency, the update of a small model less: a stage that waits for the others ends later than its own passes
  // by at most both.
  const double apart = step(false), together = step(true);
  CHECK(together > apart);
  CHECK(together < apart + 1e-3);
}

TEST_CASE("paired passes of DualPipeV play to their end under every degree of ZeRO, and hide what may run beside them")
{
  Scenario scenario = FreePipeline(*find_schedule("dualpipev"), {2, 8, 2}, {1, 1, 1}, true).scenario;
  scenario.platform = test::platform(2);
  scenario.platform.node.chip.peak[Precision::bf16] = FlopRate(100e12);
  scenario.platform.node.chip.memory_bandwidth = Bandwidth(1e12);
  scenario.plan.dp = 4;
  scenario.workload->batch = 32;
  const Fabric fabric = build_fabric(scenario.platform, scenario.faults);
  for (const Zero zero : {Zero::off, Zero::optimizer, Zero::gradients, Zero::parameters}) {
    scenario.plan.zero = zero;
    const auto step = [&](bool beside) {
      scenario.plan.overlap.gradients = beside;
      scenario.plan.overlap.parameters = beside && zero != Zero::off;
      return time_of(fabric, build_job(scenario), scenario.platform.library, scenario.engine);
    };
    CAPTURE(static_cast<int>(zero));
    CHECK(step(true) < step(false));
  }
}
