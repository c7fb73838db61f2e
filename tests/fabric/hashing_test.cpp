// Hashed and adaptive path choice: how evenly hashes spread, what the hash takes in, detours by load, the adapter data leaves through.
#include "approx.hpp"
#include "fabric/routing.hpp"
#include "fabric/small_platforms.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

using namespace weft;

namespace {

using Flows = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

Fabric routed(Platform platform, const std::string& routing, const std::string& settings = "", std::uint64_t seed = 1)
{
  platform.routing = routing;
  platform.routing_settings = settings_text(settings);
  return build_fabric(platform, {}, seed);
}

/// Load of the busiest cable between switches when these accelerators send one flow each.
double worst_trunk(const Fabric& fabric, const Flows& flows)
{
  std::vector<double> load(fabric.links.size(), 0);
  for (const auto& [from, to] : flows)
    for (const Hop& hop : route(fabric, AcceleratorId{from}, AcceleratorId{to}, 0).hops) {
      const Link& link = fabric.links[hop.link.index()];
      if (fabric.vertices[link.from.index()].kind == VertexKind::network_switch &&
          fabric.vertices[link.to.index()].kind == VertexKind::network_switch)
        load[hop.link.index()] += hop.share;
    }
  return *std::max_element(load.begin(), load.end());
}

/// Expected most balls in a bin when `balls` are thrown into `bins`, exactly: P(most <= k) is the coefficient of x^balls in
/// balls! (sum over j <= k of (x / bins)^j / j!)^bins.
double expected_most(int balls, int bins)
{
  double expected = 0;
  for (int k = 0; k < balls; ++k) {
    std::vector<double> polynomial(static_cast<std::size_t>(balls) + 1, 0); // coefficient of x^n, times n!
    polynomial[0] = 1;
    for (int bin = 0; bin < bins; ++bin) {
      std::vector<double> next(polynomial.size(), 0);
      for (int n = 0; n <= balls; ++n) {
        double ways = 1; // binomial(n, j) / bins^j
        for (int j = 0; j <= std::min(k, n); ++j) {
          next[static_cast<std::size_t>(n)] += polynomial[static_cast<std::size_t>(n - j)] * ways;
          ways *= static_cast<double>(n - j) / (j + 1) / bins;
        }
      }
      polynomial = std::move(next);
    }
    expected += 1 - polynomial.back();
  }
  return expected;
}

/// Two leaves of 16 adapters, 16 spines with one cable to each: 16 flows from the first leaf to the second take 16 ways.
Platform two_leaves()
{
  Platform platform = platform_of(8, "leaf-spine", "{leaves: 2, spines: 16}", 32);
  platform.node.accelerators = platform.node.adapters.count = 4;
  return platform;
}

Flows across()
{
  Flows flows;
  for (std::uint32_t a = 0; a < 16; ++a) flows.emplace_back(a, a + 16);
  return flows;
}

/// Mean of the busiest cable's load over seeds 1 to 400.
double mean_worst(const std::string& routing, const std::string& settings)
{
  double sum = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) sum += worst_trunk(routed(two_leaves(), routing, settings, seed), across());
  return sum / 400;
}

} // namespace

TEST_CASE("balls in bins: the closed form agrees with small cases counted by hand")
{
  CHECK(expected_most(1, 5) == near(1));
  CHECK(expected_most(2, 2) == near(1.5));                         // together or apart, half each
  CHECK(expected_most(3, 3) == near((3 * 3 + 18 * 2 + 6) / 27.0)); // of 27 ways 3 have all in one bin, 6 one in each
}

TEST_CASE("ecmp collisions follow the law of balls in bins")
{
  // 16 flows over 16 ways: the busiest has 3.08 on average. The standard deviation of one draw is about 0.7, of the mean of 400 0.035: four
  // of them are allowed.
  CHECK(expected_most(16, 16) == near(3.08, 0.02));
  CHECK(std::abs(mean_worst("ecmp", "") - expected_most(16, 16)) < 0.14);
}

