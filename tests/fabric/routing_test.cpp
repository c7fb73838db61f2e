// Path choice: contention on shift permutations, hashing that differs from tier to tier, spraying in equal parts.
#include "approx.hpp"
#include "fabric/routing_table.hpp"
#include "fabric/small_platforms.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

using namespace weft;

namespace {

/// One adapter per accelerator, everybody sends to the adapter `shift` further on; the most flows on any network link.
double worst_load(const Fabric& fabric, std::size_t shift)
{
  std::vector<double> load(fabric.links.size(), 0);
  const std::size_t n = fabric.accelerators.size();
  for (std::size_t a = 0; a < n; ++a) {
    const AcceleratorId from = id_of<AcceleratorId>(a), to = id_of<AcceleratorId>((a + shift) % n);
    if (same_domain(fabric, from, to)) continue;
    for (const Hop& hop : route(fabric, from, to, a).hops) load[hop.link.index()] += hop.share;
  }
  return *std::max_element(load.begin(), load.end());
}

Fabric routed(Platform platform, const std::string& routing, std::uint64_t seed = 1)
{
  platform.routing = routing;
  return build_fabric(platform, {}, seed);
}

} // namespace

TEST_CASE("deterministic routing carries every shift permutation of a full fat-tree of two tiers without contention")
{
  // 16-port switches, nodes of 4 adapters: 2 nodes per leaf (8 down, 8 up), 8 leaves: 64 adapters, full.
  Platform platform = platform_of(16, "fat-tree", "tiers: 2", 16);
  platform.node.accelerators = platform.node.adapters.count = 4;
  const Fabric fabric = routed(platform, "deterministic");
  for (std::size_t shift = 4; shift < 64; ++shift) {
    CAPTURE(shift);
    CHECK(worst_load(fabric, shift) == 1.0);
  }
}

TEST_CASE("deterministic routing carries every shift permutation of a full fat-tree of three tiers without contention")
{
  // 8-port switches, nodes of 2: 2 nodes per leaf (4 down, 4 up), pods of 4 leaves and 4 spines, 8 pods: 128 adapters, full.
  Platform platform = platform_of(64, "fat-tree", "", 8);
  platform.node.accelerators = platform.node.adapters.count = 2;
  const Fabric fabric = routed(platform, "deterministic");
  CHECK(switches_of_tier(fabric, 3) == 16); // 4 planes of 4 cores with a cable to each of 8 pods
  for (std::size_t shift = 2; shift < 128; shift += 3) {
    CAPTURE(shift);
    CHECK(worst_load(fabric, shift) == 1.0);
  }
}

TEST_CASE("deterministic routing keeps parallel cables free of contention, too")
{
  // 64 nodes of 8 on 40-port switches: 2 nodes per leaf, 32 leaves, 16 spines with one cable each; three tiers: 2 pods, 8 cables per core.
  const Fabric fabric = routed(platform_of(64, "fat-tree", "tiers: 3", 40), "deterministic");
  for (const std::size_t shift : {8u, 16u, 72u, 128u, 256u, 264u}) {
    CAPTURE(shift);
    CHECK(worst_load(fabric, shift) == 1.0);
  }
}

TEST_CASE("deterministic routing sends node-to-node shifts on rails without contention")
{
  // 64 nodes, 2 units of 32: adapter r to adapter r of the node `shift` further on.
  const Fabric fabric = routed(platform_of(64, "rail-optimized"), "deterministic");
  for (const std::size_t nodes : {1u, 2u, 16u, 31u, 32u, 33u, 63u}) {
    CAPTURE(nodes);
    CHECK(worst_load(fabric, nodes * 8) == 1.0);
  }
}

TEST_CASE("deterministic routing is one way per destination: all sources meet on the last switch's way down")
{
  const Fabric fabric = routed(platform_of(16, "fat-tree"), "deterministic");
  std::set<std::uint32_t> spines;
  for (std::uint32_t from = 0; from < 96; ++from) {
    const Route way = route(fabric, AcceleratorId{from}, AcceleratorId{127}, from);
    REQUIRE(way.hops.size() == 6);
    spines.insert(fabric.links[way.hops[2].link.index()].to.value);
  }
  CHECK(spines.size() == 1);
}

TEST_CASE("ecmp spreads the labels of one pair, and depends on the seed")
{
  const Fabric one = routed(platform_of(16, "fat-tree"), "ecmp", 1), two = routed(platform_of(16, "fat-tree"), "ecmp", 2);
  std::set<std::uint32_t> ways;
  int differing = 0;
  for (std::uint64_t label = 0; label < 64; ++label) {
    const LinkId up = route(one, AcceleratorId{0}, AcceleratorId{127}, label).hops[2].link;
    ways.insert(up.value);
    differing += up == route(two, AcceleratorId{0}, AcceleratorId{127}, label).hops[2].link ? 0 : 1;
  }
  // 64 flows over 32 uplinks: about 32 x (1 - e^-2) = 28 of them used. Two seeds agree once in 32.
  CHECK(ways.size() >= 20);
  CHECK(differing >= 50);
}

