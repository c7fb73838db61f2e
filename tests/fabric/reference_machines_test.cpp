// Machines whose numbers of switches and cables their makers publish.
#include "approx.hpp"
#include "fabric/small_platforms.hpp"
#include "fabric/summary.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace weft;

namespace {

/// Cables of one class, "leaf-spine" say.
std::int64_t cables_of(const Fabric& fabric, const std::string& name)
{
  std::int64_t count = 0;
  for (std::size_t l = 0; l < fabric.links.size(); l += 2) count += fabric.media[fabric.links[l].medium].name == name + " up" ? 1 : 0;
  return count;
}

/// Most ports a switch of a tier uses.
std::size_t most_ports(const Fabric& fabric, int tier)
{
  std::size_t most = 0;
  for (std::size_t v = 0; v < fabric.vertices.size(); ++v)
    if (fabric.vertices[v].kind == VertexKind::network_switch && fabric.vertices[v].tier == tier)
      most = std::max<std::size_t>(most, fabric.first_out[v + 1] - fabric.first_out[v]);
  return most;
}

struct Row {
  int nodes;
  std::int64_t leaves, spines, cores;
};

void check_row(const Row& row, const std::string& settings, int ports)
{
  CAPTURE(row.nodes);
  CAPTURE(ports);
  const Fabric fabric = build_fabric(platform_of(row.nodes, "rail-optimized", settings, ports));
  CHECK(switches_of_tier(fabric, 1) == row.leaves);
  CHECK(switches_of_tier(fabric, 2) == row.spines);
  CHECK(switches_of_tier(fabric, 3) == row.cores);
}

} // namespace

TEST_CASE("scalable units of 32 nodes have the switches of the H100 and B200 SuperPOD, from one unit to 64")
{
  // Nodes, leaves, spines, cores of the compute fabric (DGX SuperPOD reference architecture, B200; H100 for 32 and 127 nodes):
  // units of 32 nodes, 8 leaves each, QM9700 with 64 ports.
  for (const Row row : {Row{32, 8, 4, 0},
                        {64, 16, 8, 0},
                        {127, 32, 16, 0},
                        {128, 32, 16, 0},
                        {256, 64, 32, 0},
                        {512, 128, 128, 64},
                        {1024, 256, 256, 128},
                        {2048, 512, 512, 256}})
    check_row(row, "", 64);
}

TEST_CASE("scalable units of 72 nodes have the switches of the B300 SuperPOD")
{
  // DGX SuperPOD reference architecture, B300 XDR: Q3400 with 144 ports, 8 leaves per unit.
  for (const Row row : {Row{72, 8, 4, 0}, {288, 32, 18, 0}, {576, 64, 36, 0}}) check_row(row, "", 144);
}

TEST_CASE("seven scalable units of 20 nodes have the switches of the A100 SuperPOD, their rails joined by cores")
{
  // 140 nodes of 8 adapters on QM8700 with 40 ports: 7 units x 8 leaves; the 7 leaves of a rail share 10 spines, two cables each
  // (20 uplinks); a spine has 14 cables up, one to each of the 14 cores that it shares with 39 others: 80 x 14 / 40 = 28 cores.
  check_row({140, 56, 80, 28}, "{unit-nodes: 20, pods: rails}", 40);
  // Fewer units fit two tiers: 1 to 5 units have at most 40 leaves. One unit: 8 leaves x 20 uplinks over spines with 40 ports: 4.
  check_row({20, 8, 4, 0}, "{unit-nodes: 20, pods: rails}", 40);
  check_row({80, 32, 20, 0}, "{unit-nodes: 20, pods: rails}", 40);
}

TEST_CASE("a SuperPOD has as many cables on every level as accelerators")
{
  // Non-blocking: "equal per tier" in the reference architecture's cable table.
  const Fabric h100 = build_fabric(platform_of(512, "rail-optimized"));
  for (const char* level : {"nic", "leaf-spine", "spine-core"}) CHECK(cables_of(h100, level) == 4096);
  const Fabric a100 = build_fabric(platform_of(140, "rail-optimized", "{unit-nodes: 20, pods: rails}", 40));
  for (const char* level : {"nic", "leaf-spine", "spine-core"}) CHECK(cables_of(a100, level) == 1120);
  CHECK(most_ports(a100, 1) == 40);
  CHECK(most_ports(a100, 2) == 28);
  CHECK(most_ports(a100, 3) == 40);
}

