// Each algorithm moves what its paper says: bytes per edge, per adapter and per link to the switch, and its number of dependent steps.
#include "approx.hpp"
#include "collectives/arrangement.hpp"
#include "contract/collectives/shapes.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <map>

using namespace weft;
using namespace weft::test;

namespace {

std::vector<Phase> phases_of(const char* kind, Operation operation, const GroupShape& group)
{
  return find_collective(kind)->phases(operation, group);
}

/// The edges of an algorithm of one phase.
std::vector<Edge> edges_of(const char* kind, Operation operation, const GroupShape& group)
{
  const auto phases = phases_of(kind, operation, group);
  REQUIRE(phases.size() == 1);
  return phases[0].edges;
}

/// Bytes out of and into each vertex over edges between different domains, per byte of payload.
struct Adapters {
  std::vector<double> out, in;
};

Adapters adapters(const std::vector<Phase>& phases, const GroupShape& group)
{
  Adapters result{std::vector<double>(group.members(), 0.0), std::vector<double>(group.members(), 0.0)};
  for (const Phase& phase : phases)
    for (const Edge& edge : phase.edges) {
      if (std::max(edge.from, edge.to) >= group.members() || group.domain[edge.from] == group.domain[edge.to]) continue;
      result.out[edge.from] += edge.bytes_per_byte;
      result.in[edge.to] += edge.bytes_per_byte;
    }
  return result;
}

} // namespace

TEST_CASE("a ring in one domain moves 2(n-1)/n over each of its n edges in 2(n-1) steps")
{
  for (const std::uint32_t n : {2u, 3u, 8u, 72u}) {
    const auto phases = phases_of("ring", Operation::all_reduce, runs(1, n));
    REQUIRE(phases.size() == 1);
    CHECK(phases[0].edges.size() == n);
    for (const Edge& edge : phases[0].edges) CHECK(edge.bytes_per_byte == near(2.0 * (n - 1) / n));
    CHECK(phases[0].scaleup_steps == 2.0 * (n - 1));
    CHECK(phases[0].network_steps == 0);
  }
}

TEST_CASE("reduce-scatter and all-gather are half an all-reduce each")
{
  for (const Operation operation : {Operation::reduce_scatter, Operation::all_gather}) {
    const auto phases = phases_of("ring", operation, runs(4, 1));
    for (const Edge& edge : phases[0].edges) CHECK(edge.bytes_per_byte == near(0.75));
    CHECK(phases[0].network_steps == 3);
    CHECK(phases[0].scaleup_steps == 0);
  }
}

TEST_CASE("rings between nodes of eight use all eight adapters equally, an eighth of the ring's bytes each")
{
  // 16 nodes of 8: n = 128; each ring moves 2 * 127/128 of its eighth over every edge
  const GroupShape group = runs(16, 8);
  const auto phases = phases_of("ring", Operation::all_reduce, group);
  const Adapters load = adapters(phases, group);
  for (std::size_t m = 0; m < 128; ++m) {
    CHECK(load.out[m] == near(2.0 * 127 / 128 / 8));
    CHECK(load.in[m] == near(2.0 * 127 / 128 / 8));
  }
  CHECK(phases[0].network_steps == 2 * 15); // NCCL: 2 (nodes - 1)
  CHECK(phases[0].scaleup_steps == 2 * 127 - 2 * 15);
}

TEST_CASE("rings stay on their rail between nodes; with an odd number of nodes only the last message of a ring leaves it")
{
  for (const std::uint32_t domains : {2u, 3u, 4u, 5u, 16u}) {
    const GroupShape group = runs(domains, 8);
    double off_rail = 0, between = 0;
    for (const Phase& phase : phases_of("ring", Operation::all_gather, group))
      for (const Edge& edge : phase.edges) {
        if (group.domain[edge.from] == group.domain[edge.to]) continue;
        between += edge.bytes_per_byte;
        if (edge.from % 8 != edge.to % 8) off_rail += edge.bytes_per_byte;
      }
    CHECK(off_rail == near(domains % 2 == 0 ? 0.0 : between / domains));
  }
}

