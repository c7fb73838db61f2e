// Building: what hangs where, counts published for real machines, degraded links, refusals.
#include "approx.hpp"
#include "fabric/cut.hpp"
#include "fabric/small_platforms.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

using namespace weft;

namespace {

/// Capacity of the first link between two named devices.
double capacity_between(const Fabric& fabric, const std::string& from, const std::string& to)
{
  for (const Link& link : fabric.links)
    if (fabric.vertices[link.from.index()].name == from && fabric.vertices[link.to.index()].name == to) return link.capacity.base();
  return 0;
}

std::vector<std::string> names_along(const Fabric& fabric, const Route& way)
{
  std::vector<std::string> names;
  for (const Hop& hop : way.hops) names.push_back(fabric.vertices[fabric.links[hop.link.index()].to.index()].name);
  return names;
}

} // namespace

TEST_CASE("128 nodes of 8 adapters on 40-port switches make a three-tier fat-tree of 64 leaves, 64 spines and 32 cores")
{
  // A leaf takes 2 nodes (16 down, 16 up; 3 nodes would need 48 ports): 64 leaves, more than the 40 that two tiers join.
  // Spines have 20 ports down, so 4 pods of 16 leaves; 16 uplinks, one cable each: 16 spines per pod, 64 in all, 16 cables up each.
  // Each of 16 planes joins 4 spines over 8 cables each (4 x 8 <= 40, 4 x 16 is not) to 16 / 8 = 2 cores: 32 cores.
  const Fabric fabric = build_fabric(platform_of(128, "fat-tree", "", 40));
  CHECK(switches_of_tier(fabric, 1) == 64);
  CHECK(switches_of_tier(fabric, 2) == 64);
  CHECK(switches_of_tier(fabric, 3) == 32);
}

TEST_CASE("one switch is the whole fat-tree when it holds every adapter")
{
  const Fabric fabric = build_fabric(platform_of(8, "fat-tree")); // 64 adapters on 64 ports
  CHECK(switches_of_tier(fabric, 1) == 1);
  CHECK(switches_of_tier(fabric, 2) == 0);
}

TEST_CASE("leaf oversubscription of 3 gives each leaf a third of the uplinks and a third of the bisection")
{
  // 64 ports: 6 nodes down (48), 16 up. 24 nodes: 4 leaves x 16 cables up; halves of two leaves each: 32 x 25 GB/s = 0.8 TB/s.
  const Fabric fabric = build_fabric(platform_of(24, "fat-tree", "oversubscription: 3"));
  CHECK(switches_of_tier(fabric, 1) == 4);
  CHECK(network_bisection(fabric).base() == near(0.8e12));
}

TEST_CASE("in a fat-tree a node's adapters share a leaf, rail-optimized they have one leaf each")
{
  const Fabric tree = build_fabric(platform_of(64, "fat-tree")), rails = build_fabric(platform_of(64, "rail-optimized"));
  for (int k = 0; k < 8; ++k) {
    const std::string nic = "node33/nic" + std::to_string(k);
    CHECK(capacity_between(tree, nic, "leaf8") > 0);                         // 4 nodes per leaf: node 33 is on leaf 8
    CHECK(capacity_between(rails, nic, "leaf" + std::to_string(8 + k)) > 0); // unit 1 (nodes 32 to 63): leaves 8 to 15
  }
}

TEST_CASE("an adapter's cable runs at the slowest of adapter, port and medium, times both efficiencies")
{
  Platform platform = platform_of(2, "fat-tree");
  platform.node.adapters.bandwidth = Bandwidth(20e9);
  platform.node.adapters.efficiency = 0.9;
  platform.fabric.access.efficiency = 0.5;
  const Fabric fabric = build_fabric(platform);
  CHECK(capacity_between(fabric, "node0/nic0", "leaf0") == near(20e9 * 0.9 * 0.5));
  CHECK(capacity_between(fabric, "leaf0", "node0/nic0") == near(20e9 * 0.9 * 0.5));
}

TEST_CASE("accelerators share adapters in order when there are fewer adapters")
{
  Platform platform = platform_of(2, "fat-tree");
  platform.node.adapters.count = 4; // DGX-1: accelerators 0 and 1 use adapter 0, ...
  const Fabric fabric = build_fabric(platform);
  for (std::size_t i = 0; i < 8; ++i) CHECK(fabric.vertices[fabric.exits[i].index()].name == "node0/nic" + std::to_string(i / 2));
}

