// Optical circuits: what a matching joins, what a circuit adds, what is refused.
#include "approx.hpp"
#include "fabric/routing_table.hpp"
#include "fabric/small_platforms.hpp"

#include <doctest/doctest.h>

using namespace weft;

namespace {

int apart(const Fabric& fabric, std::size_t a, std::size_t b) { return switches_between(fabric, fabric.adapters[a], fabric.adapters[b]); }

} // namespace

TEST_CASE("a circuit adds the circuit switch and its own fibre, an electrical cable inside a block does not")
{
  // Two blocks of two switches in line, one adapter to a switch: s0 - s1 electrical, s1 - s2 a circuit, s2 - s3 electrical, s3 - s0 a
  // circuit.
  Platform platform =
      platform_of(4, "optical-circuit", "{matching: torus, block: [2], dims: [2], ocs-latency: 30 ns, circuit-length: 100 m}");
  platform.node.adapters.count = 1;
  platform.fabric.trunk.propagation_ns_per_m = 5;
  platform.fabric.trunk_length = Metres{2};
  const Fabric fabric = build_fabric(platform);
  const auto latency = [&](std::uint32_t node) { return route(fabric, AcceleratorId{0}, AcceleratorId{8 * node}, 0).latency.base() * 1e9; };
  const double ends = 400 + 100 + 200 + 400 + 100; // host link and adapter, access and switch, access and adapter, host link
  CHECK(latency(1) == near(ends + 100 + 10 + 200));
  CHECK(latency(3) == near(ends + 100 + 30 + 500 + 200));
}

TEST_CASE("rotations join every two blocks, one rotation makes a ring")
{
  const Fabric all = build_fabric(platform_of(7, "optical-circuit", "matching: rotation"));
  const Fabric one = build_fabric(platform_of(7, "optical-circuit", "{matching: rotation, rotations: 1}"));
  for (std::size_t node = 1; node < 7; ++node) CHECK(apart(all, 0, 8 * node) == 2);
  CHECK(apart(one, 0, 8 * 3) == 4);
  CHECK(all.links.size() - one.links.size() == 2 * (21 - 7));
}

TEST_CASE("a listed matching joins what it lists, and a block may wrap its own grid")
{
  const Fabric fabric = build_fabric(platform_of(
      2, "optical-circuit", "{block: [4, 2], blocks: 2, matching: pairs, pairs: [{from: 0, to: 1, dimension: 1}, {from: 0, to: 0}]}"));
  // One adapter to a switch, number 2 x row + column. Block 0 wraps its four rows: row 0 and row 3 are neighbours.
  CHECK(apart(fabric, 0, 6) == 2);
  CHECK(apart(fabric, 8, 14) == 4);
  // The upper column of block 0 joins the lower column of block 1, row by row.
  CHECK(apart(fabric, 1, 8) == 2);
  CHECK(apart(fabric, 0, 8) == 3);
}

TEST_CASE("matchings that do not fit are refused with what to do")
{
  const auto refusal = [](const std::string& settings) { return refusal_of(platform_of(4, "optical-circuit", settings)); };
  CHECK(refusal("matching: torus") == "matching torus needs the blocks along every dimension (set dims)");
  CHECK(refusal("matching: pairs") == "matching pairs and a list of pairs belong together (set both)");
  CHECK(refusal("{matching: rotation, rotations: 3}") == "3 rotations: those of 4 blocks repeat after 2 (use fewer)");
  CHECK(
      refusal("{matching: pairs, pairs: [{from: 0, to: 4}]}").starts_with("a pair names block 4 along dimension 0 but there are 4 blocks"));
  CHECK(refusal("{matching: pairs, pairs: [{from: 0, to: 1}]}").starts_with("the machine falls into parts"));
  CHECK(refusal("{matching: torus, dims: [3]}").starts_with("32 adapters do not share evenly in 3 switches"));
}
