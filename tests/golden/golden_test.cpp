// Stored answers: each folder here holds a scenario, its resolved input and its results. A difference in resolved.yaml alone means the
// reader or a preset moved, one in results.json alone means the physics did. After a change that is meant, WEFT_UPDATE_GOLDEN=1 writes them
// anew.
#include "approx.hpp"
#include "../refusals/run_weft.hpp"

#include <doctest/doctest.h>

using namespace weft;
namespace fs = std::filesystem;

namespace {

const fs::path golden = fs::path(WEFT_SOURCE_DIR) / "tests" / "golden";

/// First line that differs, for a message one can read.
std::string first_difference(const std::string& stored, const std::string& now)
{
  std::istringstream a(stored), b(now);
  std::string left, right;
  for (int line = 1;; ++line) {
    const bool more_left = static_cast<bool>(std::getline(a, left)), more_right = static_cast<bool>(std::getline(b, right));
    if (!more_left && !more_right) return "none";
    if (left != right || more_left != more_right) return "line " + std::to_string(line) + ": stored '" + left + "', now '" + right + "'";
  }
}

void compare(const fs::path& stored, const std::string& now)
{
  if (std::getenv("WEFT_UPDATE_GOLDEN") != nullptr) std::ofstream(stored, std::ios::binary) << now;
  const std::string before = test::content_of(stored);
  CHECK_MESSAGE(before == now, stored.string() << ": " << first_difference(before, now));
}

} // namespace

TEST_CASE("the resolved input and the results of the golden scenarios have not moved by a byte")
{
  for (const char* name : {"training", "collective"}) {
    const fs::path folder = golden / name;
    const test::Outcome resolved = test::run_weft({"run", "scenario.yaml", "--dump", "spec"}, folder);
    REQUIRE_MESSAGE(resolved.code == 0, resolved.err);
    compare(folder / "resolved.yaml", resolved.out);
    const test::Outcome results = test::run_weft({"run", "scenario.yaml", "--format", "json"}, folder);
    REQUIRE_MESSAGE(results.code == 0, results.err);
    compare(folder / "results.json", results.out);
  }
}

TEST_CASE("two runs write the same bytes into every file")
{
  for (const char* name : {"training", "collective"}) {
    const test::Scratch one, two;
    for (const test::Scratch* scratch : {&one, &two})
      REQUIRE(test::run_weft({"run", "scenario.yaml", "--quiet", "--out", scratch->path().string()}, golden / name).code == 0);
    for (const char* file : {"results.json", "tasks.csv", "links.csv", "trace.json.gz"}) {
      CAPTURE(name);
      CAPTURE(file);
      const std::string first = test::content_of(one.path() / file);
      CHECK(first.size() > 100);
      CHECK((first == test::content_of(two.path() / file)));
    }
  }
}

TEST_CASE("reading the resolved input gives the same results")
{
  for (const char* name : {"training", "collective"}) {
    const test::Scratch scratch;
    const test::Outcome resolved = test::run_weft({"run", "scenario.yaml", "--dump", "spec"}, golden / name);
    std::ofstream(scratch.path() / "scenario.yaml", std::ios::binary) << resolved.out;
    const test::Outcome again = test::run_weft({"run", "scenario.yaml", "--format", "json"}, scratch.path());
    REQUIRE_MESSAGE(again.code == 0, again.err);
    CHECK_MESSAGE(test::content_of(golden / name / "results.json") == again.out,
                  first_difference(test::content_of(golden / name / "results.json"), again.out));
  }
}

TEST_CASE("folded and unfolded runs of the golden scenarios take the same time")
{
  for (const char* name : {"training", "collective"}) {
    const auto step = [&](const char* fold) {
      const test::Outcome outcome =
          test::run_weft({"run", "scenario.yaml", "--format", "json", "--set", std::string("engine.fold=") + fold}, golden / name);
      REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
      const std::size_t at = outcome.out.find("\"step_time_s\": ");
      REQUIRE(at != std::string::npos);
      return std::stod(outcome.out.substr(at + 15));
    };
    CHECK(step("auto") == weft::near(step("off"), 1e-9));
  }
}
