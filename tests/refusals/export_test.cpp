// `weft export` from the outside: what it prints, and what it refuses.
#include "run_weft.hpp"

#include <doctest/doctest.h>

using namespace weft;

namespace {

test::Outcome run_export(const test::Scratch& scratch, std::vector<std::string> arguments)
{
  arguments.insert(arguments.begin(), "export");
  return test::run_weft(arguments, scratch.path());
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

} // namespace

TEST_CASE("a preset's class under every rule is printed with its arithmetic")
{
  const test::Scratch scratch;
  const test::Outcome outcome = run_export(scratch, {"a800-sxm4-80"});
  CHECK(outcome.code == 0);
  CHECK(contains(outcome.out, "312 TOP/s dense x 16 bit (fp16)"));
  CHECK(contains(outcome.out, "us-2022-10-07  2022-10-07  2023-11-17  none"));
  CHECK(contains(outcome.out, "us-2024-04-04  2024-04-04  -           3A090.a"));
}

TEST_CASE("a day picks the rules in force: the first day belongs to a rule, the last does not")
{
  const test::Scratch scratch;
  CHECK(contains(run_export(scratch, {"a100-sxm4-80", "--on", "2023-11-16"}).out, "us-2022-10-07"));
  const std::string next = run_export(scratch, {"a100-sxm4-80", "--on", "2023-11-17"}).out;
  CHECK(!contains(next, "us-2022-10-07"));
  CHECK(contains(next, "us-2023-10-17"));
  CHECK(contains(run_export(scratch, {"a100-sxm4-80", "--on", "2020-01-01"}).out, "no rule was in force on 2020-01-01"));
}

TEST_CASE("a user's own chip file is rated, and its caps count")
{
  const test::Scratch scratch;
  std::ofstream(scratch.path() / "mine.yaml") << "base: h100-sxm5\ntitle: Mine\nconstrain: {scaleup: 400 GB/s, peak: 0.05}\n";
  const test::Outcome outcome = run_export(scratch, {"mine.yaml"});
  CHECK(outcome.code == 0);
  CHECK(outcome.out.starts_with("Mine\n"));
  CHECK(contains(outcome.out, "8 x nvlink4"));
  CHECK(!contains(outcome.out, "3A090.a"));
  CHECK(contains(outcome.out, "us-2022-10-07  2022-10-07  2023-11-17  none"));
  CHECK(contains(outcome.out, "3A090.c")); // the stacks of its memory, by themselves
}

TEST_CASE("bad operands, days and files are refused in one line")
{
  const test::Scratch scratch;
  std::ofstream(scratch.path() / "bad.yaml") << "base: h100-sxm5\nexport: {die-mm2: big}\n";
  struct Case {
    std::vector<std::string> arguments;
    std::string part;
  };
  for (const Case& one : {Case{{}, "export"}, Case{{"a800-sxm4-81"}, "did you mean 'a800-sxm4-80'"},
                          Case{{"a800-sxm4-80", "--on", "2023"}, "--on: expected a date such as 2023-10-17, got '2023'"},
                          Case{{"a800-sxm4-80", "--set", "constrain.scaleup=1 GB/s"}, "less than one link of nvlink3"},
                          Case{{"bad.yaml"}, "bad.yaml:2:19: export.die-mm2"}}) {
    const test::Outcome outcome = run_export(scratch, one.arguments);
    CAPTURE(outcome.err);
    CHECK(outcome.code == 2);
    CHECK(contains(outcome.err, one.part));
    CHECK(outcome.err.find('\n') + 1 == outcome.err.size());
  }
}
