// Chains: tasks that run one right after the other, whatever else happens.
#include "fold/lane_order.hpp"
#include "fold/hand_made.hpp"

#include <doctest/doctest.h>

using namespace weft;
using Chains = std::vector<std::vector<std::uint32_t>>;

namespace {

Chains chains_of(const hand_made::Case& c)
{
  const Program& program = c.job.programs.front();
  return find_chains(program, lane_order(program, c.job.lanes.size()));
}

struct OneRole {
  hand_made::Case c;
  std::uint8_t main = c.lane("main"), side = c.lane("side"), third = c.lane("third");
  std::uint32_t role = c.role();
  std::uint32_t run(std::uint8_t lane, const std::vector<std::uint32_t>& waits = {}) { return c.compute(role, lane, 0, waits); }
};

} // namespace

TEST_CASE("tasks of one lane that nobody else waits for are one chain")
{
  OneRole r;
  for (int i = 0; i < 4; ++i) r.run(r.main);
  CHECK(chains_of(r.c) == Chains{{0, 1, 2, 3}});
}

TEST_CASE("a chain alternates between lanes when each task waits for the last")
{
  OneRole r;
  r.run(r.main);
  r.run(r.side, {0});
  r.run(r.main, {1});
  r.run(r.side, {2});
  CHECK(chains_of(r.c) == Chains{{0, 1, 2, 3}});
}

TEST_CASE("a task that somebody else waits for ends a chain")
{
  OneRole r;
  r.run(r.main);
  r.run(r.main);
  r.run(r.side, {0}); // may start before task 1 ends
  CHECK(chains_of(r.c) == Chains{{0}, {1}, {2}});
}

TEST_CASE("whoever follows an inner task but also follows the last does not end a chain")
{
  OneRole r;
  r.run(r.main);
  r.run(r.main);
  r.run(r.side, {0, 1});
  CHECK(chains_of(r.c) == Chains{{0, 1, 2}});
}

TEST_CASE("a task that also waits for another lane does not continue a chain")
{
  OneRole r;
  r.run(r.side);
  r.run(r.main);
  r.run(r.main, {0}); // starts when the later of 0 and 1 ends
  CHECK(chains_of(r.c) == Chains{{0}, {1}, {2}});
}

TEST_CASE("a lane that is free while the chain runs elsewhere keeps its tasks out of the chain")
{
  OneRole r;
  r.run(r.main);
  r.run(r.side, {0});
  r.run(r.main);      // runs beside task 1
  r.run(r.side, {2}); // joins both
  CHECK(chains_of(r.c) == Chains{{0}, {1}, {2}, {3}});
}

TEST_CASE("a wait that another wait implies does not matter")
{
  OneRole r;
  r.run(r.main);
  r.run(r.side, {0});
  r.run(r.third, {1, 0});
  CHECK(chains_of(r.c) == Chains{{0, 1, 2}});
  const Program& program = r.c.job.programs.front();
  const LaneOrder order = lane_order(program, 3);
  CHECK(order.precedes(program, 0, 2));
  CHECK_FALSE(order.precedes(program, 2, 0));
}
