// What `weft topo` says of a machine, and its pictures.
#include "approx.hpp"
#include "fabric/cut.hpp"
#include "fabric/drawing.hpp"
#include "fabric/drawing_view.hpp"
#include "fabric/small_platforms.hpp"
#include "fabric/summary.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace weft;

namespace {

const TierSummary& tier_of(const FabricSummary& summary, int tier)
{
  return *std::find_if(summary.tiers.begin(), summary.tiers.end(), [&](const TierSummary& t) { return t.tier == tier; });
}

const CableSummary& cable_of(const FabricSummary& summary, const std::string& name)
{
  return *std::find_if(summary.cables.begin(), summary.cables.end(), [&](const CableSummary& c) { return c.name == name; });
}

std::size_t count_of(const std::string& text, const std::string& what)
{
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) ++count;
  return count;
}

} // namespace

TEST_CASE("the summary of an oversubscribed fat-tree gives ports in use, oversubscription, cables and their power")
{
  // 64 ports, 3 : 1: 6 nodes (48 adapters) and 16 uplinks per leaf. 20 nodes: leaves of 6, 6, 6 and 2 nodes. Spines: 16 cables over
  // c with 4 x c <= 64: c = 16, one spine with all 64 ports in use.
  const Platform platform = platform_of(20, "fat-tree", "oversubscription: 3");
  const FabricSummary summary = summarize(build_fabric(platform), platform);
  CHECK(summary.switches == 5);
  CHECK(tier_of(summary, 1).most_used == 64);
  CHECK(tier_of(summary, 1).least_used == 32); // 16 adapters, 16 uplinks
  CHECK(tier_of(summary, 1).oversubscription == near(160.0 / 64));
  CHECK(tier_of(summary, 2).switches == 1);
  CHECK(tier_of(summary, 2).least_used == 64);
  CHECK(tier_of(summary, 2).oversubscription == 0);
  CHECK(cable_of(summary, "nic").cables == 160);
  CHECK(cable_of(summary, "leaf-spine").cables == 64);
  CHECK(cable_of(summary, "leaf-spine").power.base() == near(128));
  CHECK(cable_of(summary, "leaf-spine").price.base() == near(6400));
  CHECK(cable_of(summary, "nvlink").links == 160);
  CHECK(cable_of(summary, "nvlink").cables == 960); // 6 per accelerator
  CHECK(cable_of(summary, "nvlink").power.base() == near(1920));
  // 10 nodes each side. First: leaf 0 (6), 4 of leaf 1; second: 2 of leaf 1, leaf 2 (6), leaf 3 (2). With the spine on the first side
  // the second pays min(access, uplinks): leaf 1 its 16 adapters, leaf 2 its 16 uplinks, leaf 3 its 16 adapters: 48 x 25 GB/s.
  // With the spine on the second: leaf 0 16, leaf 1 16 uplinks + 16 of the second's adapters or 32: 16 + 32 = 48, the same.
  CHECK(summary.bisection.base() == near(48 * 25e9));
  CHECK(summary.full_bisection.base() == near(80 * 25e9));
}

TEST_CASE("a ring of four switches has a computed bisection of two trunks and a diameter of three")
{
  Platform platform = platform_of(4, "graph",
                                  "{switches: [{name: a}, {name: b}, {name: c}, {name: d}], links: [{from: node0/nic0, to: a}, {from: "
                                  "node1/nic0, to: b}, {from: node2/nic0, to: c}, "
                                  "{from: node3/nic0, to: d}, {from: a, to: b, bandwidth: 10 GB/s}, {from: b, to: c, bandwidth: 10 GB/s}, "
                                  "{from: c, to: d, bandwidth: 10 GB/s}, {from: d, to: a, bandwidth: 10 GB/s}]}");
  platform.node.adapters.count = 1;
  const FabricSummary summary = summarize(build_fabric(platform), platform);
  CHECK(summary.bisection.base() == near(20e9)); // b-c and d-a, against 2 x 25 GB/s of access
  CHECK(summary.diameter == 3);
}

