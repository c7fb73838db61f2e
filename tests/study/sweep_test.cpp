// Spreads and lists of values; the runs themselves are tried through the program.
#include "approx.hpp"
#include "config/error.hpp"
#include "study/sweep.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

using namespace weft;

TEST_CASE("quantiles are observed values: of ten the first, fifth and ninth, whatever the order")
{
  const Spread spread = spread_of({10, 9, 8, 7, 6, 5, 4, 3, 2, 1});
  CHECK(spread.least == 1);
  CHECK(spread.tenth == 1);
  CHECK(spread.median == 5);
  CHECK(spread.ninetieth == 9);
  CHECK(spread.most == 10);
  CHECK(spread.mean == near(5.5));
  CHECK(spread_of({3}).ninetieth == 3);
  CHECK_THROWS_AS(spread_of({}), LogicError);
}

TEST_CASE("commas inside brackets, braces and quotes do not part a list")
{
  CHECK(parts_of("a,b,c") == std::vector<std::string>{"a", "b", "c"});
  CHECK(parts_of("ecmp, {kind: ecmp, hash: [source, label]},'x,y'") ==
        std::vector<std::string>{"ecmp", "{kind: ecmp, hash: [source, label]}", "'x,y'"});
  CHECK(parts_of("one") == std::vector<std::string>{"one"});
  CHECK(parts_of("a,") == std::vector<std::string>{"a", ""});
}

TEST_CASE("a sweep runs every file under every combination and seed, the last list fastest, and keeps what a combination refuses apart")
{
  const std::string file = std::string(WEFT_SOURCE_DIR) + "/scenarios/validation/collective.yaml";
  const SweepPlan plan{{file}, {{"collective.operation", {"all-reduce", "nonsense"}}, {"collective.bytes", {"1 MiB", "1 GiB"}}}, {1, 2, 3}};
  const SweepResult result = sweep(plan, {WEFT_SOURCE_DIR});
  CHECK(result.figure == SweepFigure::bus_bandwidth);
  REQUIRE(result.variants.size() == 4);
  CHECK(result.variants[1].settings[1].value == "1 GiB");
  CHECK(result.variants[0].figures.size() == 3);
  CHECK(result.variants[0].figures[0] == result.variants[0].figures[2]); // one node: nothing is hashed
  CHECK(result.variants[1].figures[0] > result.variants[0].figures[0]);
  CHECK(result.variants[2].figures.empty());
  CHECK(result.variants[2].problem.find("nonsense") != std::string::npos);
}

TEST_CASE("a sweep of too many runs is refused before any is made")
{
  SweepPlan plan{{"any.yaml"}, {}, {}};
  for (int axis = 0; axis < 6; ++axis) plan.axes.push_back({"plan.tp", std::vector<std::string>(10, "1")});
  CHECK_THROWS_AS(sweep(plan, {WEFT_SOURCE_DIR}), ConfigError);
}
