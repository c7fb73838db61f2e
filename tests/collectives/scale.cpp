// Large groups, and schedules held against the closed forms they belong to.
#include "config/error.hpp"
#include "contract/collectives/shapes.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace weft;
using namespace weft::test;

namespace {

/// Time of moving the edges at once when a vertex sends and receives at 9 inside its domain and at 1 between domains (about an H100 node:
/// 450 GB/s of NVLink, 50 GB/s of adapter per accelerator).
double time_of(const std::vector<Edge>& edges, const GroupShape& group)
{
  const std::size_t n = group.members();
  const auto domain_of = [&](std::uint32_t vertex) { return vertex < n ? group.domain[vertex] : vertex - n; };
  std::vector<double> load(4 * (n + group.domains()), 0.0);
  double worst = 0;
  for (const Edge& edge : edges) {
    if (std::max(edge.from, edge.to) >= n) {
      worst = std::max(worst, edge.bytes_per_byte / 9);
      continue;
    } // a link to the switch is one member's
    const bool network = domain_of(edge.from) != domain_of(edge.to);
    for (const std::size_t slot : {4 * std::size_t{edge.from} + (network ? 1 : 0), 4 * std::size_t{edge.to} + (network ? 3 : 2)}) {
      load[slot] += edge.bytes_per_byte / (network ? 1 : 9);
      worst = std::max(worst, load[slot]);
    }
  }
  return worst;
}

} // namespace

TEST_CASE("played step by step, 4 to 64 members of equal domains take at most one percent longer than the closed form")
{
  for (const CollectiveKind* kind : collective_kinds())
    for (const Operation operation : all_operations)
      for (const GroupShape& group : {runs(1, 4, true), runs(1, 8, true), runs(4, 1), runs(2, 2, true), runs(2, 8, true), runs(3, 4, true),
                                      runs(16, 1), runs(64, 1), runs(1, 64, true), runs(8, 8, true)}) {
        if (!kind->supports(operation, group)) continue;
        CAPTURE(std::string(kind->name));
        CAPTURE(std::string(operation_names[static_cast<std::size_t>(operation)]));
        CAPTURE(describe(group));
        double closed = 0, played = 0;
        for (const Phase& phase : kind->phases(operation, group)) closed += time_of(phase.edges, group);
        for (const auto& step : edges_per_step(kind->steps(operation, group))) played += time_of(step, group);
        CHECK(played >= closed * (1 - 1e-9));
        CHECK(played <= closed * 1.01);
      }
}

TEST_CASE("closed forms of 16,384 members have a number of edges that grows with the members, not with their square")
{
  const GroupShape group = runs(2048, 8, true);
  for (const CollectiveKind* kind : collective_kinds())
    for (const Operation operation : all_operations) {
      if (!kind->supports(operation, group)) continue;
      std::size_t edges = 0;
      for (const Phase& phase : kind->phases(operation, group)) edges += phase.edges.size();
      CAPTURE(std::string(kind->name));
      if (operation == Operation::all_to_all) {
        CHECK(edges == 0); // what every member sends every other is one number
        continue;
      }
      CHECK(edges >= 2 * 16'383 / 2);
      CHECK(edges <= 8 * 16'384); // tree: two links of the chains and two directions of two trees, per member
    }
}

TEST_CASE("a ring over 1,024 members is written out: 2,046 steps")
{
  const Steps steps = find_collective("ring")->steps(Operation::all_reduce, runs(1024, 1));
  CHECK(steps.steps.size() == 2046);
  CHECK(steps.pieces == 1024);
  CHECK(steps.steps[0].size() == 1024);
}

TEST_CASE("schedules too long to be written out are refused before they eat the memory")
{
  CHECK_THROWS_WITH_AS(
      (void)find_collective("ring")->steps(Operation::all_reduce, runs(16'384, 1)),
      "ring over 16384 members takes 536838144 messages, more than can be played one by one (set engine.fidelity to coupled or edges)",
      CannotFinish);
  CHECK_THROWS_AS((void)find_collective("hierarchical")->steps(Operation::all_reduce, runs(2048, 8)), CannotFinish);
  CHECK_THROWS_AS((void)find_collective("direct")->steps(Operation::all_to_all, runs(16'384, 1)), CannotFinish);
}