TEST_CASE("the smallest cut sees a single narrow link")
{
  Platform platform = platform_of(2, "graph",
                                  "{switches: [{name: a}, {name: b}], links: [{from: node0/nic0, to: a}, {from: node1/nic0, to: b}, {from: "
                                  "a, to: b, bandwidth: 3 GB/s, count: 2}]}");
  platform.node.adapters.count = 1;
  CHECK(network_bisection(build_fabric(platform)).base() == near(6e9));
}

TEST_CASE("a single node has neither diameter nor bisection of a network")
{
  const Platform platform = platform_of(1, "none");
  const FabricSummary summary = summarize(build_fabric(platform), platform);
  CHECK(summary.switches == 0);
  CHECK(summary.diameter == 0);
  CHECK(summary.bisection.base() == 0);
  CHECK(to_text(summary).find("bisection") == std::string::npos);
}

TEST_CASE("the table names every tier with its ports and every class of cable")
{
  const Platform platform = platform_of(512, "fat-tree");
  const std::string text = to_text(summarize(build_fabric(platform), platform));
  for (const char* word : {"leaf switches", "spine switches", "core switches", "leaf-spine", "spine-core", "nic", "nvlink", "pcie",
                           "51.2 TB/s one way", "5 switches"}) {
    CAPTURE(word);
    CHECK(text.find(word) != std::string::npos);
  }
}

TEST_CASE("a view accounts for every cable of the network, shown or gathered")
{
  for (const int nodes : {2, 8, 128}) {
    const Platform platform = platform_of(nodes, "rail-optimized");
    const FabricSummary summary = summarize(build_fabric(platform), platform);
    const View view = make_view(build_fabric(platform), 8, 16);
    std::int64_t drawn = 0;
    for (const ViewEdge& edge : view.edges) drawn += edge.cables;
    CHECK(drawn == cable_of(summary, "nic").cables + cable_of(summary, "leaf-spine").cables);
    std::int64_t shown = view.hidden_nodes;
    for (const int node : view.nodes) shown += node >= 0 ? 1 : 0;
    CHECK(shown == nodes);
  }
}

TEST_CASE("pictures draw small machines whole and say how many nodes a big one has besides those drawn")
{
  const Platform small = platform_of(4, "fat-tree"), big = platform_of(128, "rail-optimized");
  const Fabric few = build_fabric(small), many = build_fabric(big);
  const std::string small_svg = to_svg(few, summarize(few, small), "small"), big_svg = to_svg(many, summarize(many, big), "big");
  for (int node = 0; node < 4; ++node) CHECK(small_svg.find(">node " + std::to_string(node) + "<") != std::string::npos);
  CHECK(small_svg.find("more nodes") == std::string::npos);
  CHECK(big_svg.find(">+ 121<") != std::string::npos); // nodes 0 to 4, 126 and 127 are drawn
  CHECK(big_svg.size() < 200000);
  const std::string dot = to_dot(many, summarize(many, big));
  CHECK(dot.find("... 121 more nodes") != std::string::npos);
  CHECK(count_of(dot, "subgraph \"cluster_node") == 7);
  CHECK(count_of(dot, "{") == count_of(dot, "}"));
}

TEST_CASE("a picture marks a degraded link and escapes what a user wrote")
{
  const Platform platform = platform_of(
      2, "graph", "{switches: [{name: '<a&\"b>'}], links: [{from: node0/nic0, to: '<a&\"b>'}, {from: node1/nic0, to: '<a&\"b>'}]}");
  Platform one = platform;
  one.node.adapters.count = 1;
  const Fabric whole = build_fabric(one), broken = build_fabric(one, {{}, {{"node0/nic0", "<a&\"b>", 0.5}}});
  const std::string svg = to_svg(broken, summarize(broken, one), "R&D");
  CHECK(svg.find("&lt;a&amp;&quot;b&gt;") != std::string::npos);
  CHECK(svg.find("R&amp;D") != std::string::npos);
  CHECK(svg.find(">degraded<") != std::string::npos);
  CHECK(to_svg(whole, summarize(whole, one), "").find(">degraded<") == std::string::npos);
  CHECK(to_dot(broken, summarize(broken, one)).find("\"<a&\\\"b>\"") != std::string::npos);
}
