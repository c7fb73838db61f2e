// Every scale-out kind at 16,384 end points: the counts of its closed form, and ways between sampled pairs.
#include "approx.hpp"
#include "fabric/large_machines.hpp"
#include "fabric/routing_table.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace weft;

TEST_CASE("every scale-out kind joins 16,384 end points with the counts of its closed form and routes sampled pairs")
{
  for (const TopologyKind* kind : topology_kinds()) {
    const std::optional<Platform> platform = machine_of_16384(kind->name);
    if (!platform) continue;
    CAPTURE(kind->name);
    const Fabric fabric = build_fabric(*platform);
    const TopologyForm form = kind->form(*platform);
    CHECK(fabric.adapters.size() == 16384);
    CHECK(static_cast<std::int64_t>(fabric.routing->switches.size()) == form.switches);
    std::int64_t access = 0, trunks = 0;
    for (std::size_t l = 0; l < fabric.links.size(); l += 2) {
      const VertexKind from = fabric.vertices[fabric.links[l].from.index()].kind, to = fabric.vertices[fabric.links[l].to.index()].kind;
      if (to != VertexKind::network_switch) continue;
      ++(from == VertexKind::adapter ? access : trunks);
    }
    CHECK(access == form.access_cables);
    CHECK(trunks == form.trunk_cables);
    std::mt19937 draw(1);
    for (int pair = 0; pair < 64; ++pair) {
      const AcceleratorId from{static_cast<std::uint32_t>(draw() % 16384)}, to{static_cast<std::uint32_t>(draw() % 16384)};
      if (from == to) continue;
      const Route way = route(fabric, from, to, 0);
      REQUIRE(!way.hops.empty());
      VertexId at = fabric.accelerators[from.index()]; // deterministic routing: one way, link after link
      for (const Hop& hop : way.hops) {
        CHECK(fabric.links[hop.link.index()].from == at);
        CHECK(hop.share == near(1.0));
        at = fabric.links[hop.link.index()].to;
      }
      CHECK(at == fabric.accelerators[to.index()]);
    }
  }
}
