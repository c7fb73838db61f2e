// Folding is exact: random scenarios, folded and unfolded, fused and not, on the real engine, give equal step times, equal times of
// every task of every rank, equal busy times and equal bytes on every link, to 1e-9 relative. And the test finds planted errors.
//
// Where many flows of unlike groups contend, the step itself amplifies rounding: a start that is 1e-19 s late makes another flow late by
// a little more, and so on, until the last digits of the step depend on the order of additions. Such a step has no answer to 1e-9 that
// folding could be held to. It is recognised on the unfolded run alone, by making every computation longer by a few units in the last
// place, and there may be few of them.
#include "property/folding_scenario.hpp"
#include "property/walk.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace weft;
using folding_test::amplifies_rounding, folding_test::build, folding_test::Built, folding_test::fold_as, folding_test::play;

TEST_CASE("300 random scenarios give the same step folded and unfolded, fused and not")
{
  std::size_t rank_classes = 0, ranks = 0, actions = 0, tasks = 0;
  std::map<std::string, int> kinds; // what was drawn: every kind must be among it
  std::size_t compared = 0, amplifying = 0;
  for (std::uint64_t seed = 0; compared < 300; ++seed) {
    const Scenario scenario = folding_test::RandomScenario(seed).scenario;
    CAPTURE(seed);
    CAPTURE(folding_test::words(scenario));
    const Built b = build(scenario);
    const Folding plain = fold_as(b, scenario.engine, FoldMode::off, FuseMode::off);
    const folding_test::Times expected = play(plain, scenario.engine);
    const Folding best = fold_as(b, scenario.engine, FoldMode::automatic, FuseMode::automatic);
    std::string difference = folding_test::first_difference(plain, expected, best, play(best, scenario.engine), 1e-9);
    // Half of the cases tell the two apart.
    const bool only_folded = seed % 2 == 0;
    const Folding one = fold_as(b, scenario.engine, only_folded ? FoldMode::automatic : FoldMode::off, only_folded ? FuseMode::off : FuseMode::automatic);
    if (difference.empty()) difference = folding_test::first_difference(plain, expected, one, play(one, scenario.engine), 1e-9);
    if (!difference.empty() && amplifies_rounding(plain, expected, scenario.engine)) {
      ++amplifying;
      REQUIRE(amplifying < 15);
      continue;
    }
    CHECK(difference == "");
    ++compared;
    rank_classes += best.ranks.size();
    ranks += plain.ranks.size();
    for (const RankClass& rank : best.ranks) actions += best.scripts[rank.script].actions.size();
    for (const RankClass& rank : best.ranks) tasks += b.job.programs[best.scripts[rank.script].role].tasks.size();
    for (const std::string& kind : {scenario.platform.fabric.kind, scenario.platform.node.scaleup, scenario.platform.routing, scenario.plan.schedule}) ++kinds[kind];
    ++kinds[name_of(scenario.engine.fidelity)];
    if (scenario.plan.cp > 1) ++kinds[name_of(scenario.plan.context)];
    if (scenario.workload->model.experts.count > 0) ++kinds[name_of(scenario.plan.dispatch)];
    if (scenario.plan.ep > 1) ++kinds["ep"];
    if (scenario.plan.zero_group > 0) ++kinds["zero-group"];
    if (!scenario.faults.stragglers.empty()) ++kinds["straggler"];
    if (!scenario.faults.links.empty()) ++kinds["degraded link"];
  }
  MESSAGE(rank_classes << " classes for " << ranks << " ranks, " << actions << " actions for " << tasks << " tasks of the classes; " << amplifying << " steps amplify rounding");
  CHECK(rank_classes * 4 < ranks * 3);
  CHECK(actions * 4 < tasks * 3); // rings and all-to-alls meet on links and cannot be fused
  for (const char* kind : {"fat-tree", "rail-optimized", "leaf-spine", "graph", "nvswitch", "hybrid-cube-mesh", "none", "deterministic", "ecmp", "spray", "1f1b", "gpipe",
                           "interleaved-1f1b", "coupled", "edges", "straggler", "degraded link", "ring", "all-gather", "all-to-all", "direct", "node-limited", "ep", "zero-group"}) {
    CAPTURE(kind);
    CHECK(kinds[kind] >= 10);
  }
}

TEST_CASE("planted errors in the quotient are found")
{
  std::size_t found_weights = 0, found_classes = 0, weights = 0, classes = 0;
  for (std::uint64_t seed = 1000; seed < 1030; ++seed) {
    const Scenario scenario = folding_test::RandomScenario(seed).scenario;
    CAPTURE(seed);
    const Built b = build(scenario);
    const Folding plain = fold_as(b, scenario.engine, FoldMode::off, FuseMode::off);
    const folding_test::Times expected = play(plain, scenario.engine);
    const Folding good = fold_as(b, scenario.engine, FoldMode::automatic, FuseMode::off);
    const auto differs = [&](const Folding& bad) { return !folding_test::first_difference(plain, expected, bad, play(bad, scenario.engine), 1e-9).empty(); };
    if (!good.traffic.charges.empty()) {
      Folding bad = good; // one weight of the quotient a thousandth too large
      bad.traffic.charges[seed % bad.traffic.charges.size()].weight *= 1.001;
      ++weights;
      found_weights += differs(bad) ? 1 : 0;
    }
    if (!scenario.faults.stragglers.empty()) {
      Folding bad = good; // the straggler forgotten
      for (Script& script : bad.scripts) {
        for (Action& action : script.actions) action.duration *= 1 / script.slowdown;
      }
      ++classes;
      found_classes += differs(bad) ? 1 : 0;
    }
  }
  CHECK(weights > 15);
  CHECK(found_weights == weights);
  CHECK(classes > 5);
  CHECK(found_classes == classes);
}
