// Two passes in company.
#include "job/interleave.hpp"

#include <doctest/doctest.h>

#include <string>

namespace weft {
namespace {

/// A program of tasks drawn as letters: lower case computes, upper case communicates; each waits for the one before it in its pass.
Program drawn(const std::string& first, const std::string& second)
{
  Program program;
  for (const std::string& pass : {first, second})
    for (std::size_t i = 0; i < pass.size(); i++) {
      Task task{.kind = pass[i] >= 'a' ? TaskKind::compute : TaskKind::communicate, .what = static_cast<std::uint32_t>(pass[i])};
      task.first_wait = static_cast<std::uint32_t>(program.waits.size());
      task.waits = i > 0 ? 1 : 0;
      if (i > 0) program.waits.push_back(static_cast<std::uint32_t>(program.tasks.size() - 1));
      program.tasks.push_back(task);
    }
  return program;
}

std::string letters(const Program& program)
{
  std::string text;
  for (const Task& task : program.tasks) text += static_cast<char>(task.what);
  return text;
}

} // namespace

TEST_CASE("two passes in company take turns behind their communications")
{
  Program program = drawn("abCdE", "vWxyZz");
  interleave(program, 0, 5);
  CHECK(letters(program) == "abCvWdExyZz");
}

TEST_CASE("each task still waits for the one before it in its pass")
{
  Program program = drawn("abCdE", "vWxyZz");
  const auto numbers = interleave(program, 0, 5);
  CHECK(numbers == std::vector<std::uint32_t>{0, 1, 2, 5, 6, 3, 4, 7, 8, 9, 10});
  for (std::uint32_t i = 0; i < 11; i++) {
    if (i == 0 || i == 5) continue;
    const Task& task = program.tasks[numbers[i]];
    REQUIRE(task.waits == 1);
    CHECK(program.waits[task.first_wait] == numbers[i - 1]);
  }
}

TEST_CASE("what stood before the two passes stays where it is")
{
  Program program = drawn("ab", "cD");
  Program behind = drawn("ab", "cD");
  interleave(program, 2, 4);
  CHECK(letters(program) == letters(behind));
}

} // namespace weft
