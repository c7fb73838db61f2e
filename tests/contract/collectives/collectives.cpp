// What every collective kind promises, on every operation it supports and groups of many forms.
#include "approx.hpp"
#include "config/error.hpp"
#include "contract/collectives/shapes.hpp"
#include "contract/collectives/symbolic.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <map>

using namespace weft;
using namespace weft::test;

namespace {

/// Calls `check` for every supported combination; describes it when something fails. Returns how many there were.
int for_all_supported(const std::function<void(const CollectiveKind&, Operation, const GroupShape&)>& check)
{
  int combinations = 0;
  for (const CollectiveKind* kind : collective_kinds())
    for (const Operation operation : all_operations)
      for (const GroupShape& group : many_shapes()) {
        if (!kind->supports(operation, group)) continue;
        CAPTURE(std::string(kind->name));
        CAPTURE(std::string(operation_names[static_cast<std::size_t>(operation)]));
        CAPTURE(describe(group));
        check(*kind, operation, group);
        ++combinations;
      }
  return combinations;
}

using Pair = std::pair<std::uint32_t, std::uint32_t>;

std::map<Pair, double> edges_of_phases(const std::vector<Phase>& phases)
{
  std::map<Pair, double> bytes;
  for (const Phase& phase : phases)
    for (const Edge& edge : phase.edges) bytes[{edge.from, edge.to}] += edge.bytes_per_byte;
  return bytes;
}

std::map<Pair, double> edges_of_steps(const Steps& steps, std::size_t vertices)
{
  std::vector<std::uint64_t> pieces(vertices * vertices, 0);
  for (const auto& step : steps.steps)
    for (const Message& message : step) pieces[message.from * vertices + message.to] += message.pieces;
  std::map<Pair, double> bytes;
  for (std::uint32_t from = 0; from < vertices; ++from)
    for (std::uint32_t to = 0; to < vertices; ++to)
      if (const std::uint64_t count = pieces[from * vertices + to]; count > 0)
        bytes[{from, to}] = static_cast<double>(count) / steps.pieces;
  return bytes;
}

/// Bytes into or out of every vertex, per byte of payload.
std::vector<double> load(const std::vector<Phase>& phases, const GroupShape& group, bool incoming)
{
  std::vector<double> result(group.members() + group.domains(), 0.0);
  for (const Phase& phase : phases)
    for (const Edge& edge : phase.edges) result[incoming ? edge.to : edge.from] += edge.bytes_per_byte;
  return result;
}

} // namespace

TEST_CASE("every kind says its name and where it comes from, and is found by its name")
{
  REQUIRE(collective_kinds().size() >= 5);
  for (const CollectiveKind* kind : collective_kinds()) {
    CAPTURE(std::string(kind->name));
    CHECK(find_collective(kind->name) == kind);
    CHECK(std::string(kind->summary).size() > 20);
    CHECK(std::string(kind->source).size() > 20);
  }
  CHECK(find_collective("rign") == nullptr);
}

TEST_CASE("every member ends with the right pieces, nothing is added twice, nobody sends what it does not have")
{
  const int combinations = for_all_supported([](const CollectiveKind& kind, Operation operation, const GroupShape& group) {
    CHECK(problem(operation, group, kind.steps(operation, group)) == "");
  });
  CHECK(combinations > 500);
}

TEST_CASE("the closed-form edges are what the messages add up to")
{
  for_all_supported([](const CollectiveKind& kind, Operation operation, const GroupShape& group) {
    const auto closed = edges_of_phases(kind.phases(operation, group));
    const auto counted = edges_of_steps(kind.steps(operation, group), group.members() + group.domains());
    REQUIRE(closed.size() == counted.size());
    auto other = counted.begin();
    for (const auto& [pair, bytes] : closed) {
      const bool same = other->first == pair && std::abs(other->second - bytes) <= 1e-12 * bytes;
      CHECK_MESSAGE(same, pair.first, " to ", pair.second, ": ", bytes, " closed, ", other->second, " counted");
      ++other;
    }
  });
}

TEST_CASE("edges of a phase are sorted, each pair once, between vertices that exist, and carry something")
{
  for_all_supported([](const CollectiveKind& kind, Operation operation, const GroupShape& group) {
    for (const Phase& phase : kind.phases(operation, group)) {
      bool sorted = true, valid = true;
      for (std::size_t i = 0; i < phase.edges.size(); ++i) {
        const Edge& edge = phase.edges[i];
        valid =
            valid && edge.from != edge.to && std::max(edge.from, edge.to) < group.members() + group.domains() && edge.bytes_per_byte > 0;
        if (i > 0) sorted = sorted && Pair(phase.edges[i - 1].from, phase.edges[i - 1].to) < Pair(edge.from, edge.to);
      }
      CHECK(sorted);
      CHECK(valid);
    }
  });
}

