// Collectives over links that join accelerators directly: what a torus and a full mesh move over each link, and what that comes to.
#include "approx.hpp"
#include "config/error.hpp"
#include "contract/collectives/shapes.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace weft;
using namespace weft::test;

namespace {

/// Sum over phases of what the busiest edge carries: seconds per byte over links of rate 1.
double seconds_per_byte_of(const char* kind, Operation operation, const GroupShape& group)
{
  double total = 0;
  for (const Phase& phase : find_collective(kind)->phases(operation, group)) {
    double busiest = 0;
    for (const Edge& edge : phase.edges) busiest = std::max(busiest, edge.bytes_per_byte);
    total += busiest;
  }
  return total;
}

/// Bus bandwidth over links of rate 1.
double bus(const char* kind, Operation operation, const GroupShape& group)
{
  return bus_bandwidth_factor(operation, group.members()) / seconds_per_byte_of(kind, operation, group);
}

constexpr BoxJoin line = BoxJoin::line, ring = BoxJoin::ring, complete = BoxJoin::complete;

} // namespace

TEST_CASE("a torus of equal rings reaches the sum of its members' links")
{
  // d rings of n: stage s of a reduce-scatter moves (n - 1)/2n of 1/d n^s of the payload each way, together (1 - 1/N)/2d: factor
  // (N - 1)/N over it is 2 d. An all-reduce has both halves, so the same.
  for (const Operation operation : {Operation::reduce_scatter, Operation::all_gather, Operation::all_reduce}) {
    CHECK(bus("torus", operation, boxed({{5, ring}})) == near(2));
    CHECK(bus("torus", operation, boxed({{4, ring}, {4, ring}})) == near(4));
    CHECK(bus("torus", operation, boxed({{4, ring}, {4, ring}, {4, ring}})) == near(6));
  }
}

TEST_CASE("a torus of unequal rings comes near the sum of its members' links")
{
  // 16 x 20 x 28, thirds of the payload. Stage 0 waits for 27/28 over two ways, stage 1 for the part left on 16 places first (19/20 of
  // 1/16), stage 2 for the part that went along 16 and 20 (27/28 of 1/320): (27/28 + 19/320 + 27/8960)/6 = 1.02668/6.
  const GroupShape pod = boxed({{16, ring}, {20, ring}, {28, ring}});
  CHECK(seconds_per_byte_of("torus", Operation::reduce_scatter, pod) == near((27.0 / 28 + 19.0 / 320 + 27.0 / 8960) / 6));
  CHECK(bus("torus", Operation::all_reduce, pod) == near(2 * 8959.0 / 8960 / 2 / ((27.0 / 28 + 19.0 / 320 + 27.0 / 8960) / 6)));
  CHECK(bus("torus", Operation::all_reduce, pod) > 5.8);
}

TEST_CASE("a line has half the bandwidth of a ring, two members their one link")
{
  // the hop at the end of a line of n carries n - 1 of n pieces one way
  for (const std::uint32_t n : {2u, 3u, 4u, 8u}) CHECK(bus("torus", Operation::reduce_scatter, boxed({{n, line}})) == near(1));
  CHECK(bus("torus", Operation::all_gather, boxed({{8, line}})) == near(1));
  CHECK(bus("torus", Operation::all_reduce, boxed({{8, line}})) == near(1));
}

TEST_CASE("parts are as large as their dimensions are fast")
{
  // rates 1, 2, 2: parts of 1/5, 2/5, 2/5, so that the first stage takes 3/8 of 1/5 of the payload on a link of rate 1 everywhere
  const auto phases = find_collective("torus")->phases(Operation::reduce_scatter, boxed({{4, ring, 1}, {4, ring, 2}, {4, ring, 2}}));
  REQUIRE(phases.size() == 3);
  for (const Edge& edge : phases[0].edges) {
    const std::uint32_t apart = std::max(edge.from, edge.to) - std::min(edge.from, edge.to);
    CHECK(edge.bytes_per_byte == near(3.0 / 8 / 5 * (apart >= 16 ? 1 : 2))); // members 16 apart and more differ in the first coordinate
  }
}

TEST_CASE("a torus takes half as many dependent steps as a ring along each dimension")
{
  // 4 x 4 x 4: two hops to the owner per stage, three stages, there and back
  double steps = 0;
  for (const Phase& phase : find_collective("torus")->phases(Operation::all_reduce, boxed({{4, ring}, {4, ring}, {4, ring}})))
    steps += phase.scaleup_steps;
  CHECK(steps == 12);
}

TEST_CASE("a full mesh reaches the sum of its members' links in two steps")
{
  // every link carries 1/n each way per half
  for (const std::uint32_t n : {2u, 4u, 8u}) {
    const GroupShape mesh = boxed({{n, complete}});
    CHECK(bus("full-mesh", Operation::all_reduce, mesh) == near(n - 1.0));
    CHECK(bus("full-mesh", Operation::all_gather, mesh) == near(n - 1.0));
    CHECK(find_collective("full-mesh")->phases(Operation::all_reduce, mesh)[0].scaleup_steps == 2);
  }
}

TEST_CASE("neither is offered to members that no links of their own join")
{
  for (const char* kind : {"torus", "full-mesh"}) CHECK_FALSE(find_collective(kind)->supports(Operation::all_reduce, runs(1, 8, true)));
  CHECK_FALSE(find_collective("torus")->supports(Operation::all_reduce, boxed({{4, complete}})));
  CHECK_FALSE(find_collective("full-mesh")->supports(Operation::all_reduce, boxed({{4, ring}})));
}

TEST_CASE("a torus too large to be played message by message is refused, and priced all the same")
{
  const GroupShape pod = boxed({{16, ring}, {20, ring}, {28, ring}});
  CHECK_THROWS_AS((void)find_collective("torus")->steps(Operation::all_reduce, pod), CannotFinish);
  CHECK(find_collective("torus")->phases(Operation::all_reduce, pod).size() == 5);
}