TEST_CASE("adapters without an accelerator of their own are still joined to the node")
{
  Platform platform = platform_of(1, "none");
  platform.node.accelerators = 2;
  platform.node.adapters.count = 5;
  const Fabric fabric = build_fabric(platform); // the check would refuse a machine in parts
  CHECK(fabric.adapters.size() == 5);
  CHECK(fabric.vertices[fabric.exits[1].index()].name == "node0/nic2"); // floor(1 x 5 / 2)
}

TEST_CASE("a host link shared by two adapters carries both accelerators' traffic")
{
  Platform platform = platform_of(2, "fat-tree");
  platform.node.adapters.adapters_per_host_link = 2;
  const Fabric fabric = build_fabric(platform);
  const Route a = route(fabric, AcceleratorId{0}, AcceleratorId{8}, 0), b = route(fabric, AcceleratorId{1}, AcceleratorId{9}, 0);
  CHECK(names_along(fabric, a) == std::vector<std::string>{"node0/pcie0", "node0/card0", "node0/nic0", "leaf0", "node1/nic0", "node1/card0",
                                                           "node1/pcie0", "node1/gpu0"});
  CHECK(a.hops[0].link != b.hops[0].link);
  CHECK(a.hops[1].link == b.hops[1].link); // 30 GB/s for two adapters of 25 GB/s
  CHECK(a.hops[2].link != b.hops[2].link);
}

TEST_CASE("without scale-up links traffic inside a node and to the network shares the accelerator's host link")
{
  Platform platform = platform_of(2, "fat-tree");
  platform.node.scaleup = "none";
  const Fabric fabric = build_fabric(platform);
  const Route inside = route(fabric, AcceleratorId{0}, AcceleratorId{1}, 0), outside = route(fabric, AcceleratorId{0}, AcceleratorId{8}, 0);
  CHECK(names_along(fabric, inside) == std::vector<std::string>{"node0/host", "node0/gpu1"});
  CHECK(names_along(fabric, outside) ==
        std::vector<std::string>{"node0/host", "node0/nic0", "leaf0", "node1/nic0", "node1/host", "node1/gpu0"});
  CHECK(inside.hops[0].link == outside.hops[0].link);
}

TEST_CASE("the latency between nodes adds every cable, switch and adapter once")
{
  const Fabric fabric = build_fabric(platform_of(2, "fat-tree"));
  // Host link 100 ns + adapter 300 ns, access 100 ns + switch 200 ns, access 100 ns + adapter 300 ns, host link 100 ns: 1.2 us.
  CHECK(route(fabric, AcceleratorId{0}, AcceleratorId{8}, 0).latency.base() * 1e9 == near(1200));
}

TEST_CASE("propagation adds to the latency of a trunk by its length")
{
  Platform platform = platform_of(16, "fat-tree");
  platform.fabric.trunk.propagation_ns_per_m = 5;
  platform.fabric.trunk_length = Metres{40}; // 200 ns, twice on the way over a spine
  const Fabric fabric = build_fabric(platform);
  // As above, and two trunks of 100 ns + 200 ns propagation + 200 ns switch: 2.2 us.
  CHECK(route(fabric, AcceleratorId{0}, AcceleratorId{120}, 0).latency.base() * 1e9 == near(2200));
}

TEST_CASE("the hybrid cube mesh gives every V100 six links and every P100 four, and its narrowest halving is between the quads")
{
  for (const int links : {6, 4}) {
    Platform platform = platform_of(1, "none");
    platform.node.scaleup = "hybrid-cube-mesh";
    platform.node.chip.scaleup_links = links;
    const Fabric fabric = build_fabric(platform);
    std::array<std::array<double, 8>, 8> between{}; // in links
    for (const Link& link : fabric.links)
      if (fabric.vertices[link.from.index()].kind == VertexKind::accelerator &&
          fabric.vertices[link.to.index()].kind == VertexKind::accelerator)
        between[link.from.index() - fabric.accelerators[0].index()][link.to.index() - fabric.accelerators[0].index()] +=
            link.capacity.base() / 25e9;
    for (const auto& row : between) {
      double sum = 0;
      for (const double l : row) sum += l;
      CHECK(sum == near(links));
    }
    double narrowest = 100;
    for (unsigned half = 0; half < 256; ++half) { // every set of four against the other four
      if (__builtin_popcount(half) != 4) continue;
      double crossing = 0;
      for (unsigned a = 0; a < 8; ++a)
        for (unsigned b = 0; b < 8; ++b)
          if ((half >> a & 1) != 0 && (half >> b & 1) == 0) crossing += between[a][b];
      narrowest = std::min(narrowest, crossing);
    }
    CHECK(narrowest == near(links == 6 ? 6 : 4)); // V100: 2 + 2 + 1 + 1; P100: one per twin
  }
}

