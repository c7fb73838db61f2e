#include "approx.hpp"
#include "config/error.hpp"
#include "study/validate.hpp"

#include <doctest/doctest.h>

using namespace weft;

#pragma GCC diagnostic ignored "-Wmissing-field-initializers" // what a value here leaves out stays at its default on purpose

namespace {

ValidatedRow row(const char* id, double published, double simulated)
{
  ValidatedRow made;
  made.published = {.id = id, .scenario = "s.yaml", .step = Seconds(published)};
  made.step = Seconds(simulated);
  return made;
}

PublishedTable table(Tolerance tolerance) { return {.title = "t", .source = "s", .tolerance = tolerance}; }

} // namespace

TEST_CASE("errors are relative to the published value, means are of absolute errors")
{
  const ValidatedTable judged = judge(table({}), {row("a", 10, 11), row("b", 10, 8)});
  CHECK(*judged.rows[0].step_error == weft::near(0.1, 1e-9));
  CHECK(*judged.rows[1].step_error == weft::near(-0.2, 1e-9));
  CHECK(judged.step.rows == 2);
  CHECK(judged.step.mean == weft::near(0.15, 1e-9));
  CHECK(judged.step.worst == weft::near(0.2, 1e-9));
  CHECK(judged.memory.rows == 0);
  CHECK(judged.failures.empty()); // the table states no tolerance
}

TEST_CASE("a tolerance that is exceeded is a failure, one that is met is not")
{
  CHECK(judge(table({.mean_step = 0.151, .worst_step = 0.201}), {row("a", 10, 11), row("b", 10, 8)}).failures.empty());
  const auto failures = judge(table({.mean_step = 0.14, .worst_step = 0.19}), {row("a", 10, 11), row("b", 10, 8)}).failures;
  REQUIRE(failures.size() == 2);
  CHECK(failures[0] == "the mean error of step times is 15.00 %, above the 14.00 % allowed");
  CHECK(failures[1] == "the worst error of a step time is 20.00 %, above the 19.00 % allowed");
}

TEST_CASE("a row that could not be simulated fails its table and counts in no mean")
{
  ValidatedRow broken = row("b", 10, 0);
  broken.problem = "no such chip";
  const ValidatedTable judged = judge(table({.worst_step = 0.12}), {row("a", 10, 11), broken});
  CHECK(judged.step.rows == 1);
  REQUIRE(judged.failures.size() == 1);
  CHECK(judged.failures[0] == "row b could not be simulated: no such chip");
}

TEST_CASE("a row without a published figure, and a tolerance above one, are refused")
{
  const auto read = [](const char* text) { return record_of<PublishedTable>().read(read_yaml_text(text, "t.yaml")); };
  CHECK_THROWS_AS(read("{title: t, source: s, rows: [{id: a, scenario: a.yaml}]}"), ConfigError);
  CHECK_THROWS_AS(read("{title: t, source: s, rows: [{id: a, scenario: a.yaml, step: 0 s}]}"), ConfigError);
  CHECK_THROWS_AS(read("{title: t, source: s, tolerance: {mean-step: 6}, rows: []}"), ConfigError);
  CHECK(read("{title: t, source: s, rows: [{id: a, scenario: a.yaml, memory: 3 GiB}]}").rows[0].memory->base() == 3.0 * 1024 * 1024 * 1024);
}

TEST_CASE("a table says which of the three figures of memory it prints, live tensors unless said")
{
  const auto kind = [](const std::string& more) {
    return record_of<PublishedTable>().read(read_yaml_text("{title: t, source: s, " + more + "rows: [{id: a, scenario: a.yaml, memory: 3 GiB}]}", "t.yaml")).memory_kind;
  };
  CHECK(kind("") == MemoryKind::allocated);
  CHECK(kind("memory-kind: reserved, ") == MemoryKind::reserved);
  CHECK(kind("memory-kind: device, ") == MemoryKind::device);
  CHECK_THROWS_AS(kind("memory-kind: nvidia-smi, "), ConfigError);
}

TEST_CASE("a table that is not there is refused with the names of those that are")
{
  CHECK_THROWS_WITH_AS(table_files({WEFT_SOURCE_DIR}, "nope"), doctest::Contains("megatron-sc21"), ConfigError);
  CHECK(table_files({WEFT_SOURCE_DIR}, "megatron-sc21").size() == 1);
  CHECK(table_files({"/nowhere"}, "").empty());
}