TEST_CASE("every ring visits every member once, a domain after the other")
{
  const Arrangement arrangement = arrange(dealt(5, 3));
  REQUIRE(arrangement.channels == 3);
  for (std::uint32_t channel = 0; channel < 3; ++channel) {
    const auto order = ring_order(arrangement, channel);
    std::vector<bool> seen(15, false);
    std::uint32_t changes = 0;
    for (std::size_t k = 0; k < order.size(); ++k) {
      CHECK_FALSE(seen[order[k]]);
      seen[order[k]] = true;
      changes += order[k] % 5 != order[(k + 1) % 15] % 5 ? 1 : 0;
    }
    CHECK(order.size() == 15);
    CHECK(changes == 5);
  }
}

TEST_CASE("unequal domains get one ring that crosses the network once per domain")
{
  const GroupShape group = sizes({3, 1, 2});
  std::uint32_t between = 0;
  const auto phases = phases_of("ring", Operation::all_reduce, group);
  for (const Edge& edge : phases[0].edges) between += group.domain[edge.from] != group.domain[edge.to] ? 1 : 0;
  CHECK(phases[0].edges.size() == 6);
  CHECK(between == 3);
}

TEST_CASE("a ring broadcast brings each member the payload once and nothing back to the root")
{
  const auto phases = phases_of("ring", Operation::broadcast, runs(4, 2));
  double into_root = 0, total = 0;
  for (const Edge& edge : phases[0].edges) {
    total += edge.bytes_per_byte;
    if (edge.to == 0) into_root += edge.bytes_per_byte;
  }
  CHECK(into_root == 0);
  CHECK(total == near(7));
  CHECK(phases[0].network_steps + phases[0].scaleup_steps == 7);
}

TEST_CASE("in-switch reduction: (1 + 1/n) of the payload up and down each link, as derived in kinds/nvls.cpp")
{
  const GroupShape group = runs(1, 8, true);
  for (const Edge& edge : edges_of("nvls", Operation::all_reduce, group)) CHECK(edge.bytes_per_byte == near(1.125));
  for (const Edge& edge : edges_of("nvls", Operation::all_gather, group)) CHECK(edge.bytes_per_byte == near(edge.to == 8 ? 0.125 : 1.0));
  for (const Edge& edge : edges_of("nvls", Operation::reduce_scatter, group))
    CHECK(edge.bytes_per_byte == near(edge.to == 8 ? 1.0 : 0.125));
  CHECK(phases_of("nvls", Operation::all_reduce, group)[0].switch_steps == 1);
  CHECK(phases_of("nvls", Operation::all_reduce, group)[0].switch_network_steps == 0);
}

TEST_CASE(
    "in-switch reduction over sixteen nodes: an eighth of the payload on each rail's trees, two dependent messages for each of four levels")
{
  const GroupShape group = runs(16, 8, true);
  const auto phases = phases_of("nvls", Operation::all_reduce, group);
  double between = 0;
  bool on_rail = true;
  for (const Edge& edge : phases[0].edges) {
    if (std::max(edge.from, edge.to) >= 128)
      CHECK(edge.bytes_per_byte == near(1.125));
    else
      between += edge.bytes_per_byte, on_rail = on_rail && edge.from % 8 == edge.to % 8;
  }
  CHECK(on_rail);
  CHECK(between == near(8 * 2 * 15 * 0.125)); // 8 rails, up and down, 15 edges of a spanning tree, S/8
  CHECK(phases[0].switch_network_steps == 8);
}

TEST_CASE("nvls needs switches that reduce in every domain, equal domains, and more than one member in each")
{
  const CollectiveKind& nvls = *find_collective("nvls");
  CHECK(nvls.supports(Operation::all_reduce, runs(2, 4, true)));
  CHECK_FALSE(nvls.supports(Operation::all_reduce, runs(2, 4, false)));
  GroupShape mixed = runs(2, 4, true);
  mixed.domain_reduces[1] = 0;
  CHECK_FALSE(nvls.supports(Operation::all_reduce, mixed));
  CHECK_FALSE(nvls.supports(Operation::all_reduce, sizes({4, 3}, true)));
  CHECK_FALSE(nvls.supports(Operation::all_reduce, runs(4, 1, true)));
  CHECK_FALSE(nvls.supports(Operation::all_gather, runs(2, 4, true)));
  CHECK(nvls.supports(Operation::all_gather, runs(1, 4, true)));
}