TEST_CASE("a degraded link loses its share in both directions and no other link does")
{
  const Platform platform = platform_of(16, "fat-tree");
  const Fabric whole = build_fabric(platform), broken = build_fabric(platform, {.stragglers = {}, .links = {{"leaf0", "node1/nic3", 0.5}}});
  int changed = 0;
  for (std::size_t l = 0; l < whole.links.size(); ++l) {
    if (whole.links[l].capacity == broken.links[l].capacity) continue;
    ++changed;
    CHECK(broken.links[l].capacity / whole.links[l].capacity == near(0.5));
  }
  CHECK(changed == 2);
  CHECK(capacity_between(broken, "node1/nic3", "leaf0") == near(12.5e9));
}

TEST_CASE("a degraded pair of switches loses its share on every parallel cable")
{
  // 16 nodes: 4 leaves x 32 uplinks on 2 spines: 16 parallel cables per pair.
  const Platform platform = platform_of(16, "fat-tree");
  const Fabric whole = build_fabric(platform), broken = build_fabric(platform, {.stragglers = {}, .links = {{"leaf0", "spine1", 0.25}}});
  int changed = 0;
  for (std::size_t l = 0; l < whole.links.size(); ++l) changed += whole.links[l].capacity == broken.links[l].capacity ? 0 : 1;
  CHECK(changed == 32);
}

TEST_CASE("faults that name no device or no link are refused with what is near")
{
  const Platform platform = platform_of(2, "fat-tree");
  const auto degraded = [](const std::string& from, const std::string& to, double share) { return Faults{{}, {{from, to, share}}}; };
  CHECK(refusal_of(platform, degraded("node0/nick0", "leaf0", 0.5)) ==
        "no device is called 'node0/nick0' (did you mean 'node0/nic0'?) (weft topo lists the names)");
  CHECK(refusal_of(platform, degraded("node0/nic0", "spine7", 0.5)) == "no device is called 'spine7' (weft topo lists the names)");
  CHECK(refusal_of(platform, degraded("node0/nic0", "node1/nic0", 0.5)) ==
        "'node0/nic0' and 'node1/nic0' have no link between them (weft topo lists the links)");
  CHECK(refusal_of(platform, degraded("node0/nic0", "leaf0", 0)) == "must be above 0 and at most 1 (what is left of the bandwidth)");
}

TEST_CASE("cable power and price are counted once per cable")
{
  const Fabric fabric = build_fabric(platform_of(8, "fat-tree")); // 64 access cables of 2 W
  double power = 0;
  for (const Link& link : fabric.links)
    if (fabric.media[link.medium].name.starts_with("nic")) power += fabric.media[link.medium].power.base();
  CHECK(power == near(128));
}

TEST_CASE("the text form lists every vertex and link on a line of its own")
{
  const Fabric fabric = build_fabric(platform_of(2, "fat-tree"));
  const std::string text = to_text(fabric);
  CHECK(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) == 1 + fabric.vertices.size() + fabric.links.size());
  CHECK(text.find("link node0/nic0 -> leaf0: nic up, ") != std::string::npos);
}

