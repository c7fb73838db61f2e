// Topologies and routing kinds beyond the folded Clos: published sizes, forwarding over scale-up links, dimension order, detours.
#include "approx.hpp"
#include "fabric/cut.hpp"
#include "fabric/drawing.hpp"
#include "fabric/drawing_view.hpp"
#include "fabric/routing_table.hpp"
#include "fabric/small_platforms.hpp"
#include "fabric/summary.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

using namespace weft;

namespace {

Fabric routed(Platform platform, const std::string& routing)
{
  platform.routing = routing;
  return build_fabric(platform);
}

/// Nodes of one accelerator and one adapter.
Platform single(int nodes, const std::string& kind, const std::string& settings)
{
  Platform platform = platform_of(nodes, kind, settings);
  platform.node.accelerators = platform.node.adapters.count = 1;
  return platform;
}

TopologyForm form_of(const Platform& platform)
{
  for (const TopologyKind* kind : topology_kinds())
    if (platform.fabric.kind == kind->name) return kind->form(platform);
  return {};
}

/// Names of the devices a route enters, in order.
std::vector<std::string> way_of(const Fabric& fabric, std::uint32_t from, std::uint32_t to, std::uint64_t label = 0)
{
  std::vector<std::string> names;
  for (const Hop& hop : route(fabric, AcceleratorId{from}, AcceleratorId{to}, label).hops)
    names.push_back(fabric.vertices[fabric.links[hop.link.index()].to.index()].name);
  return names;
}

using Names = std::vector<std::string>;

/// Most flows on a cable between switches.
double worst_trunk(const Fabric& fabric, const std::vector<std::pair<std::uint32_t, std::uint32_t>>& flows)
{
  std::map<std::uint32_t, double> load;
  double worst = 0;
  for (const auto& [from, to] : flows)
    for (const Hop& hop : route(fabric, AcceleratorId{from}, AcceleratorId{to}, 0).hops) {
      const Link& link = fabric.links[hop.link.index()];
      if (fabric.vertices[link.from.index()].kind == VertexKind::network_switch &&
          fabric.vertices[link.to.index()].kind == VertexKind::network_switch)
        worst = std::max(worst, load[hop.link.value] += hop.share);
    }
  return worst;
}

/// One machine of each of the kinds beyond the folded Clos, with this many nodes of 8 adapters: 4, 16 or 2,048.
std::vector<Platform> machines(int nodes)
{
  const std::string grid = nodes == 4 ? "[2, 2]" : nodes == 16 ? "[4, 4]" : "[8, 16, 16]";
  const std::string chips = nodes == 4 ? "[2, 4, 4]" : nodes == 16 ? "[4, 4, 8]" : "[16, 32, 32]";
  const std::string hyperx = nodes == 4 ? "[2, 2]" : nodes == 16 ? "[4, 4]" : "[16, 16, 4]";
  return {platform_of(nodes, "torus", "dims: " + grid),
          platform_of(nodes, "torus", "{dims: " + chips + ", of: adapters}"),
          platform_of(nodes, "hyperx", "dims: " + hyperx),
          platform_of(nodes, "dragonfly", nodes < 2048 ? "{p: 4, a: 4, h: 2}" : ""),
          platform_of(nodes, "dragonfly-plus", nodes < 2048 ? "{leaves: 4, spines: 4, p: 4, h: 2}" : ""),
          platform_of(nodes, "rail-only"),
          platform_of(nodes, "multi-plane"),
          platform_of(nodes, "dual-tor", nodes < 2048 ? "segment-nodes: 2" : ""),
          platform_of(nodes, "optical-circuit", "matching: rotation")};
}

} // namespace

TEST_CASE("eight planes of 64-port switches join 16,384 adapters with the published 768 switches and 16,384 trunks")
{
  // A plane: 2,048 adapters on 64 leaves with 32 uplinks each, 32 spines: 96 switches, 2,048 trunks.
  const TopologyForm form = form_of(platform_of(2048, "multi-plane"));
  CHECK(form.switches == 768);
  CHECK(form.access_cables == 16384);
  CHECK(form.trunk_cables == 16384);
  CHECK(form.diameter == 3);
}