TEST_CASE("ecmp draws anew at every tier, so flows that share a spine still spread over its uplinks")
{
  Platform platform = platform_of(64, "fat-tree", "", 8);
  platform.node.accelerators = platform.node.adapters.count = 2;
  const Fabric fabric = routed(platform, "ecmp");
  std::map<std::uint32_t, std::set<std::uint32_t>> up_of_spine; // spine -> uplinks taken
  for (std::uint64_t label = 0; label < 256; ++label) {
    const Route way = route(fabric, AcceleratorId{0}, AcceleratorId{127}, label);
    REQUIRE(way.hops.size() == 8);
    up_of_spine[fabric.links[way.hops[2].link.index()].to.value].insert(way.hops[3].link.value);
  }
  CHECK(up_of_spine.size() == 4);
  for (const auto& [spine, ups] : up_of_spine) CHECK(ups.size() == 4); // 64 draws over 4 uplinks: all are met
}

TEST_CASE("spraying loads every equal-cost link alike and a full permutation no link above one")
{
  const Fabric fabric = routed(platform_of(16, "fat-tree"), "spray");
  const Route way = route(fabric, AcceleratorId{0}, AcceleratorId{127}, 0);
  // Host link, access, 32 uplinks, 32 down, access, host link.
  REQUIRE(way.hops.size() == 4 + 64);
  for (std::size_t h = 2; h < 66; ++h) CHECK(way.hops[h].share == near(1.0 / 32));
  CHECK(worst_load(fabric, 64) == near(1.0));
}

TEST_CASE("spraying over two ways of different latency waits for the longer")
{
  Platform platform = platform_of(2, "graph",
                                  "{switches: [{name: a}, {name: b}, {name: near}, {name: far}], links: [{from: node0/nic0, to: a}, {from: "
                                  "node1/nic0, to: b}, {from: a, to: near}, "
                                  "{from: near, to: b}, {from: a, to: far, latency: 5 us}, {from: far, to: b}]}");
  platform.node.adapters.count = 1;
  const Fabric fabric = routed(platform, "spray");
  // Host link 100 + adapter 300, access 100 + switch 200, trunk 5000 + 200, trunk 100 + 200, access 100 + adapter 300, host link 100 ns.
  CHECK(route(fabric, AcceleratorId{0}, AcceleratorId{8}, 0).latency.base() * 1e9 == near(6700));
}

TEST_CASE("an adapter on two switches uses the nearer, and both when they are equally near")
{
  Platform platform = platform_of(2, "graph",
                                  "{switches: [{name: a}, {name: b}], links: [{from: node0/nic0, to: a}, {from: node0/nic0, to: b}, {from: "
                                  "node1/nic0, to: a}, {from: node1/nic0, to: b}]}");
  platform.node.adapters.count = 1;
  const Fabric fabric = routed(platform, "spray");
  const Route way = route(fabric, AcceleratorId{0}, AcceleratorId{8}, 0);
  REQUIRE(way.hops.size() == 6); // host link, two up, two down, host link
  CHECK(way.hops[1].share == near(0.5));
  CHECK(switches_between(fabric, fabric.adapters[0], fabric.adapters[1]) == 1);
}

TEST_CASE("switches of a listed graph get their tier from the distance to adapters")
{
  Platform platform = platform_of(2, "graph",
                                  "{switches: [{name: top}, {name: a}, {name: b}], links: [{from: node0/nic0, to: a}, {from: node1/nic0, "
                                  "to: b}, {from: top, to: a}, {from: b, to: top}]}");
  platform.node.adapters.count = 1;
  const Fabric fabric = build_fabric(platform);
  CHECK(switches_of_tier(fabric, 1) == 2);
  CHECK(switches_of_tier(fabric, 2) == 1);
}

TEST_CASE("in the hybrid cube mesh a pair without a link goes over one accelerator with links to both")
{
  Platform platform = platform_of(1, "none");
  platform.node.scaleup = "hybrid-cube-mesh";
  for (const char* routing : {"deterministic", "ecmp", "spray"}) {
    const Fabric fabric = routed(platform, routing);
    const Route direct = route(fabric, AcceleratorId{0}, AcceleratorId{4}, 0), over = route(fabric, AcceleratorId{0}, AcceleratorId{5}, 0);
    CHECK(direct.hops.size() == 1);
    // 0 reaches 5 over 1 (its quad's neighbour) or over 4 (its twin); spraying takes both.
    CHECK(over.hops.size() == (std::string(routing) == "spray" ? 4 : 2));
  }
}
