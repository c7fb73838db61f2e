#include "config/error.hpp"
#include "job/job.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace weft;

namespace {

/// Two stages of two ranks. Ranks 0 and 1 play "first", 2 and 3 "last"; tensor groups {0, 1} and {2, 3}; sends 0 -> 2 and 1 -> 3.
Job two_stages()
{
  Job job;
  job.lanes = {"compute", "tp", "pp"};
  job.slots = {{"tp"}, {"send"}, {"receive"}};
  job.group_kinds = {"tp", "pp"};
  job.works = {{"layer", Seconds(1e-3), Flops(1e9), Flops(1e9)}};
  job.payloads = {{"reduce", Operation::all_reduce, Bytes(1e6), Category::tensor},
                  {"hand over", Operation::send, Bytes(2e6), Category::pipeline},
                  {"gather", Operation::all_gather, Bytes(1e6), Category::tensor}};
  Program first{"first", {}, {0, 1}};
  first.tasks = {
      {TaskKind::compute, 0, 0, 0, 0, 0, 0}, {TaskKind::communicate, 1, 0, 0, 0, 1, 0}, {TaskKind::communicate, 2, 1, 1, 1, 1, 0}};
  Program last{"last", {}, {0}};
  last.tasks = {{TaskKind::communicate, 2, 2, 1, 0, 0, 0}, {TaskKind::communicate, 1, 0, 0, 0, 1, 0}};
  job.programs = {first, last};
  for (std::uint32_t r = 0; r < 4; ++r) job.ranks.push_back({RoleId{r / 2}, AcceleratorId{r}, 1});
  job.groups = {{0, {RankId{0}, RankId{1}}}, {0, {RankId{2}, RankId{3}}}, {1, {RankId{0}, RankId{2}}}, {1, {RankId{1}, RankId{3}}}};
  const std::uint32_t none = Job::no_group;
  job.groups_of = {0, 2, none, 0, 3, none, 1, none, 2, 1, none, 3};
  return job;
}

std::string refusal(const Job& job)
{
  try {
    check(job);
  } catch (const LogicError& error) {
    return error.what();
  }
  return "accepted";
}

} // namespace

TEST_CASE("a sound job passes the check") { CHECK(refusal(two_stages()) == "accepted"); }

TEST_CASE("a job whose indices leave their tables is refused")
{
  Job job = two_stages();
  job.programs[0].tasks[0].what = 1;
  CHECK(refusal(job) == "job: program 'first', task 0: work 1 of 1");
  job = two_stages();
  job.programs[0].tasks[1].what = 3;
  CHECK(refusal(job) == "job: program 'first', task 1: payload 3 of 3");
  job = two_stages();
  job.programs[1].tasks[0].lane = 3;
  CHECK(refusal(job) == "job: program 'last', task 0: lane 3 of 3");
  job = two_stages();
  job.programs[1].tasks[0].slot = 3;
  CHECK(refusal(job) == "job: program 'last', task 0: slot 3 of 3");
  job = two_stages();
  job.ranks[2].role = RoleId{2};
  CHECK(refusal(job) == "job: rank 2 has role 2 of 2");
  job = two_stages();
  job.groups[1].members[1] = RankId{4};
  CHECK(refusal(job) == "job: group 1 has member 4 of 4 ranks");
  job = two_stages();
  job.groups[1].kind = 2;
  CHECK(refusal(job) == "job: group 1 has kind 2 of 2");
  job = two_stages();
  job.groups_of[1] = 4;
  CHECK(refusal(job) == "job: rank 0, slot 'send': group 4 of 4");
  job = two_stages();
  job.groups_of.pop_back();
  CHECK(refusal(job) == "job: groups_of has 11 entries for 4 ranks and 3 slots");
}

TEST_CASE("durations, sizes and slowdowns must be finite and in range")
{
  Job job = two_stages();
  job.works[0].duration = Seconds(std::nan(""));
  CHECK(refusal(job) == "job: work 'layer' has no finite duration of zero or more");
  job = two_stages();
  job.payloads[1].bytes = Bytes(-1);
  CHECK(refusal(job) == "job: payload 'hand over' has no finite size of zero or more");
  job = two_stages();
  job.ranks[3].slowdown = std::numeric_limits<double>::infinity();
  CHECK(refusal(job) == "job: rank 3 has no finite slowdown above zero");
}