TEST_CASE("dual-tor with 128-port switches gives the published pod: 15 segments, 240 leaves, 120 spines, 16 : 15 down to up")
{
  Platform platform = platform_of(1920, "dual-tor", "{segment-nodes: 128, uplinks: 60}", 128);
  platform.node.adapters.bandwidth = platform.fabric.switch_model.port_bandwidth = Bandwidth(50e9);
  platform.fabric.access.bandwidth = platform.fabric.trunk.bandwidth = Bandwidth(50e9);
  const Fabric fabric = build_fabric(platform);
  CHECK(switches_of_tier(fabric, 1) == 240);
  CHECK(switches_of_tier(fabric, 2) == 120);
  const FabricSummary summary = summarize(fabric, platform);
  CHECK(summary.tiers[0].oversubscription == near(128 * 25.0 / (60 * 50.0)));
  CHECK(summary.tiers[0].most_used == 188);
}

TEST_CASE("sprayed, both ports of a dual-tor adapter carry half each; routed one way, a flow has one port")
{
  const Platform platform = platform_of(4, "dual-tor");
  const Fabric fabric = routed(platform, "spray");
  const Route way = route(fabric, AcceleratorId{0}, AcceleratorId{8}, 0);
  REQUIRE(way.hops.size() == 6); // host link, a leaf in each plane up and down, host link
  for (std::size_t h = 1; h < 5; ++h) {
    CHECK(way.hops[h].share == 0.5);
    CHECK(fabric.media[fabric.links[way.hops[h].link.index()].medium].raw.base() == near(12.5e9));
  }
  const Fabric one_way = routed(platform, "deterministic");
  const Route narrow = route(one_way, AcceleratorId{0}, AcceleratorId{8}, 0);
  REQUIRE(narrow.hops.size() == 4);
  CHECK(one_way.links[narrow.hops[1].link.index()].capacity.base() == near(12.5e9));
}

TEST_CASE("the dragonfly of 72 adapters has 36 switches and one cable from each group to every other, in order")
{
  // Kim et al., figure 5: p = h = 2, a = 4. Group 0's switch s has ports to groups 2 s + 1 and 2 s + 2.
  const Fabric fabric = build_fabric(platform_of(9, "dragonfly", "{p: 2, a: 4, h: 2}"));
  CHECK(fabric.routing->switches.size() == 36);
  std::map<std::pair<std::string, int>, int> cables; // switch of group 0, other group -> cables
  for (const Link& link : fabric.links) {
    const Vertex &from = fabric.vertices[link.from.index()], &to = fabric.vertices[link.to.index()];
    if (from.group == 0 && to.group > 0) ++cables[{from.name, to.group}];
  }
  CHECK(cables.size() == 8);
  for (int s = 0; s < 4; ++s)
    for (int port = 0; port < 2; ++port) CHECK(cables[{"group0-s" + std::to_string(s), 2 * s + port + 1}] == 1);
}

TEST_CASE("a dragonfly of 64-port switches joins 261,632 adapters with the published 16,352 switches")
{
  // Balanced: h = p = 16, a = 32: 512 adapters a group, 511 groups of 496 local cables; one cable for each of 511 x 510 / 2 pairs.
  const TopologyForm form = form_of(platform_of(32704, "dragonfly"));
  CHECK(form.switches == 16352);
  CHECK(form.access_cables == 261632);
  CHECK(form.trunk_cables == 511 * 496 + 511 * 510 / 2);
}

TEST_CASE("a 16 x 16 x 16 torus of chips has three cables per chip and a bisection of 512 cables")
{
  // TPU v4: 4,096 chips. Nodes of 4: the first half is the first 8 of 16 planes; 256 lines cross twice each.
  Platform platform = platform_of(1024, "torus", "{dims: [16, 16, 16], of: adapters}");
  platform.node.accelerators = platform.node.adapters.count = 4;
  const TopologyForm form = form_of(platform);
  CHECK(form.switches == 4096);
  CHECK(form.trunk_cables == 3 * 4096);
  CHECK(form.diameter == 25); // 8 hops in each dimension
  CHECK(form.bisection.base() == near(512 * 25e9));
}

TEST_CASE("between rails or planes traffic goes over scale-up links to the accelerator of the right rail first")
{
  for (const std::string kind : {"rail-only", "multi-plane"}) {
    const Fabric fabric = build_fabric(platform_of(4, kind, "tiers: 1"));
    const std::string leaf = kind == "rail-only" ? "rail3-leaf0" : "plane3-leaf0";
    CHECK(way_of(fabric, 0, 11) == Names{"node0/nvswitch", "node0/gpu3", "node0/nic3", leaf, "node1/nic3", "node1/gpu3"});
    CHECK(way_of(fabric, 3, 11) == Names{"node0/nic3", leaf, "node1/nic3", "node1/gpu3"});
    // NVLink 100 + 100, host link 100 + adapter 300, access 100 + switch 200, access 100 + adapter 300, host link 100 ns.
    CHECK(route(fabric, AcceleratorId{0}, AcceleratorId{11}, 0).latency.base() * 1e9 == near(1400));
  }
}