TEST_CASE("no kind moves less than the operation needs")
{
  // all-gather: a member lacks (n-1)/n of the output; reduce-scatter: it must give away (n-1)/n of its input; all-reduce: both its own data
  // has to leave and the result to arrive, at least one payload of either when a switch reduces and (n-1)/n twice without one; broadcast:
  // everybody but member 0 receives the buffer; all-to-all: exactly (n-1)/n leave and arrive.
  for_all_supported([](const CollectiveKind& kind, Operation operation, const GroupShape& group) {
    const auto phases = kind.phases(operation, group);
    const double n = static_cast<double>(group.members());
    const double others = (n - 1) / n, slack = 1e-12;
    const auto in = load(phases, group, true), out = load(phases, group, false);
    double members_in = 0, members_out = 0;
    for (std::size_t m = 0; m < group.members(); ++m) {
      members_in += in[m];
      members_out += out[m];
      if (operation == Operation::all_gather) CHECK(in[m] >= others - slack);
      if (operation == Operation::reduce_scatter) CHECK(out[m] >= others - slack);
      if (operation == Operation::broadcast && m > 0) CHECK(in[m] == near(1));
      if (operation == Operation::all_to_all) CHECK(in[m] == near(others));
      if (operation == Operation::all_to_all) CHECK(out[m] == near(others));
    }
    if (operation == Operation::all_reduce) {
      const double needed = kind.latency == LatencyForm::in_switch ? n : 2 * (n - 1);
      CHECK(members_in >= needed - 1e-9);
      CHECK(members_out >= needed - 1e-9);
    }
  });
}

TEST_CASE("step counts are not negative, and there is at least one step where something moves")
{
  for_all_supported([](const CollectiveKind& kind, Operation operation, const GroupShape& group) {
    for (const Phase& phase : kind.phases(operation, group)) {
      CHECK(phase.scaleup_steps >= 0);
      CHECK(phase.network_steps >= 0);
      CHECK(phase.switch_steps >= 0);
      CHECK(phase.switch_network_steps >= 0);
      CHECK(phase.scaleup_steps + phase.network_steps + phase.switch_steps >= 1);
      if (group.domains() == 1) CHECK(phase.network_steps + phase.switch_network_steps == 0);
    }
  });
}

TEST_CASE("what is not supported is refused, never half done")
{
  for (const CollectiveKind* kind : collective_kinds())
    for (const Operation operation : all_operations)
      for (const GroupShape& group : many_shapes()) {
        if (kind->supports(operation, group)) continue;
        CHECK_THROWS_AS((void)kind->phases(operation, group), LogicError);
        CHECK_THROWS_AS((void)kind->steps(operation, group), LogicError);
      }
}

TEST_CASE("every operation between more than two ends can be carried out on every group by some kind that need not be forced")
{
  for (const Operation operation : all_operations) {
    if (operation == Operation::send) continue;
    for (const GroupShape& group : many_shapes()) {
      bool possible = false;
      for (const CollectiveKind* kind : collective_kinds())
        possible = possible || (kind->selection(operation) == Selection::automatic && kind->supports(operation, group));
      CHECK_MESSAGE(possible, operation_names[static_cast<std::size_t>(operation)], " on ", describe(group));
    }
  }
}

TEST_CASE("no kind crashes on an empty group")
{
  for (const CollectiveKind* kind : collective_kinds())
    for (const Operation operation : all_operations) CHECK_FALSE(kind->supports(operation, GroupShape{}));
}

TEST_CASE("the symbolic executor notices planted mistakes")
{
  const GroupShape group = runs(1, 4);
  const CollectiveKind& ring = *find_collective("ring");
  const Steps good = ring.steps(Operation::all_reduce, group);
  REQUIRE(problem(Operation::all_reduce, group, good) == "");
  Steps wrong = good;
  wrong.steps[1][0].first_piece = (wrong.steps[1][0].first_piece + 1) % wrong.pieces;
  CHECK(problem(Operation::all_reduce, group, wrong) != "");
  wrong = good;
  wrong.steps.pop_back();
  CHECK(problem(Operation::all_reduce, group, wrong) == "member 0 ends with the wrong piece 1");
  wrong = good;
  wrong.steps[3][0].reduces = true;
  CHECK(problem(Operation::all_reduce, group, wrong).substr(0, 25) == "adds the same data twice:");
}
