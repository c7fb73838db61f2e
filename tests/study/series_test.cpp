#include "approx.hpp"
#include "config/error.hpp"
#include "study/validate.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace weft;

namespace {

ValidatedPoint by_bus(double bytes, double published, double simulated)
{
  return {{Bytes(bytes), Bandwidth(published), {}}, {}, Seconds(1), Bandwidth(simulated), {}};
}

ValidatedPoint by_time(double bytes, double published, double simulated)
{
  return {{Bytes(bytes), {}, Seconds(published)}, {}, Seconds(simulated), Bandwidth(1), {}};
}

constexpr double mib = 1024 * 1024;

} // namespace

TEST_CASE("points of a series are held in two bands, by bus bandwidth whichever figure was published")
{
  // 1 MiB: 12 against 10 GB/s is +20 %; 4 MiB: 1.25 s against 1 s is 1 / 1.25 - 1 = -20 %; 16 MiB belongs to the large ones.
  const ValidatedSeries series = judge_series({.id = "s", .scenario = {}, .source = {}, .set = {}, .points = {}},
                                              {by_bus(mib, 10e9, 12e9), by_time(4 * mib, 1, 1.25), by_bus(16 * mib, 100e9, 110e9)});
  CHECK(*series.points[1].error == weft::near(-0.2, 1e-9));
  CHECK(series.small.points == 2);
  CHECK(series.small.mean == weft::near(0.2, 1e-9));
  CHECK(std::abs(series.small.bias) < 1e-12);
  CHECK(series.large.points == 1);
  CHECK(series.large.worst == weft::near(0.1, 1e-9));
}

TEST_CASE("every point of a table counts alike, and a band above its tolerance is a failure")
{
  PublishedTable table{.title = "t", .source = "s", .note = {}, .tolerance = {}, .rows = {}, .series = {}};
  table.tolerance.mean_large = 0.15;
  table.tolerance.mean_small = 0.01;
  const PublishedSeries one{.id = "a", .scenario = {}, .source = {}, .set = {}, .points = {}};
  const ValidatedTable judged = judge(table, {},
                                      {judge_series(one, {by_bus(32 * mib, 10, 11), by_bus(64 * mib, 10, 9), by_bus(128 * mib, 10, 11)}),
                                       judge_series(one, {by_bus(32 * mib, 10, 15)})});
  CHECK(judged.large.points == 4);
  CHECK(judged.large.mean == weft::near((0.1 + 0.1 + 0.1 + 0.5) / 4, 1e-9)); // not the mean of 0.1 and 0.5
  CHECK(judged.large.bias == weft::near((0.1 - 0.1 + 0.1 + 0.5) / 4, 1e-9));
  CHECK(judged.large.worst == weft::near(0.5, 1e-9));
  REQUIRE(judged.failures.size() == 1); // nothing below 16 MiB, nothing to exceed there
  CHECK(judged.failures[0] == "the mean error of bus bandwidths from 16 MiB on is 20.00 %, above the 15.00 % allowed");
}

TEST_CASE("a single point above the worst error of its band is a failure")
{
  PublishedTable table{.title = "t", .source = "s", .note = {}, .tolerance = {}, .rows = {}, .series = {}};
  table.tolerance.worst_small = 0.2;
  table.tolerance.mean_small = 0.2;
  const PublishedSeries one{.id = "a", .scenario = {}, .source = {}, .set = {}, .points = {}};
  const ValidatedTable judged = judge(table, {}, {judge_series(one, {by_time(64, 2, 2), by_time(64, 4, 5.2)})}); // 0 and 4 / 5.2 - 1
  REQUIRE(judged.failures.size() == 1);
  CHECK(judged.failures[0] == "the worst error of a bus bandwidth below 16 MiB is 23.08 %, above the 20.00 % allowed");
}

TEST_CASE("several tables together count every point alike")
{
  PublishedTable table{.title = "t", .source = "s", .note = {}, .tolerance = {}, .rows = {}, .series = {}};
  const PublishedSeries one{.id = "a", .scenario = {}, .source = {}, .set = {}, .points = {}};
  BandErrors all;
  add(all, judge(table, {}, {judge_series(one, {by_bus(mib, 10, 11), by_bus(32 * mib, 10, 10)})}));
  add(all, judge(table, {}, {judge_series(one, {by_bus(mib, 10, 9), by_bus(mib, 10, 14)})}));
  CHECK(all.small.points == 3);
  CHECK(all.small.mean == weft::near((0.1 + 0.1 + 0.4) / 3, 1e-9));
  CHECK(all.small.bias == weft::near((0.1 - 0.1 + 0.4) / 3, 1e-9));
  CHECK(all.large.points == 1);
}

TEST_CASE("a point that could not be simulated fails its table and counts in no mean")
{
  PublishedTable table{.title = "t", .source = "s", .note = {}, .tolerance = {}, .rows = {}, .series = {}};
  ValidatedPoint broken = by_bus(32 * mib, 10, 10);
  broken.problem = "no such switch";
  const ValidatedTable judged = judge(
      table, {}, {judge_series({.id = "a", .scenario = {}, .source = {}, .set = {}, .points = {}}, {broken, by_bus(64 * mib, 10, 11)})});
  CHECK(judged.large.points == 1);
  REQUIRE(judged.failures.size() == 1);
  CHECK(judged.failures[0] == "series a could not be simulated at 32 MiB: no such switch");
}

TEST_CASE("a point has one figure, and a table something published")
{
  const auto read = [](const std::string& points) {
    return record_of<PublishedTable>().read(
        read_yaml_text("{title: t, source: s, series: [{id: a, scenario: a.yaml, points: [" + points + "]}]}", "t.yaml"));
  };
  CHECK(read("{bytes: 1 MiB, bus: 3 GB/s}").series[0].points[0].bus->base() == 3e9);
  CHECK_THROWS_AS(read("{bytes: 1 MiB}"), ConfigError);
  CHECK_THROWS_AS(read("{bytes: 1 MiB, bus: 3 GB/s, time: 1 s}"), ConfigError);
  CHECK_THROWS_AS(read("{bytes: 0 B, bus: 3 GB/s}"), ConfigError);
  CHECK_THROWS_AS(record_of<PublishedTable>().read(read_yaml_text("{title: t, source: s}", "t.yaml")), ConfigError);
}

TEST_CASE("a series is simulated on the machine and at the size it sets")
{
  // All-to-all of 1 GiB among 8 over at most 327 GB/s takes 7/8 GiB / 327 GB/s = 2.87 ms beside microseconds of base and fill.
  PublishedSeries series{.id = "a",
                         .scenario = "scenarios/validation/collective.yaml",
                         .source = {},
                         .set = {{"platform", "dgx-h100-1"}, {"collective.operation", "all-to-all"}},
                         .points = {{Bytes(1024 * mib), {}, Seconds(2.873e-3)}, {Bytes(2048 * mib), {}, Seconds(5.746e-3)}}};
  const auto simulated = simulate_series({series}, WEFT_SOURCE_DIR, {}, {WEFT_SOURCE_DIR});
  REQUIRE(simulated.size() == 1);
  CHECK(simulated[0].large.points == 2);
  CHECK(simulated[0].large.worst < 0.02);
  series.set["platform"] = "no-such-machine";
  CHECK(!simulate_series({series}, WEFT_SOURCE_DIR, {}, {WEFT_SOURCE_DIR})[0].points[0].problem.empty());
}