TEST_CASE("two accelerators of one adapter forward for the accelerator in the same place of its own node")
{
  Platform platform = platform_of(2, "rail-only");
  platform.node.adapters.count = 4; // accelerators 6 and 7 use adapter 3
  const Fabric fabric = build_fabric(platform);
  CHECK(way_of(fabric, 0, 14)[1] == "node0/gpu6");
  CHECK(way_of(fabric, 0, 15)[1] == "node0/gpu7");
}

TEST_CASE("dimension order corrects the first coordinate before the second, in a torus and among the accelerators of a node")
{
  const Fabric torus = routed(single(16, "torus", "dims: [4, 4]"), "dimension-order");
  CHECK(way_of(torus, 0, 5) == Names{"node0/nic0", "s0", "s4", "s5", "node5/nic0", "node5/gpu0"});
  // Half-way round both ways are equally long: up from even coordinates, down from odd ones.
  CHECK(way_of(torus, 0, 10) == Names{"node0/nic0", "s0", "s4", "s8", "s9", "s10", "node10/nic0", "node10/gpu0"});
  CHECK(way_of(torus, 5, 15) == Names{"node5/nic0", "s5", "s1", "s13", "s12", "s15", "node15/nic0", "node15/gpu0"});
  Platform chips = platform_of(1, "none");
  chips.node.scaleup = "torus";
  chips.node.accelerators = 16;
  chips.node.scaleup_settings = settings_text("dims: [4, 4]");
  CHECK(way_of(routed(chips, "dimension-order"), 0, 10) == Names{"node0/gpu4", "node0/gpu8", "node0/gpu9", "node0/gpu10"});
}

TEST_CASE("under dimension order a shift by half a torus loads every cable alike")
{
  // (x, y) to (x + 2, y + 2) in 4 x 4: of the four on a line, two go up over two cables each, two down: one flow on every cable.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> flows;
  for (std::uint32_t x = 0; x < 4; ++x)
    for (std::uint32_t y = 0; y < 4; ++y) flows.emplace_back(4 * x + y, 4 * ((x + 2) % 4) + (y + 2) % 4);
  CHECK(worst_trunk(routed(single(16, "torus", "dims: [4, 4]"), "dimension-order"), flows) == 1.0);
}

TEST_CASE("dimension order spreads destinations over parallel cables")
{
  const Fabric fabric = routed(platform_of(4, "torus", "{dims: [4], links: 2}"), "dimension-order");
  std::set<std::uint32_t> cables;
  for (std::uint32_t to = 8; to < 16; ++to) cables.insert(route(fabric, AcceleratorId{0}, AcceleratorId{to}, 0).hops[2].link.value);
  CHECK(cables.size() == 2);
}

TEST_CASE("valiant takes every dragonfly flow between groups through exactly one third group, over at most five trunks")
{
  const Fabric fabric = routed(platform_of(9, "dragonfly", "{p: 2, a: 4, h: 2}"), "valiant");
  std::set<int> thirds;
  for (std::uint32_t from = 0; from < 72; from += 5)
    for (std::uint32_t to = 0; to < 72; to += 3) {
      if (same_domain(fabric, AcceleratorId{from}, AcceleratorId{to})) continue;
      std::vector<int> groups; // one after the other
      std::size_t trunks = 0;
      for (const Hop& hop : route(fabric, AcceleratorId{from}, AcceleratorId{to}, 0).hops) {
        const Link& link = fabric.links[hop.link.index()];
        const int group = fabric.vertices[link.to.index()].group;
        if (group >= 0 && fabric.vertices[link.from.index()].group >= 0) ++trunks;
        if (group >= 0 && (groups.empty() || groups.back() != group)) groups.push_back(group);
      }
      CHECK(trunks <= 5);
      REQUIRE(groups.size() == 3);
      if (from == 0) thirds.insert(groups[1]);
    }
  CHECK(thirds.size() >= 5); // 21 draws from 7
}

