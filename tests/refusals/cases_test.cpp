// Every file in cases/ opens with `# expect: CODE: MESSAGE`: the exit code of `weft run` and the one line it prints, to the letter. A
// message that ends in `...` is compared up to there (lists of presets grow). `{data}` stands for the data folder. After a message was
// changed on purpose, WEFT_UPDATE_CASES=1 writes the lines anew; read the difference before keeping it.
#include "run_weft.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace weft;
using weft::test::content_of;
namespace fs = std::filesystem;

namespace {

const fs::path cases = fs::path(WEFT_SOURCE_DIR) / "tests" / "refusals" / "cases";

std::vector<std::string> case_files()
{
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(cases))
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

struct Expectation {
  int code = -1;
  std::string message;
  bool only_the_start = false;
};

void replace_all(std::string& text, const std::string& what, const std::string& with)
{
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

Expectation expectation_of(const std::string& file)
{
  const std::string text = content_of(cases / file);
  const std::string line = text.substr(0, text.find('\n'));
  const std::string opening = "# expect: ";
  Expectation expected;
  if (line.size() < opening.size() + 3 || line.rfind(opening, 0) != 0) return expected;
  expected.code = line[opening.size()] - '0';
  expected.message = line.substr(opening.size() + 3);
  replace_all(expected.message, "{data}", WEFT_SOURCE_DIR);
  if (expected.message.ends_with("...")) {
    expected.only_the_start = true;
    expected.message.resize(expected.message.size() - 3);
  }
  return expected;
}

/// Writes what the program says now into the file's first line.
void update(const std::string& file, const test::Outcome& outcome)
{
  const std::string text = content_of(cases / file);
  std::string line = outcome.err.substr(0, outcome.err.find('\n'));
  replace_all(line, WEFT_SOURCE_DIR, "{data}");
  std::ofstream(cases / file, std::ios::binary) << "# expect: " << outcome.code << ": " << line << text.substr(text.find('\n'));
}

} // namespace

TEST_CASE("every bad file is refused with its own line and exit code, and nothing else is printed")
{
  const auto files = case_files();
  CHECK(files.size() >= 60);
  for (const std::string& file : files) {
    CAPTURE(file);
    const test::Outcome outcome = test::run_weft({"run", file}, cases);
    if (std::getenv("WEFT_UPDATE_CASES") != nullptr && !expectation_of(file).only_the_start) update(file, outcome);
    const Expectation expected = expectation_of(file);
    CHECK(outcome.code == expected.code);
    CHECK(outcome.out.empty());
    REQUIRE_FALSE(outcome.err.empty());
    CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
    const std::string line = outcome.err.substr(0, outcome.err.size() - 1);
    if (expected.only_the_start)
      CHECK(line.substr(0, expected.message.size()) == expected.message);
    else
      CHECK(line == expected.message);
  }
}

TEST_CASE("a file that is refused leaves no output behind")
{
  const test::Scratch scratch;
  const fs::path folder = scratch.path() / "out";
  for (const char* file : {"unknown-key-plan.yaml", "does-not-fit-in-memory.yaml"}) {
    const test::Outcome outcome = test::run_weft({"run", file, "--out", folder.string()}, cases);
    CHECK(outcome.code >= 2);
    CHECK((!fs::exists(folder) || fs::is_empty(folder)));
  }
}
