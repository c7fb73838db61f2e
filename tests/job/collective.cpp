// Bare collectives as jobs: who calls, and what the host does for a call.
#include "approx.hpp"
#include "config/error.hpp"
#include "job/build.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace weft;

namespace {

/// Two nodes of four.
Scenario machine(CollectiveJob call)
{
  Scenario scenario;
  scenario.file = "test";
  scenario.platform.nodes = 2;
  scenario.platform.node.accelerators = 4;
  scenario.platform.library.launch = Seconds(3e-6);
  scenario.platform.library.launch_blocking = Seconds(20e-6);
  scenario.collective = std::move(call);
  return scenario;
}

std::string refusal(const CollectiveJob& call)
{
  try {
    (void)build_job(machine(call));
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

} // namespace

TEST_CASE("all accelerators call, or some at equal distances, and the others stand by")
{
  const Job all = build_job(machine({.operation = "all-reduce", .bytes = Bytes(8)}));
  CHECK(all.groups[0].members.size() == 8);
  CHECK(all.programs.size() == 1);
  const Job rail = build_job(machine({.operation = "all-to-all", .bytes = Bytes(8), .ranks = 2, .stride = 4}));
  check(rail);
  REQUIRE(rail.groups[0].members.size() == 2);
  CHECK(rail.groups[0].members[1].index() == 4);
  CHECK(rail.programs[rail.ranks[4].role.index()].tasks.size() == 1);
  CHECK(rail.programs[rail.ranks[1].role.index()].tasks.empty());
}

TEST_CASE("a send has two ends, and nobody calls from outside the machine")
{
  const Job send = build_job(machine({.operation = "send", .bytes = Bytes(8), .ranks = 2, .stride = 7}));
  check(send);
  CHECK(send.groups[0].members[1].index() == 7);
  CHECK(send.payloads[0].operation == Operation::send);
  CHECK(refusal({.operation = "send", .bytes = Bytes(8)}).find("a send has two ends") != std::string::npos);
  CHECK(refusal({.operation = "all-reduce", .bytes = Bytes(8), .ranks = 3, .stride = 4}).find("at most 2") != std::string::npos);
  CHECK(refusal({.operation = "all-redice", .bytes = Bytes(8)}).find("all-reduce") != std::string::npos);
}

TEST_CASE("one thread issues the calls of a node in turn beside the one that runs; a blocking call starts when it is issued")
{
  const Job one = build_job(machine({.operation = "all-reduce", .bytes = Bytes(8), .repetitions = 2, .launch = LaunchMode::one_thread}));
  check(one);
  CHECK(one.works[0].duration.base() == near(4 * 3e-6)); // four accelerators in a node
  for (const Task& task : one.programs[0].tasks) CHECK(task.waits == 0);

  const Job blocking = build_job(machine({.operation = "all-reduce", .bytes = Bytes(8), .repetitions = 2, .launch = LaunchMode::blocking}));
  check(blocking);
  CHECK(blocking.works[0].duration.base() == near(20e-6));
  const Program& program = blocking.programs[0]; // issue, call, issue, call: each waits for the one before
  REQUIRE(program.tasks.size() == 4);
  for (std::uint32_t t = 1; t < 4; ++t) {
    REQUIRE(program.waits_of(program.tasks[t]).size() == 1);
    CHECK(program.waits_of(program.tasks[t])[0] == t - 1);
  }
}