TEST_CASE("valiant spreads what would meet on the one cable between two groups")
{
  // Node n is group n: all 8 adapters of group 0 send to group 1 over one cable, or over up to 7 other groups.
  const Platform platform = platform_of(9, "dragonfly", "{p: 2, a: 4, h: 2}");
  std::vector<std::pair<std::uint32_t, std::uint32_t>> flows;
  for (std::uint32_t a = 0; a < 8; ++a) flows.emplace_back(a, a + 8);
  CHECK(worst_trunk(routed(platform, "deterministic"), flows) == 8.0);
  CHECK(worst_trunk(routed(platform, "valiant"), flows) <= 4.0);
}

TEST_CASE("every kind has a table and pictures, and a view that accounts for every cable")
{
  for (const int nodes : {4, 16})
    for (const Platform& platform : machines(nodes)) {
      CAPTURE(platform.fabric.kind.c_str());
      CAPTURE(nodes);
      const Fabric fabric = build_fabric(platform);
      const FabricSummary summary = summarize(fabric, platform);
      const TopologyForm form = form_of(platform);
      CHECK(to_text(summary).find("fabric " + std::string(platform.fabric.kind)) == 0);
      std::int64_t drawn = 0;
      for (const ViewEdge& edge : make_view(fabric, 8, 16).edges) drawn += edge.cables;
      CHECK(drawn == form.access_cables + form.trunk_cables);
      const std::string svg = to_svg(fabric, summary, "machine"), dot = to_dot(fabric, summary);
      CHECK(svg.ends_with("</svg>\n"));
      CHECK(svg.find("nan") == std::string::npos);
      CHECK(svg.size() < 400000);
      CHECK(std::count(dot.begin(), dot.end(), '{') == std::count(dot.begin(), dot.end(), '}'));
    }
  for (const char* scaleup : {"full-mesh", "torus"}) {
    Platform platform = platform_of(1, "none");
    platform.node.scaleup = scaleup;
    platform.node.chip.scaleup_links = 7;
    const Fabric fabric = build_fabric(platform);
    CHECK(to_svg(fabric, summarize(fabric, platform), "node").ends_with("</svg>\n"));
  }
}

TEST_CASE("a machine too large for either says that its bisection is not known rather than zero")
{
  // 2,000 of 2,048 nodes leave the last group short, so the closed form claims none.
  const Platform platform = platform_of(2000, "dragonfly");
  CHECK(to_text(summarize(build_fabric(platform), platform)).find("not known") != std::string::npos);
}

TEST_CASE("full meshes deal a chip's links evenly and refuse chips with too few")
{
  Platform platform = platform_of(1, "none");
  platform.node.scaleup = "full-mesh";
  platform.node.chip.scaleup_links = 15; // two to each of seven others, one left over
  const Fabric fabric = build_fabric(platform);
  CHECK(route(fabric, AcceleratorId{0}, AcceleratorId{7}, 0).hops.size() == 1);
  CHECK(fabric.links[route(fabric, AcceleratorId{0}, AcceleratorId{7}, 0).hops[0].link.index()].capacity.base() == near(50e9));
  platform.node.chip.scaleup_links = 6;
  CHECK(refusal_of(platform).find("needs chips with 7 scale-up links") != std::string::npos);
}

TEST_CASE("a torus of accelerators runs every dimension at its own rate")
{
  Platform platform = platform_of(1, "none");
  platform.node.scaleup = "torus";
  platform.node.accelerators = 64;
  platform.node.scaleup_settings = settings_text("{dims: [4, 4, 4], rates: [12.5 GB/s, 25 GB/s, 20 GB/s]}");
  const Fabric fabric = build_fabric(platform);
  const auto rate_to = [&](std::uint32_t to) {
    return fabric.links[route(fabric, AcceleratorId{0}, AcceleratorId{to}, 0).hops.at(0).link.index()].capacity.base();
  };
  CHECK(rate_to(16) == near(12.5e9)); // the first dimension is the slowest to count
  CHECK(rate_to(4) == near(25e9));
  CHECK(rate_to(1) == near(20e9));
  const auto refused = [&](const char* settings) {
    platform.node.scaleup_settings = settings_text(settings);
    return refusal_of(platform);
  };
  CHECK(refused("{dims: [4, 4, 4], rates: [25 GB/s]}").find("give one for each") != std::string::npos);
  CHECK(refused("{dims: [8, 8], rates: [25 GB/s, 26 GB/s]}").find("at most the 25 GB/s of nvlink") != std::string::npos);
}