TEST_CASE("racks of 16, pods of 3,072 and 7 to 1 above them make the RoCE cluster of 24,576 GPUs")
{
  // 3,072 nodes of 8, 2 to a rack: 1,536 racks, 192 to a pod, 8 pods. A rack has 16 cables down and 32 up. A chassis of 288 ports holds one
  // cable of each of 192 racks and ceil(192 / 7) = 28 up, so 32 of them to a pod; above, a core has
  // 36 ports for each pod: two cables from each of 16 spines, so 14 cores for either half of the spines.
  Platform platform =
      platform_of(3072, "fat-tree", "{nodes-per-leaf: 2, oversubscription: 0.5, leaves-per-pod: 192, spine-oversubscription: 7}");
  platform.fabric.spine_switch_model = platform.fabric.switch_model;
  platform.fabric.spine_switch_model.ports = 288;
  platform.fabric.spine_switch_model.latency = Seconds(3.8e-6);
  platform.fabric.spine_switch_model.power = Watts(1000);
  platform.fabric.switch_model.power = Watts(100);
  const Fabric fabric = build_fabric(platform);
  CHECK(fabric.accelerators.size() == 24576);
  CHECK(switches_of_tier(fabric, 1) == 1536);
  CHECK(switches_of_tier(fabric, 2) == 8 * 32);
  CHECK(switches_of_tier(fabric, 3) == 28);
  CHECK(cables_of(fabric, "leaf-spine") == 2 * 24576);
  CHECK(cables_of(fabric, "spine-core") == 8 * 32 * 28);
  const FabricSummary summary = summarize(fabric, platform);
  REQUIRE(summary.tiers.size() == 3);
  CHECK(summary.tiers[0].oversubscription == near(0.5));
  CHECK(summary.tiers[1].oversubscription == near(192.0 / 28)); // 6.86: the nearest to 7 that whole ports allow
  CHECK(summary.switch_power.base() == near(1536 * 100.0 + (256 + 28) * 1000.0));
  // Between pods: four pods' uplinks, 4 x 32 x 28 cables of 25 GB/s.
  CHECK(summary.bisection.base() == near(4 * 32 * 28 * 25e9));
  // Through a chassis costs its latency: adapter 300 + 100 + leaf 200, 100 + 3800, 100 + leaf 200, 100 + adapter 300; host links 400 + 100
  // ns.
  const Route way = route(fabric, AcceleratorId{0}, AcceleratorId{16}, 0);
  CHECK(way.latency.base() * 1e9 == near(400 + 100 + 200 + 100 + 3800 + 100 + 200 + 100 + 300 + 100));
}

TEST_CASE("a matching of 140 cubes makes the torus of 16 x 20 x 28 chips")
{
  // A chip for an adapter, cubes of 4 x 4 x 4, 4 x 5 x 7 of them. Three cables per chip; a cube has 96 fibres on its six faces, so
  // 140 x 48 circuits, the rest electrical: 140 x 3 x 3 x 16.
  Platform platform = platform_of(8960 / 8, "optical-circuit", "{matching: torus, block: [4, 4, 4], dims: [4, 5, 7], ocs-latency: 20 ns}");
  const Fabric fabric = build_fabric(platform);
  CHECK(switches_of_tier(fabric, 1) == 8960);
  CHECK(cables_of(fabric, "circuit") == 140 * 48);
  CHECK(cables_of(fabric, "electrical") == 140 * 144);
  CHECK(summarize(fabric, platform).diameter == 8 + 10 + 14 + 1);
}

TEST_CASE("an oversubscribed fat-tree of k-port switches has the leaves, spines and cores of its closed form where ports divide")
{
  // k = 64 ports, 8 adapters a node, l : 1 at the leaves, s : 1 at the spines: a leaf has 64 l/(l + 1) ports down and u = 64/(l + 1) up, a
  // pod 64 s/(s + 1) leaves and u spines, each with U = 64/(s + 1) cables up. P pods then need P u U / 64 cores, whose ports are all used
  // where P divides 64.
  for (const int leaf : {1, 3})
    for (const int spine : {1, 3})
      for (const int pods : {4, 8}) {
        const int down = 64 * leaf / (leaf + 1), up = 64 - down, leaves = 64 * spine / (spine + 1), spine_up = 64 - leaves;
        CAPTURE(leaf);
        CAPTURE(spine);
        CAPTURE(pods);
        const Fabric fabric = build_fabric(platform_of(pods * leaves * down / 8, "fat-tree",
                                                       "{tiers: 3, oversubscription: " + std::to_string(leaf) +
                                                           ", spine-oversubscription: " + std::to_string(spine) + "}"));
        CHECK(switches_of_tier(fabric, 1) == pods * leaves);
        CHECK(switches_of_tier(fabric, 2) == pods * up);
        CHECK(switches_of_tier(fabric, 3) == pods * up * spine_up / 64);
        for (const int tier : {1, 2, 3}) CHECK(most_ports(fabric, tier) == 64);
      }
}

TEST_CASE("cores of an oversubscribed fat-tree use more than half of their ports, whatever the numbers")
{
  // Cables of a spine are dealt over its cores, so that a number of uplinks that nothing divides wastes no core. 13 pods of 42 leaves with
  // 19 cables up each, say: 64 / 13 = 4 ports of a core for each pod.
  for (const int nodes : {512, 1024, 1500, 2048})
    for (const int leaf : {1, 2, 3, 7})
      for (const int spine : {1, 2, 3, 7}) {
        CAPTURE(nodes);
        CAPTURE(leaf);
        CAPTURE(spine);
        const Fabric fabric = build_fabric(platform_of(nodes, "fat-tree",
                                                       "{tiers: 3, oversubscription: " + std::to_string(leaf) +
                                                           ", spine-oversubscription: " + std::to_string(spine) + "}"));
        const std::int64_t cores = switches_of_tier(fabric, 3), cables = cables_of(fabric, "spine-core");
        REQUIRE(cores > 0);
        CHECK(most_ports(fabric, 3) <= 64);
        CHECK(cores * 64 <= 2 * cables + 64);
      }
}
