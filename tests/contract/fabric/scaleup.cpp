// Every scale-up kind: counts, diameter and bisection as its closed form says, every pair routed inside the domain.
#include "approx.hpp"
#include "fabric/cut.hpp"
#include "fabric/small_platforms.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace weft;

namespace {

struct NodeShape {
  int accelerators, links;
  const char* settings = "";
};

/// A single node of that shape, or nothing when the kind refuses it.
std::optional<Platform> node_platform(const ScaleupKind& kind, NodeShape shape)
{
  Platform platform = platform_of(1, "none");
  platform.node.scaleup = kind.name;
  platform.node.accelerators = shape.accelerators;
  platform.node.chip.scaleup_links = shape.links;
  platform.node.scaleup_settings = settings_text(shape.settings);
  if (!refusal_of(platform).empty()) return std::nullopt;
  return platform;
}

/// Cables inside the domain that end at a switch or bridge, and those that do not.
std::pair<std::int64_t, std::int64_t> count_cables(const Fabric& fabric)
{
  std::int64_t to_switch = 0, direct = 0;
  const auto in_domain = [&](VertexId v) {
    const ScaleupDomain& domain = fabric.domains.front();
    return fabric.vertices[v.index()].kind == VertexKind::accelerator ||
           std::find(domain.inner.begin(), domain.inner.end(), v) != domain.inner.end();
  };
  for (std::size_t l = 0; l < fabric.links.size(); l += 2) {
    const Link& link = fabric.links[l];
    if (!in_domain(link.from) || !in_domain(link.to)) continue;
    const bool between = fabric.vertices[link.from.index()].kind == VertexKind::accelerator &&
                         fabric.vertices[link.to.index()].kind == VertexKind::accelerator;
    ++(between ? direct : to_switch);
  }
  return {to_switch, direct};
}

/// Devices a route passes between its ends; checks that it is a chain over links inside the domain.
int passed_on(const Fabric& fabric, AcceleratorId a, AcceleratorId b)
{
  const Route way = route(fabric, a, b, 7);
  VertexId at = fabric.accelerators[a.index()];
  Seconds latency;
  for (const Hop& hop : way.hops) {
    const Link& link = fabric.links[hop.link.index()];
    REQUIRE(link.from == at);
    CHECK(hop.share == 1.0);
    CHECK(fabric.vertices[link.to.index()].kind != VertexKind::adapter);
    latency += link.latency;
    at = link.to;
  }
  CHECK(at == fabric.accelerators[b.index()]);
  CHECK(way.latency.base() == near(latency.base()));
  return static_cast<int>(way.hops.size()) - 1;
}

} // namespace

TEST_CASE("every scale-up kind builds what its closed form says and routes every pair of accelerators")
{
  for (const ScaleupKind* kind : scaleup_kinds()) {
    int built = 0;
    for (const NodeShape shape : {NodeShape{1, 6},
                                  {2, 4},
                                  {4, 12},
                                  {8, 4},
                                  {8, 6},
                                  {8, 18},
                                  {16, 6},
                                  {72, 18},
                                  {5, 4},
                                  {8, 7},
                                  {16, 6, "dims: [4, 4]"},
                                  {16, 6, "{dims: [4, 4], wrap: [true, false]}"},
                                  {64, 6, "dims: [4, 4, 4]"},
                                  {15, 4, "dims: [3, 5]"},
                                  {16, 8, "{dims: [2, 8], links: 2}"},
                                  {12, 4, "{dims: [3, 4], wrap: [false, false]}"},
                                  {64, 6, "{dims: [4, 4, 4], rates: [25 GB/s, 25 GB/s, 12.5 GB/s]}"},
                                  {16, 4, "{dims: [1, 4, 4], rates: [25 GB/s, 5 GB/s, 25 GB/s]}"},
                                  {15, 4, "{dims: [3, 5], rates: [5 GB/s, 25 GB/s]}"},
                                  {8, 7, "{dies: 2, bandwidth: 200 GB/s}"},
                                  {6, 2, "{dies: 2, bandwidth: 200 GB/s, latency: 50 ns}"},
                                  {4, 1, "{dies: 4, bandwidth: 200 GB/s}"},
                                  {4, 5, "pairs: [{a: 0, b: 1, links: 4}, {a: 2, b: 3, links: 4}, {a: 1, b: 2}]"},
                                  {5, 2, "pairs: [{a: 0, b: 4}, {a: 4, b: 2}, {a: 2, b: 1}, {a: 1, b: 3}]"}}) {
      const std::optional<Platform> platform = node_platform(*kind, shape);
      if (!platform) continue;
      ++built;
      CAPTURE(kind->name);
      CAPTURE(shape.accelerators);
      CAPTURE(shape.links);
      CAPTURE(shape.settings);
      const Fabric fabric = build_fabric(*platform);
      const TopologyForm form = kind->form(platform->node);
      REQUIRE(fabric.domains.size() == 1);
      CHECK(fabric.domains.front().members.size() == static_cast<std::size_t>(shape.accelerators));
      CHECK(static_cast<std::int64_t>(fabric.domains.front().inner.size()) == form.switches);
      CHECK(count_cables(fabric) == std::pair{form.access_cables, form.trunk_cables});
      CHECK(domain_bisection(fabric, fabric.domains.front()).base() == near(form.bisection.base()));
      int diameter = 0;
      for (std::size_t a = 0; a < fabric.accelerators.size(); ++a)
        for (std::size_t b = 0; b < fabric.accelerators.size(); ++b)
          if (a != b) diameter = std::max(diameter, passed_on(fabric, id_of<AcceleratorId>(a), id_of<AcceleratorId>(b)));
      CHECK(diameter == form.diameter);
    }
    CHECK_MESSAGE(built > 0, "no node shape of this test suits scale-up kind ", kind->name);
  }
}

TEST_CASE("every scale-up kind with a switch routes each accelerator to it and back over one link")
{
  for (const ScaleupKind* kind : scaleup_kinds())
    for (const NodeShape shape : {NodeShape{8, 6}, {16, 6}}) {
      const std::optional<Platform> platform = node_platform(*kind, shape);
      if (!platform) continue;
      const Fabric fabric = build_fabric(*platform);
      if (!fabric.domains.front().has_switch) continue;
      for (const AcceleratorId a : fabric.domains.front().members) {
        const Route up = route_to_switch(fabric, a), down = route_from_switch(fabric, a);
        REQUIRE(up.hops.size() == 1);
        REQUIRE(down.hops.size() == 1);
        CHECK(fabric.links[up.hops[0].link.index()].to == fabric.domains.front().switch_vertex);
        CHECK(fabric.links[down.hops[0].link.index()].to == fabric.accelerators[a.index()]);
      }
    }
}

TEST_CASE("every scale-up kind names itself, its source, and refuses settings it does not know")
{
  for (const ScaleupKind* kind : scaleup_kinds()) {
    CAPTURE(kind->name);
    CHECK(std::string(kind->summary).size() > 10);
    CHECK(std::string(kind->source).size() > 5);
    for (const NodeShape shape : {NodeShape{8, 6}, {8, 18}}) {
      std::optional<Platform> platform = node_platform(*kind, shape);
      if (!platform) continue;
      platform->node.scaleup_settings = settings_text("no_such_key: 1");
      CHECK(refusal_of(*platform).find("no_such_key") != std::string::npos);
    }
  }
}