TEST_CASE("queue pairs and flowlets are more and smaller balls, and spraying leaves none above one")
{
  // q parts of every flow: 16 q balls of 1 / q.
  CHECK(std::abs(mean_worst("ecmp", "queue-pairs: 4") - expected_most(64, 16) / 4) < 0.08);
  CHECK(std::abs(mean_worst("flowlet", "flowlets: 16") - expected_most(256, 16) / 16) < 0.04);
  CHECK(worst_trunk(routed(two_leaves(), "spray"), across()) == near(1.0));
}

TEST_CASE("one queue pair is plain ecmp, and a part that shares a link with another is added to it")
{
  const Fabric plain = routed(two_leaves(), "ecmp"), one = routed(two_leaves(), "ecmp", "queue-pairs: 1"),
               many = routed(two_leaves(), "ecmp", "queue-pairs: 64");
  for (const auto& [from, to] : across()) {
    const Route a = route(plain, AcceleratorId{from}, AcceleratorId{to}, 7), b = route(one, AcceleratorId{from}, AcceleratorId{to}, 7);
    REQUIRE(a.hops.size() == b.hops.size());
    for (std::size_t h = 0; h < a.hops.size(); ++h) CHECK(a.hops[h].link == b.hops[h].link);
  }
  const Route way = route(many, AcceleratorId{0}, AcceleratorId{16}, 0);
  CHECK(way.hops.size() <= 4 + 2 * 16);
  double up = 0;
  for (const Hop& hop : way.hops)
    if (many.media[many.links[hop.link.index()].medium].name == "leaf-spine up") up += hop.share;
  CHECK(up == near(1.0));
}

TEST_CASE("what the hash leaves out cannot spread flows")
{
  const Flows all = across();
  // Only the label: all flows have the same and take one way. Only the destination: one way per destination, whoever sends.
  CHECK(worst_trunk(routed(two_leaves(), "ecmp", "hash: [label, switch]"), all) == 16.0);
  Flows to_one;
  for (std::uint32_t a = 0; a < 16; ++a) to_one.emplace_back(a, 16);
  CHECK(worst_trunk(routed(two_leaves(), "ecmp", "hash: [destination, switch]"), to_one) == 16.0);
  CHECK(worst_trunk(routed(two_leaves(), "ecmp"), to_one) < 8.0);
  // Queue pairs differ in their label alone: a hash that ignores it sends them all the same way.
  CHECK(route(routed(two_leaves(), "ecmp", "{hash: [source, destination], queue-pairs: 8}"), AcceleratorId{0}, AcceleratorId{16}, 0)
            .hops.size() == 6);
  // Two labels at most: eight queue pairs take at most two ways up.
  CHECK(route(routed(two_leaves(), "ecmp", "{labels: 2, queue-pairs: 8}"), AcceleratorId{0}, AcceleratorId{16}, 0).hops.size() <= 8);
}

TEST_CASE("switches that hash alike use few of a spine's uplinks: polarisation")
{
  // Three tiers, 4 uplinks everywhere. A hash h sends a flow up leaf port h mod 4; a spine that computes the same h sends all it got
  // out of one port.
  Platform platform = platform_of(64, "fat-tree", "", 8);
  platform.node.accelerators = platform.node.adapters.count = 2;
  const auto uplinks_of_spines = [&](const std::string& settings) {
    const Fabric fabric = routed(platform, "ecmp", settings);
    std::set<std::uint32_t> ups;
    for (std::uint64_t label = 0; label < 256; ++label)
      ups.insert(route(fabric, AcceleratorId{0}, AcceleratorId{127}, label).hops[3].link.value);
    return ups.size();
  };
  CHECK(uplinks_of_spines("") == 16);
  CHECK(uplinks_of_spines("hash: [source, destination, label]") == 4);
}

