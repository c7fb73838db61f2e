// Permutations: everybody sends to one and receives from one.
#include "config/error.hpp"
#include "job/build.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <set>

using namespace weft;

namespace {

/// To whom each of 16 ranks sends.
std::vector<std::uint32_t> receivers(int shift, int seed)
{
  const auto scenario = std::make_unique<Scenario>();
  scenario->platform.nodes = 2;
  scenario->platform.node.accelerators = 8;
  scenario->collective = CollectiveJob{.operation = "permutation", .bytes = Bytes(1e6), .repetitions = 3, .shift = shift};
  scenario->engine.seed = seed;
  const Job job = build_job(*scenario);
  check(job);
  std::vector<std::uint32_t> result;
  for (const Group& group : job.groups) {
    CHECK(group.members[0].index() == result.size());
    result.push_back(group.members[1].value);
  }
  CHECK(job.programs.front().tasks.size() == 6); // a send and a receive, three times
  return result;
}

} // namespace

TEST_CASE("a permutation by shift sends every rank's message that many ranks on")
{
  const std::vector<std::uint32_t> to = receivers(5, 1);
  for (std::uint32_t r = 0; r < 16; ++r) CHECK(to[r] == (r + 5) % 16);
}

TEST_CASE("a drawn permutation reaches everybody once, nobody by itself, and another seed draws another")
{
  const std::vector<std::uint32_t> to = receivers(0, 1);
  CHECK(std::set<std::uint32_t>(to.begin(), to.end()).size() == 16);
  for (std::uint32_t r = 0; r < 16; ++r) CHECK(to[r] != r);
  CHECK(to == receivers(0, 1));
  CHECK(to != receivers(0, 2));
}

TEST_CASE("a shift by all ranks is refused: everybody would send to itself") { CHECK_THROWS_AS(receivers(32, 1), ConfigError); }