TEST_CASE("dies of a package talk directly, packages over the switch")
{
  Platform platform = platform_of(1, "none");
  platform.node.scaleup = "packages";
  platform.node.scaleup_settings = settings_text("{dies: 2, bandwidth: 270 GB/s, latency: 40 ns}");
  const Fabric fabric = build_fabric(platform);
  const Route mate = route(fabric, AcceleratorId{2}, AcceleratorId{3}, 0), other = route(fabric, AcceleratorId{3}, AcceleratorId{4}, 0);
  REQUIRE(mate.hops.size() == 1);
  CHECK(fabric.links[mate.hops[0].link.index()].capacity.base() == near(270e9));
  CHECK(mate.latency.base() == near(40e-9));
  REQUIRE(other.hops.size() == 2);
  CHECK(fabric.links[other.hops[0].link.index()].capacity.base() == near(6 * 25e9));
  platform.node.scaleup_settings = settings_text("{dies: 3, bandwidth: 270 GB/s}");
  CHECK(refusal_of(platform).find("no whole packages of 3") != std::string::npos);
}

TEST_CASE("pairs that leave an accelerator out, stand twice or need too many links are refused")
{
  Platform platform = platform_of(1, "none");
  platform.node.scaleup = "pairs";
  platform.node.accelerators = 3;
  const auto refused = [&](const char* settings) {
    platform.node.scaleup_settings = settings_text(settings);
    return refusal_of(platform);
  };
  CHECK(refused("pairs: [{a: 0, b: 1}, {a: 1, b: 2, links: 5}]").empty());
  CHECK(refused("pairs: [{a: 0, b: 1}]").find("0 and 2 are not joined") != std::string::npos);
  CHECK(refused("pairs: [{a: 0, b: 1}, {a: 1, b: 0}]").find("stands twice") != std::string::npos);
  CHECK(refused("pairs: [{a: 0, b: 3}]").find("different accelerators below 3") != std::string::npos);
  CHECK(refused("pairs: [{a: 1, b: 1}]").find("different accelerators") != std::string::npos);
  CHECK(refused("pairs: [{a: 0, b: 1}, {a: 1, b: 2, links: 6}]").find("accelerator 1 has 7 links") != std::string::npos);
}

TEST_CASE("grids, dragonflies and leaves that do not fit are refused with what to do")
{
  const auto refused = [](int nodes, const char* kind, const char* settings, int ports = 64) {
    return refusal_of(platform_of(nodes, kind, settings, ports));
  };
  CHECK(refused(8, "torus", "dims: [3, 3]").find("make the dims multiply to 8") != std::string::npos);
  CHECK(refused(9, "torus", "{dims: [3, 3], wrap: [true]}").find("one for each dimension") != std::string::npos);
  CHECK(refused(8, "torus", "dims: [0, 3]").find("at least 1") != std::string::npos);
  CHECK(refused(8, "torus", "dims: [100000, 100000, 100000]").find("use smaller ones") != std::string::npos);
  CHECK(refused(8, "torus", "links: 40").find("ports") != std::string::npos);
  CHECK(refused(3, "hyperx", "dims: [5, 1]").find("do not share evenly") != std::string::npos);
  CHECK(refused(16, "hyperx", "dims: [4, 4]", 12).find("needs 14 ports") != std::string::npos);
  CHECK(refused(9, "dragonfly", "{p: 2, a: 2, h: 1}").find("join at most 3") != std::string::npos);
  CHECK(refused(9, "dragonfly", "{p: 30, a: 30, h: 30}").find("needs 89 ports") != std::string::npos);
  CHECK(refused(9, "dragonfly-plus", "{p: 60, spines: 30}").find("a leaf needs 90 ports") != std::string::npos);
  CHECK(refused(9, "rail-only", "tiers: 1", 8).find("use more tiers") != std::string::npos);
  CHECK(refused(9, "dual-tor", "{segment-nodes: 100, uplinks: 60}").find("lower segment-nodes") != std::string::npos);
  CHECK(refused(9, "dragonfly", "{p: 1, a: 30000, h: 30000, groups: 1000000}", 65536).find("can be simulated") != std::string::npos);
  CHECK(refused(9, "dragonfly-plus", "{h: 30000, groups: 1000000}", 65536).find("can be simulated") != std::string::npos);
  CHECK(refused(2048, "hyperx", "dims: [16384]", 65536).find("can be simulated") != std::string::npos);
  CHECK(refused(9, "dual-tor", "uplinks: 64").find("ports") != std::string::npos);
}
