// Two passes in company.
#include "job/interleave.hpp"
#include "job/small.hpp"

#include <doctest/doctest.h>

#include <map>
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

TEST_CASE("DualPipe sums the gradients of the two stages that hold a part of the model")
{
  Scenario s = job_test::small(1, 4, 2); // 4 stages, 2 replicas
  s.plan.schedule = "dualpipe";
  s.plan.virtual_stages = 2;
  const Job job = build_job(s);
  std::size_t groups = 0;
  for (const Group& group : job.groups) {
    if (job.group_kinds[group.kind] != "dp") continue;
    ++groups;
    std::map<std::size_t, int> on_stage;
    for (const RankId member : group.members) on_stage[job.ranks[member.index()].role.index()]++;
    REQUIRE(on_stage.size() == 2);
    CHECK(on_stage.begin()->first + on_stage.rbegin()->first == 3); // stage s and stage p - 1 - s
    for (const auto& [stage, ranks] : on_stage) CHECK(ranks == 2);
  }
  CHECK(groups == 2);
  check(job); // both stages call with the same bytes in the same order
}

} // namespace weft