TEST_CASE("ugal keeps to the shortest ways while they are free and spreads over others when they are not")
{
  // Groups of 32 adapters, 33 of them. Towards the next group all 32 flows of a group would share one cable.
  const Platform platform = platform_of(132, "dragonfly", "{p: 4, a: 8, h: 4}");
  Flows next_group, one_each;
  for (std::uint32_t a = 0; a < 1056; ++a) next_group.emplace_back(a, (a + 32) % 1056);
  for (std::uint32_t g = 0; g < 32; ++g) one_each.emplace_back(g, 32 * (g + 1)); // adapter g of group 0 to group g + 1: a cable for each
  const double shortest = worst_trunk(routed(platform, "ecmp"), next_group), adaptive = worst_trunk(routed(platform, "ugal"), next_group);
  CHECK(shortest == 32.0);
  CHECK(adaptive <= shortest / 2);
  const Fabric fabric = routed(platform, "ugal"), direct = routed(platform, "ecmp");
  std::size_t detours = 0;
  for (const auto& [from, to] : one_each) {
    const auto hops = [&](const Fabric& machine) { return route(machine, AcceleratorId{from}, AcceleratorId{to}, 0).hops.size(); };
    detours += hops(fabric) > hops(direct) ? 1 : 0;
  }
  CHECK(detours == 0);
}

TEST_CASE("ugal places a flow once: asking again gives the same way and loads nothing")
{
  const Platform platform = platform_of(9, "dragonfly", "{p: 2, a: 4, h: 2}");
  const Fabric once = routed(platform, "ugal"), twice = routed(platform, "ugal");
  for (std::uint32_t a = 0; a < 64; ++a) {
    const Route first = route(once, AcceleratorId{a}, AcceleratorId{a + 8}, 0);
    route(twice, AcceleratorId{a}, AcceleratorId{a + 8}, 0);
    const Route again = route(twice, AcceleratorId{a}, AcceleratorId{a + 8}, 0);
    REQUIRE(first.hops.size() == again.hops.size());
    for (std::size_t h = 0; h < first.hops.size(); ++h) CHECK(first.hops[h].link == again.hops[h].link);
  }
}

TEST_CASE("with pxn: rail data leaves by the rail of its receiver, and stays below one leaf of a unit")
{
  Platform platform = platform_of(4, "rail-optimized");
  const auto hops = [&](Pxn pxn) {
    platform.pxn = pxn;
    return route(build_fabric(platform), AcceleratorId{0}, AcceleratorId{8 + 3}, 0).hops.size();
  };
  // By its own adapter: host link, up, leaf to spine to leaf, down, host link. Over the switch of the node to accelerator 3: two hops more
  // inside the node, and no spine.
  CHECK(hops(Pxn::needed) == 6);
  CHECK(hops(Pxn::never) == 6);
  CHECK(hops(Pxn::rail) == 2 + 4);
  platform.pxn = Pxn::rail;
  const Fabric fabric = build_fabric(platform);
  const Route way = route(fabric, AcceleratorId{0}, AcceleratorId{8 + 3}, 0);
  CHECK(fabric.vertices[fabric.links[way.hops[1].link.index()].to.index()].name == "node0/gpu3");
  CHECK(route(fabric, AcceleratorId{3}, AcceleratorId{8 + 3}, 0).hops.size() == 4); // already on the rail
}

TEST_CASE("rails that only nodes join cannot do without pxn")
{
  Platform platform = platform_of(4, "rail-only");
  platform.pxn = Pxn::never;
  CHECK(refusal_of(platform).find("(set pxn: needed)") != std::string::npos);
}

TEST_CASE("routing settings that a kind does not know are refused")
{
  Platform platform = platform_of(2, "fat-tree");
  platform.routing = "spray";
  platform.routing_settings = settings_text("queue-pairs: 2");
  CHECK(refusal_of(platform).find("queue-pairs") != std::string::npos);
  platform.routing = "ecmp";
  platform.routing_settings = settings_text("queue-pairs: 0");
  CHECK(refusal_of(platform).find("256") != std::string::npos);
}