TEST_CASE("a double binary tree moves at most two payloads out of and into any adapter, and 2(d-1) between domains in all")
{
  // with an even number of nodes a node has two children and a parent in one tree and a parent only in the other; half a payload over each
  for (const std::uint32_t domains : {2u, 4u, 16u, 64u}) {
    const GroupShape group = runs(domains, 1);
    const auto phases = phases_of("tree", Operation::all_reduce, group);
    const Adapters load = adapters(phases, group);
    double total = 0;
    for (std::size_t m = 0; m < domains; ++m) {
      CHECK(load.out[m] <= 2 + 1e-12);
      CHECK(load.in[m] <= 2 + 1e-12);
      total += load.out[m];
    }
    CHECK(total == near(2.0 * (domains - 1)));
    CHECK(phases[0].network_steps == near(2 * std::log2(domains)));
  }
}

TEST_CASE("trees between nodes of eight share the work among eight leaders and count NCCL's steps")
{
  const GroupShape group = runs(16, 8);
  const auto phases = phases_of("tree", Operation::all_reduce, group);
  const Adapters load = adapters(phases, group);
  for (std::size_t m = 0; m < 128; ++m) CHECK(load.out[m] == near(load.out[m / 8 * 8])); // all adapters of a node alike
  CHECK(phases[0].scaleup_steps == 2 * 7);
  CHECK(phases[0].network_steps == 2 * 4);
}

TEST_CASE("a tree broadcast leaves the root's node once and brings each member the payload once")
{
  const GroupShape group = runs(5, 4);
  const auto phases = phases_of("tree", Operation::broadcast, group);
  const Adapters load = adapters(phases, group);
  double out_of_root_node = 0, between = 0;
  for (std::size_t m = 0; m < 20; ++m) {
    between += load.out[m];
    if (m < 4) out_of_root_node += load.out[m];
  }
  CHECK(out_of_root_node == near(1));
  CHECK(between == near(4));
  CHECK(phases[0].network_steps == 3); // to the trees' roots, then two levels of four nodes
}

TEST_CASE("hierarchical all-reduce: three phases, 1/g of the payload across domains")
{
  // 4 domains of 8: inside 7/8 over each edge in 7 steps, twice; across 2 * 3/4 of 1/8 in 6 steps
  const auto phases = phases_of("hierarchical", Operation::all_reduce, runs(4, 8));
  REQUIRE(phases.size() == 3);
  for (const Edge& edge : phases[0].edges) CHECK(edge.bytes_per_byte == near(0.875));
  for (const Edge& edge : phases[1].edges) CHECK(edge.bytes_per_byte == near(0.1875));
  for (const Edge& edge : phases[2].edges) CHECK(edge.bytes_per_byte == near(0.875));
  CHECK(phases[0].scaleup_steps == 7);
  CHECK(phases[1].network_steps == 6);
  CHECK(phases[2].scaleup_steps == 7);
  CHECK_FALSE(find_collective("hierarchical")->supports(Operation::all_reduce, sizes({4, 3})));
  CHECK_FALSE(find_collective("hierarchical")->supports(Operation::all_reduce, runs(1, 8)));
}

TEST_CASE("all-to-all sends 1/n of the send buffer to everybody, eight rounds at a time")
{
  // 16 nodes of 8: 120 rounds between nodes in 15 batches, the 7 within the nodes beside them
  const auto phases = phases_of("direct", Operation::all_to_all, runs(16, 8));
  CHECK(phases[0].edges.size() == 128 * 127);
  for (const Edge& edge : phases[0].edges) CHECK(edge.bytes_per_byte == 1.0 / 128);
  CHECK(phases[0].network_steps == 15);
  CHECK(phases[0].scaleup_steps == 0);
  CHECK(phases_of("direct", Operation::all_to_all, runs(1, 72))[0].scaleup_steps == 9); // 71 rounds
}

TEST_CASE("a group of one has nothing to do")
{
  for (const Operation operation : {Operation::all_reduce, Operation::reduce_scatter, Operation::all_gather, Operation::broadcast}) {
    CHECK(phases_of("ring", operation, runs(1, 1)).empty());
    CHECK(find_collective("ring")->steps(operation, runs(1, 1)).steps.empty());
  }
  CHECK(phases_of("direct", Operation::all_to_all, runs(1, 1)).empty());
}