TEST_CASE("what cannot be built is refused with what to do")
{
  CHECK(refusal_of(platform_of(2, "fat-treee")) == "unknown fabric kind 'fat-treee' (did you mean 'fat-tree'?)");
  Platform unknown = platform_of(2, "fat-tree");
  unknown.node.scaleup = "pcie";
  CHECK(refusal_of(unknown).starts_with("unknown scale-up kind 'pcie' (one of: "));
  unknown = platform_of(2, "fat-tree");
  unknown.routing = "ecpm";
  CHECK(refusal_of(unknown) == "unknown routing kind 'ecpm' (did you mean 'ecmp'?)");
  CHECK(refusal_of(platform_of(2, "none")) ==
        "fabric kind 'none' joins no nodes but the platform has 2 (set nodes: 1, or a fabric kind such as fat-tree)");
  CHECK(refusal_of(platform_of(2, "fat-tree", "oversubscription: 0")).find("must be") != std::string::npos);
  CHECK(refusal_of(platform_of(20, "fat-tree", "tiers: 2", 8)) ==
        "a leaf with 8 ports cannot hold one node's 8 adapters and its uplinks (use a switch with more ports, more oversubscription, or "
        "kind: rail-optimized)");
  CHECK(refusal_of(platform_of(512, "fat-tree", "tiers: 2")) ==
        "the machine needs 128 leaves but two tiers of 64-port switches join at most 64 (use tiers: 3, a switch with more ports, or more "
        "oversubscription)");
  CHECK(refusal_of(platform_of(16, "leaf-spine", "{leaves: 4, spines: 2, uplinks: 20}")) ==
        "leaf0 needs 32 ports down and 40 up but has 64 (use more leaves, fewer uplinks, or a switch with more ports)");
  CHECK(refusal_of(platform_of(16, "leaf-spine", "{leaves: 16, spines: 1, uplinks: 8}")) ==
        "spine0 needs 128 ports but has 64 (use fewer leaves, fewer uplinks per spine, or a switch with more ports)");
  CHECK(refusal_of(platform_of(0, "fat-tree")) == "must be at least 1");
  CHECK(refusal_of(platform_of(2000000000, "fat-tree")) ==
        "2,000,000,000 nodes are more than can be simulated (use at most 1,048,576 accelerators or adapters in all)");
  Platform no_adapters = platform_of(2, "fat-tree");
  no_adapters.node.adapters.count = 0;
  CHECK(refusal_of(no_adapters).starts_with("the nodes have no network adapters"));
  Platform no_bandwidth = platform_of(16, "fat-tree");
  no_bandwidth.fabric.trunk.bandwidth = Bandwidth(0);
  CHECK(refusal_of(no_bandwidth).starts_with("the link from 'leaf0' to 'spine0' has no bandwidth"));
  Platform mesh = platform_of(1, "none");
  mesh.node.scaleup = "hybrid-cube-mesh";
  mesh.node.accelerators = 4;
  CHECK(refusal_of(mesh).starts_with("scale-up kind 'hybrid-cube-mesh' joins 8 accelerators but the node has 4"));
}

TEST_CASE("a listed graph is refused for unknown names, self links, twins, too many ports and parts that do not join")
{
  const auto graph = [](const std::string& settings) {
    Platform platform = platform_of(2, "graph", settings, 8);
    platform.node.adapters.count = 1;
    return refusal_of(platform);
  };
  CHECK(graph("{switches: [{name: a}], links: [{from: node0/nic0, to: a}, {from: node1/nic0, to: a}]}").empty());
  CHECK(graph("{links: [{from: node0/nic0, to: node1/nic0}]}").empty()); // back to back
  CHECK(graph("{switches: [{name: alpha}], links: [{from: node0/nic0, to: alpho}]}") ==
        "no switch or adapter is called 'alpho' (did you mean 'alpha'?) (name a switch of the list, or an adapter as nodeN/nicK)");
  CHECK(graph("{switches: [{name: a}], links: [{from: a, to: a}]}") == "'a' is linked to itself (name two different ends)");
  CHECK(graph("{switches: [{name: a}, {name: a}], links: []}") == "two switches are called 'a' (give each its own name)");
  CHECK(graph("{switches: [{name: node0/x}], links: []}") == "'node0/x' cannot be the name of a switch (use a word without '/')");
  CHECK(graph("{switches: [{name: a}], links: [{from: node0/nic0, to: a}]}") ==
        "the machine falls into parts: 'node1/gpu0' cannot be reached from 'node0/gpu0' (add the links that join them)");
  CHECK(graph("{switches: [{name: a, ports: 2}, {name: b}], links: [{from: node0/nic0, to: a}, {from: node1/nic0, to: b}, {from: a, to: b, "
              "count: 2}]}") ==
        "switch 'a' needs 3 ports but has 2 (remove some of its links, spread them over more switches, or use a switch with more ports)");
}
