// Every scale-out kind under every routing kind: counts, diameter and bisection as the closed form says, every pair routed, every cut
// of a route carries the whole of it.
#include "approx.hpp"
#include "fabric/cut.hpp"
#include "fabric/routing.hpp"
#include "fabric/routing_table.hpp"
#include "fabric/small_platforms.hpp"
#include "fabric/summary.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>

using namespace weft;

namespace {

/// A ring of as many switches as nodes, every node's adapters on its own switch.
std::string ring_settings(int nodes)
{
  std::string text = "switches:\n";
  for (int n = 0; n < nodes; ++n) text += "  - {name: s" + std::to_string(n) + "}\n";
  text += "links:\n";
  for (int n = 0; n < nodes; ++n) {
    for (int k = 0; k < 8; ++k)
      text += "  - {from: node" + std::to_string(n) + "/nic" + std::to_string(k) + ", to: s" + std::to_string(n) + "}\n";
    if (nodes > 2 || n + 1 < nodes)
      text += "  - {from: s" + std::to_string(n) + ", to: s" + std::to_string((n + 1) % nodes) + ", count: 3}\n";
  }
  return text;
}

/// Platforms of a kind over sizes, radixes and settings; those the kind refuses are left out.
std::vector<Platform> platforms_of(const TopologyKind& kind)
{
  std::vector<Platform> result;
  for (const int nodes : {1, 2, 3, 4, 7, 16, 33})
    for (const int ports : {16, 24, 40, 64})
      for (const std::string& settings : {std::string(),
                                          std::string("tiers: 2"),
                                          std::string("tiers: 3"),
                                          std::string("oversubscription: 3"),
                                          std::string("{tiers: 3, oversubscription: 2, spine-oversubscription: 3}"),
                                          std::string("unit-nodes: 3"),
                                          std::string("{leaves: 4, spines: 2, uplinks: 3}"),
                                          std::string("{leaves: 1, spines: 0}"),
                                          ring_settings(nodes),
                                          std::string("dims: [4, 4]"),
                                          std::string("dims: [2, 2]"),
                                          std::string("{dims: [3, 11], wrap: [false, true]}"),
                                          std::string("{dims: [2, 8], links: 2}"),
                                          std::string("{dims: [1, 4, 4], of: adapters}"),
                                          std::string("{dims: [8, 4], wrap: [true, false], of: adapters}"),
                                          std::string("{p: 2, a: 4, h: 2}"),
                                          std::string("{p: 4, a: 4, h: 2}"),
                                          std::string("{p: 4, a: 2, h: 3, groups: 7}"),
                                          std::string("{leaves: 4, spines: 4, p: 4, h: 2}"),
                                          std::string("{leaves: 2, spines: 3, p: 4, h: 2}"),
                                          std::string("{segment-nodes: 4, uplinks: 3}"),
                                          std::string("{ports: 4, segment-nodes: 2}"),
                                          std::string("{nodes-per-leaf: 2, oversubscription: 0.5, leaves-per-pod: 4, tiers: 3}"),
                                          std::string("{unit-nodes: 4, pods: rails, tiers: 3}"),
                                          std::string("{matching: ring, blocks: 4}"),
                                          std::string("{matching: torus, dims: [2, 2], block: [2, 4]}"),
                                          std::string("{matching: torus, dims: [4, 1], block: [1, 4], links: 2}"),
                                          std::string("{matching: rotation, ocs-latency: 30 ns}"),
                                          std::string("{matching: rotation, rotations: 1, blocks: 8}"),
                                          std::string("{matching: pairs, blocks: 2, pairs: [{from: 0, to: 1, count: 3}]}")}) {
        Platform platform = platform_of(nodes, kind.name, settings, ports);
        if (refusal_of(platform).empty()) result.push_back(std::move(platform));
      }
  return result;
}

std::int64_t count_cables(const Fabric& fabric, bool access)
{
  std::int64_t count = 0;
  for (std::size_t l = 0; l < fabric.links.size(); l += 2) {
    const VertexKind from = fabric.vertices[fabric.links[l].from.index()].kind, to = fabric.vertices[fabric.links[l].to.index()].kind;
    if (to != VertexKind::network_switch && from != VertexKind::network_switch) continue;
    count += (from == VertexKind::adapter || to == VertexKind::adapter) == access ? 1 : 0;
  }
  return count;
}

/// A route keeps its promises: what enters a vertex leaves it, one unit leaves the source and one reaches the destination, it never comes
/// back to a vertex, and its latency is that of its longest way.
void check_route(const Fabric& fabric, AcceleratorId a, AcceleratorId b, const Route& way)
{
  const VertexId source = fabric.accelerators[a.index()], sink = fabric.accelerators[b.index()];
  std::map<VertexId, double> entering{{source, 1}}, leaving{{sink, 1}};
  std::map<VertexId, Seconds> latest{{source, Seconds(0)}};
  std::set<LinkId> used;
  for (const Hop& hop : way.hops) {
    const Link& link = fabric.links[hop.link.index()];
    REQUIRE(latest.contains(link.from)); // hops come in order of travel
    CHECK(used.insert(hop.link).second); // a link appears once
    leaving[link.from] += hop.share;
    entering[link.to] += hop.share;
    latest[link.to] = std::max(latest[link.to], latest[link.from] + link.latency);
  }
  CHECK(entering.size() == leaving.size());
  for (const auto& [vertex, sum] : entering) CHECK(sum == near(leaving[vertex]));
  CHECK(way.latency.base() == near(latest.at(sink).base()));
}

} // namespace

