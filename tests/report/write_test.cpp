#include "config/error.hpp"
#include "small_report.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include <unistd.h>

using namespace weft;
namespace fs = std::filesystem;

namespace {

/// A folder of its own that goes away with the test.
struct Scratch {
  fs::path path = fs::temp_directory_path() / ("weft-report-" + std::to_string(getpid()));
  Scratch() { fs::create_directories(path); }
  ~Scratch() { fs::remove_all(path); }
};

std::set<std::string> files_in(const fs::path& folder)
{
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename().string());
  return names;
}

} // namespace

TEST_CASE("all files of a run are written into a folder that is made for them")
{
  const Scratch scratch;
  const test::SmallReport small;
  write_reports(small.report, (scratch.path / "a" / "b").string());
  CHECK(files_in(scratch.path / "a" / "b") == std::set<std::string>{"links.csv", "memory.csv", "results.json", "tasks.csv", "trace.json.gz"});
}

TEST_CASE("a file in the place of the folder is refused")
{
  const Scratch scratch;
  std::ofstream(scratch.path / "taken") << "mine";
  const test::SmallReport small;
  CHECK_THROWS_AS(write_reports(small.report, (scratch.path / "taken").string()), ConfigError);
  CHECK_THROWS_AS(check_folder((scratch.path / "taken" / "below").string()), ConfigError);
}

TEST_CASE("when one file cannot be written, no file is left")
{
  const Scratch scratch;
  fs::create_directories(scratch.path / ".tasks.csv.part"); // a folder where the temporary file should go
  const test::SmallReport small;
  CHECK_THROWS_AS(write_reports(small.report, scratch.path.string()), ConfigError);
  CHECK(files_in(scratch.path).count("results.json") == 0);
  CHECK(files_in(scratch.path).count(".results.json.part") == 0);
}