TEST_CASE("waits point backwards and stay inside the program's list")
{
  Job job = two_stages();
  job.programs[0].waits[0] = 1;
  CHECK(refusal(job) == "job: program 'first', task 1: waits for task 1, which does not come before it");
  job = two_stages();
  job.programs[0].tasks[2].first_wait = 0xffffffff;
  job.programs[0].tasks[2].waits = 2;
  CHECK(refusal(job) == "job: program 'first', task 2: its waits reach beyond the list of waits");
}

TEST_CASE("each communication has a group in its slot")
{
  Job job = two_stages();
  job.groups.erase(job.groups.begin() + 3);
  for (std::uint32_t& group : job.groups_of)
    if (group == 3) group = Job::no_group;
  CHECK(refusal(job) == "job: rank 1: program 'first' communicates through slot 'send', where the rank has no group");
}

TEST_CASE("a slot holds groups of one kind")
{
  Job job = two_stages();
  job.groups[3].kind = 0;
  CHECK(refusal(job) == "job: slot 'send' holds groups of kinds 'pp' and 'tp'");
}

TEST_CASE("members and slots tell the same story")
{
  Job job = two_stages();
  job.groups_of[0] = Job::no_group;
  CHECK(refusal(job) == "job: rank 0 finds its group 0 in 0 slots (exactly one)");
  job = two_stages();
  job.groups_of[2] = 0;
  CHECK(refusal(job) == "job: rank 0 finds its group 0 in 2 slots (exactly one)");
  job = two_stages();
  job.groups_of[2] = 3;
  CHECK(refusal(job) == "job: 1 entries of groups_of name a group their rank is not a member of");
  job = two_stages();
  job.groups[0].members[1] = RankId{0};
  CHECK(refusal(job) == "job: group 0 has rank 0 twice");
  job = two_stages();
  job.groups.push_back({0, {}});
  CHECK(refusal(job) == "job: group 4 has no members");
}

TEST_CASE("members of a group issue equal operations in the same order")
{
  Job job = two_stages();
  // rank 1 gets a program of its own that gathers where rank 0 reduces
  job.programs.push_back(job.programs[0]);
  job.programs[2].name = "odd";
  job.programs[2].tasks[1].what = 2;
  job.ranks[1].role = RoleId{2};
  CHECK(refusal(job) == "job: group 0 (tp): operation 0 of rank 0 is 'reduce' but of rank 1 is 'gather' (members must issue the same "
                        "operations in the same order)");

  // one operation more on the receiving side
  job = two_stages();
  job.programs[1].tasks.push_back({TaskKind::communicate, 2, 2, 1, 0, 0, 0});
  CHECK(refusal(job) == "job: group 2 (pp): operation 1 of rank 0 is nothing but of rank 2 is 'hand over' (members must issue the same "
                        "operations in the same order)");

  // the same operations in another order
  job = two_stages();
  job.programs[0].tasks.push_back({TaskKind::communicate, 1, 0, 2, 0, 0, 0});
  job.programs.push_back(job.programs[0]);
  std::swap(job.programs[2].tasks[1].what, job.programs[2].tasks[3].what);
  job.ranks[1].role = RoleId{2};
  CHECK(refusal(job) == "job: group 0 (tp): operation 0 of rank 0 is 'reduce' but of rank 1 is 'gather' (members must issue the same "
                        "operations in the same order)");
}

TEST_CASE("a send has a sender and a receiver")
{
  Job job = two_stages();
  job.payloads[0].operation = Operation::send;
  job.groups[0].members.push_back(RankId{2});
  job.groups[0].members.push_back(RankId{3});
  job.groups.erase(job.groups.begin() + 1);
  const std::uint32_t none = Job::no_group;
  job.groups_of = {0, 1, none, 0, 2, none, 0, none, 1, 0, none, 2};
  CHECK(refusal(job) == "job: group 0 (tp) sends but has 4 members (a send has a sender and a receiver)");
}

TEST_CASE("the text of a job has one task, rank and group per line")
{
  const std::string text = to_text(two_stages());
  CHECK(text.find("program 0 \"first\" tasks 3\n  0 compute compute \"layer\" microbatch 0\n  1 tp communicate \"reduce\" through \"tp\" "
                  "microbatch 0 after 0\n") != std::string::npos);
  CHECK(text.find("rank 2 \"last\" on 2 0:1 2:2\n") != std::string::npos);
  CHECK(text.find("group 3 \"pp\" members 1 3\n") != std::string::npos);
  Job slower = two_stages();
  slower.ranks[2].slowdown = 1.25;
  CHECK(to_text(slower).find("rank 2 \"last\" on 2 slowdown 1.25 0:1 2:2\n") != std::string::npos);
}