TEST_CASE("every scale-out kind builds the switches, cables, diameter and bisection of its closed form")
{
  for (const TopologyKind* kind : topology_kinds()) {
    const std::vector<Platform> platforms = platforms_of(*kind);
    CHECK_MESSAGE(!platforms.empty(), "no platform of this test suits scale-out kind ", kind->name);
    for (const Platform& platform : platforms) {
      CAPTURE(kind->name);
      CAPTURE(platform.nodes);
      CAPTURE(platform.fabric.switch_model.ports);
      CAPTURE(to_yaml(platform.fabric.settings));
      const Fabric fabric = build_fabric(platform);
      const TopologyForm form = kind->form(platform);
      CHECK(static_cast<std::int64_t>(fabric.routing->switches.size()) == form.switches);
      CHECK(count_cables(fabric, true) == form.access_cables);
      CHECK(count_cables(fabric, false) == form.trunk_cables);
      const FabricSummary summary = summarize(fabric, platform);
      if (form.diameter > 0) CHECK(summary.diameter == form.diameter);
      if (form.bisection > Bandwidth(0)) CHECK(network_bisection(fabric).base() == near(form.bisection.base()));
      for (const TierSummary& tier : summary.tiers) CHECK(tier.most_used <= tier.ports);
    }
  }
}

TEST_CASE("every scale-out kind but listed graphs claims a diameter and a bisection for some machine")
{
  for (const TopologyKind* kind : topology_kinds()) {
    if (std::set<std::string>{"graph", "none"}.contains(kind->name)) continue;
    int diameters = 0, bisections = 0;
    for (const Platform& platform : platforms_of(*kind)) {
      const TopologyForm form = kind->form(platform);
      diameters += form.diameter > 0 && platform.nodes > 1 ? 1 : 0;
      bisections += form.bisection > Bandwidth(0) ? 1 : 0;
    }
    CAPTURE(kind->name);
    CHECK(diameters > 0);
    CHECK(bisections > 0);
  }
}

TEST_CASE("every scale-out kind routes every pair of nodes whole, under every routing kind")
{
  for (const TopologyKind* kind : topology_kinds())
    for (const RoutingKind* routing : routing_kinds())
      for (Platform platform : platforms_of(*kind)) {
        if (platform.nodes > 7) continue;
        platform.routing = routing->name;
        CAPTURE(kind->name);
        CAPTURE(routing->name);
        CAPTURE(platform.nodes);
        CAPTURE(to_yaml(platform.fabric.settings));
        const Fabric fabric = build_fabric(platform);
        for (std::size_t a = 0; a < fabric.accelerators.size(); a += 3)
          for (std::size_t b = 0; b < fabric.accelerators.size(); b += 5) {
            const AcceleratorId from = id_of<AcceleratorId>(a), to = id_of<AcceleratorId>(b);
            if (a != b) check_route(fabric, from, to, route(fabric, from, to, a + b));
          }
      }
}

TEST_CASE("under every routing kind the same question has the same answer")
{
  for (const RoutingKind* routing : routing_kinds()) {
    Platform platform = platform_of(16, "fat-tree", "tiers: 3", 40);
    platform.routing = routing->name;
    const Fabric once = build_fabric(platform), again = build_fabric(platform);
    for (std::uint32_t a = 0; a < 128; a += 7) {
      const Route first = route(once, AcceleratorId{a}, AcceleratorId{127 - a}, 5),
                  second = route(again, AcceleratorId{a}, AcceleratorId{127 - a}, 5);
      REQUIRE(first.hops.size() == second.hops.size());
      for (std::size_t h = 0; h < first.hops.size(); ++h) CHECK(first.hops[h].link == second.hops[h].link);
    }
  }
}

TEST_CASE("every scale-out kind names itself, its source, and refuses settings it does not know")
{
  for (const TopologyKind* kind : topology_kinds()) {
    CAPTURE(kind->name);
    CHECK(std::string(kind->summary).size() > 10);
    CHECK(std::string(kind->source).size() > 5);
    CHECK(refusal_of(platform_of(1, kind->name, "no_such_key: 1")).find("no_such_key") != std::string::npos);
  }
}

TEST_CASE("a machine of 128 nodes has one bisection by closed form and by maximum flow, whatever the kind")
{
  // 1,024 adapters of 25 GB/s, non-blocking: half of them send 512 x 25 GB/s = 12.8 TB/s.
  for (const char* kind : {"fat-tree", "rail-optimized"}) {
    const Platform platform = platform_of(128, kind);
    const FabricSummary summary = summarize(build_fabric(platform), platform);
    REQUIRE(summary.computed_bisection.has_value());
    CHECK(summary.computed_bisection->base() == near(12.8e12));
    CHECK(summary.bisection.base() == near(12.8e12));
    CHECK(summary.full_bisection.base() == near(12.8e12));
  }
}
