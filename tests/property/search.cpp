// A search finds what trying everything finds, and its bound never lies above a simulated step.
#include "approx.hpp"
#include "property/folding_scenario.hpp"
#include "study/bound.hpp"
#include "study/children.hpp"
#include "study/search.hpp"
#include "study/search_state.hpp"
#include "study/walk.hpp"
#include "units/text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <unistd.h>

using namespace weft;
using folding_test::RandomScenario;

namespace {

/// Step times of all plans, simulated one by one; 0 where a plan cannot be simulated.
std::vector<double> simulate_all(const Scenario& scenario, const std::vector<Plan>& plans)
{
  std::vector<std::function<std::string()>> functions;
  for (const Plan& plan : plans)
    functions.emplace_back([&scenario, &plan] {
      const auto walk = prepare(with_plan(scenario, plan));
      finish(*walk, Where::this_process, TimeSeries::leave_out);
      return exact_text(walk->results.step_time.base());
    });
  std::vector<double> steps;
  for (const ChildAnswer& answer : run_in_children(functions, 2)) steps.push_back(answer.failed ? 0 : parse_number(answer.text).value_or(0));
  return steps;
}

Node no_settings() { return read_yaml_text("{}", "search"); }

/// A small machine and model, random but for memory, which some plans must not fit.
Scenario small_scenario(std::uint64_t seed)
{
  Scenario scenario = RandomScenario(seed).scenario;
  scenario.platform.nodes = 2;
  scenario.platform.fabric.kind = "fat-tree";
  scenario.platform.fabric.settings = no_settings();
  scenario.platform.fabric.switch_model.ports = 64;
  scenario.platform.node.accelerators = 4;
  scenario.platform.node.scaleup = "nvswitch";
  scenario.platform.node.scaleup_settings = no_settings();
  scenario.platform.node.chip.scaleup_link = "scaleup";
  scenario.platform.node.chip.scaleup_links = 6;
  scenario.platform.node.adapters.count = 4;
  scenario.platform.routing = "deterministic";
  scenario.workload->model.layers = 8;
  scenario.workload->batch = 16;
  scenario.faults = {};
  scenario.engine = {};
  scenario.plan = {};
  return scenario;
}

} // namespace

TEST_CASE("no simulated step is shorter than its least time")
{
  int tight = 0;
  for (std::uint64_t seed = 40'000; seed < 40'120; ++seed) {
    const Scenario scenario = RandomScenario(seed).scenario;
    CAPTURE(seed);
    CAPTURE(folding_test::words(scenario));
    const auto walk = prepare(scenario);
    const double least = least_time(walk->job, fastest_accelerator(walk->fabric)).base();
    finish(*walk, Where::child_process, TimeSeries::leave_out);
    const double step = walk->results.step_time.base();
    CHECK(least > 0);
    CHECK(least <= step * (1 + 1e-12));
    tight += least > 0.8 * step ? 1 : 0;
  }
  CHECK(tight >= 12); // and it says something
}

TEST_CASE("without communication the least time is the step itself")
{
  Scenario scenario = small_scenario(1);
  scenario.platform.nodes = 1;
  scenario.platform.node.accelerators = 1;
  scenario.platform.fabric.kind = "none";
  const auto walk = prepare(scenario);
  const Seconds least = least_time(walk->job, fastest_accelerator(walk->fabric));
  finish(*walk, Where::child_process, TimeSeries::leave_out);
  CHECK(least.base() == near(walk->results.step_time.base(), 1e-12));
}

TEST_CASE("the best plans of a search are those of trying every plan, by time and by cost")
{
  for (const std::uint64_t seed : {3, 17, 92}) {
    CAPTURE(seed);
    const Scenario scenario = small_scenario(seed);
    PlanSpace space = space_of(scenario);
    narrow(space, "accelerators=4,8 microbatch=1,2 virtual-stages=1,2 recompute=none,full zero=off,parameters schedule=1f1b,interleaved-1f1b,zb-h1");
    const std::vector<Plan> plans = plans_in(scenario, space);
    REQUIRE(plans.size() > 30);
    const std::vector<double> steps = simulate_all(scenario, plans);
    for (const Goal goal : {Goal::time, Goal::cost}) {
      std::vector<double> scores;
      for (std::size_t i = 0; i < plans.size(); ++i)
        if (steps[i] > 0) scores.push_back(RankedPlan{plans[i], Seconds(steps[i]), {}}.score(goal));
      std::sort(scores.begin(), scores.end());
      const SearchResult found = search(scenario, plans, {.goal = goal, .top = 4, .at_a_time = 2});
      REQUIRE(found.best.size() == 4);
      for (std::size_t i = 0; i < 4; ++i) CHECK(found.best[i].score(goal) == scores[i]); // the same simulations: the same digits
      CHECK(found.failures.empty());
      CHECK(found.simulated + found.cut_off + found.too_large == plans.size());
      CHECK(found.cut_off > 0);
    }
  }
}

TEST_CASE("a search that is stopped goes on from its state and ends the same")
{
  const Scenario scenario = small_scenario(5);
  PlanSpace space = space_of(scenario);
  narrow(space, "microbatch=1 virtual-stages=1 recompute=none zero=off schedule=1f1b,zb-h1");
  const std::vector<Plan> plans = plans_in(scenario, space);
  KnownSteps last;
  const SearchResult whole = search(scenario, plans, {.goal = Goal::time, .top = 3, .at_a_time = 2}, {}, [&last](double, const KnownSteps& known) { last = known; });
  REQUIRE(last.size() == whole.simulated);
  const std::string file = (std::filesystem::temp_directory_path() / ("weft-search-state-" + std::to_string(::getpid()))).string();
  std::ofstream(file) << to_text(last, scenario);
  const KnownSteps read = read_state(file, scenario);
  CHECK(read == last);
  const SearchResult again = search(scenario, plans, {.goal = Goal::time, .top = 3, .at_a_time = 2}, read);
  for (std::size_t i = 0; i < whole.best.size(); ++i) {
    CHECK(again.best[i].step == whole.best[i].step);
    CHECK(settings_of(again.best[i].plan) == settings_of(whole.best[i].plan));
  }
  Scenario other = scenario;
  other.workload->sequence *= 2;
  CHECK_THROWS_WITH_AS((void)read_state(file, other), doctest::Contains("belongs to another scenario"), ConfigError);
  std::ofstream(file, std::ios::app) << "nonsense\n";
  CHECK_THROWS_AS((void)read_state(file, scenario), ConfigError);
  std::filesystem::remove(file);
}

TEST_CASE("a space is narrowed by words, and slips are refused")
{
  const Scenario scenario = small_scenario(2);
  PlanSpace space = space_of(scenario);
  narrow(space, "tp=1,2 recompute=full schedule=gpipe");
  CHECK(space.tp == std::vector<int>{1, 2});
  CHECK(space.recompute == std::vector<Recomputation>{Recompute::full});
  for (const Plan& plan : plans_in(scenario, space)) {
    CHECK(plan.tp <= 2);
    CHECK(plan.tp * plan.pp * plan.dp * plan.cp == 8);
  }
  for (const char* words : {"tp", "tp=", "tp=0", "tp=x", "tq=1", "recompute=ful", "recompute=norms+", "recompute=full+norms", "recompute=norms+norms", "schedule=1b1f", "tp=1,,2", "zero=2"})
    CHECK_THROWS_AS(narrow(space, words), ConfigError);
}
