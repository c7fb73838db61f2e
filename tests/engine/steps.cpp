// Transfers played message by message.
#include "approx.hpp"
#include "hand_made.hpp"

#include <doctest/doctest.h>

using namespace weft;
using namespace weft::hand_made;

namespace {

/// A ring all-reduce over n members: in each of 2 (n - 1) steps everyone sends a piece of S / n to the next (Patarasuk and Yuan 2009).
/// `flows`: one per edge.
std::vector<std::vector<StepMessage>> ring(std::uint32_t n, double bytes, const std::vector<std::uint32_t>& flows)
{
  std::vector<std::vector<StepMessage>> steps(2 * (n - 1));
  for (auto& step : steps)
    for (std::uint32_t i = 0; i < n; i++) step.push_back({i, (i + 1) % n, flows[i], Bytes(bytes / n)});
  return steps;
}
weft::Near close_to(double value) { return weft::near(value, 1e-9); }

} // namespace

TEST_CASE("a ring played in steps takes what the coupled flow takes: 2 (n - 1) latencies and 2 (n - 1) / n of the bytes")
{
  for (const std::uint32_t n : {2u, 3u, 8u, 16u})
    for (const EngineKind kind : {EngineKind::fluid, EngineKind::simgrid}) {
      const double bytes = 1e9, latency = 1e-3;
      Play stepped, coupled;
      std::vector<std::uint32_t> flows;
      std::vector<Charge> all;
      for (std::uint32_t i = 0; i < n; i++) {
        flows.push_back(stepped.flow({{stepped.link(1e9), 1}}));
        all.push_back({coupled.link(1e9), 1});
      }
      const auto one = stepped.rank();
      stepped.meet(one, stepped.group({one}, {stepped.steps(latency, ring(n, bytes, flows))}));
      coupled.lone_transfer(2 * (n - 1) * latency, {{coupled.flow(all), Bytes(bytes * 2 * (n - 1) / n)}});
      const Trace in_steps = simulate_isolated(stepped.folding(), settings(kind)),
                  at_once = simulate_isolated(coupled.folding(), settings(kind));
      CHECK(in_steps.end.base() == close_to(2 * (n - 1) * (latency + bytes / n / 1e9)));
      CHECK(in_steps.end.base() == close_to(at_once.end.base()));
      for (std::size_t link = 0; link < n; link++) CHECK(in_steps.links[link].bytes.base() == close_to(at_once.links[link].bytes.base()));
      CHECK(in_steps.flows == std::uint64_t{2} * (n - 1) * n);
    }
}

TEST_CASE("a slow edge holds a ring back to its pace")
{
  Play play;
  std::vector<std::uint32_t> flows;
  for (int i = 0; i < 4; i++) flows.push_back(play.flow({{play.link(i == 2 ? 0.5e9 : 1e9), 1}}));
  const auto one = play.rank();
  play.meet(one, play.group({one}, {play.steps(0, ring(4, 4e9, flows))}));
  // The slow edge carries 6 pieces of 1 GB at 0.5 GB/s one after the other: 12 s, and others only fill its shadow.
  const Trace trace = simulate_isolated(play.folding(), settings());
  CHECK(trace.end.base() == close_to(12.0));
  CHECK(trace.links[2].busy.base() == close_to(12.0));
}

TEST_CASE("a member enters a step when its own messages are done, not everybody's")
{
  Play play;
  const auto fast = play.flow({{play.link(1e9), 1}}), slow = play.flow({{play.link(1e9), 1}}), last = play.flow({{play.link(1e9), 1}});
  const auto one = play.rank();
  const std::vector<std::vector<StepMessage>> steps{
      {{0, 1, fast, Bytes(1e9)}, {2, 3, slow, Bytes(5e9)}}, // 1 s between 0 and 1, 5 s between 2 and 3
      {{1, 0, last, Bytes(1e9)}},                           // 0 and 1 do not wait for 2 and 3
      {{0, 4, last, Bytes(1e9)}},                           // 4 has had nothing to do until now
      {{3, 4, fast, Bytes(1e9)}},                           // waits for the slow one
  };
  play.meet(one, play.group({one}, {play.steps(0.5, steps)}));
  // 0-1: 0.5 + 1, 1-0: 0.5 + 1, 0-4: 0.5 + 1 = 4.5 s; 2-3: 0.5 + 5 = 5.5 s; 3-4: 0.5 + 1 = 7 s.
  const Trace trace = simulate_isolated(play.folding(), settings());
  CHECK(trace.end.base() == close_to(7.0));
  CHECK(trace.links[2].busy.base() == close_to(2.0));
  CHECK(trace.links[0].busy.base() == close_to(2.0));
}

TEST_CASE("messages of a folded member to its own class count once")
{
  Play play;
  const auto flow = play.flow({{play.link(1e9), 1}});
  const auto one = play.rank();
  play.meet(one, play.group({one}, {play.steps(0.25, {{{0, 0, flow, Bytes(1e9)}}, {}, {{0, 0, flow, Bytes(1e9)}}})}));
  CHECK(simulate_isolated(play.folding(), settings()).end.base() == close_to(2.5));
}

TEST_CASE("messages without bytes or links cost their latency only")
{
  Play play;
  const auto flow = play.flow({{play.link(1e9), 1}}), nowhere = play.flow({});
  const auto one = play.rank();
  const auto group = play.group({one}, {play.steps(0.25, {{{0, 1, flow, Bytes(0)}}, {{1, 0, nowhere, Bytes(1)}}}),
                                        play.steps(0, {{{0, 1, flow, Bytes(0)}}, {}}), play.steps(0, {{}})});
  for (std::uint32_t k = 0; k < 3; k++) play.meet(one, group, k);
  const Trace trace = simulate_isolated(play.folding(), settings());
  CHECK(trace.end.base() == close_to(0.5));
  CHECK(trace.flows == 0);
}

TEST_CASE("one transfer can be played by several groups at the same time")
{
  Play play;
  const auto flow = play.flow({{play.link(1e9), 1}});
  const auto transfer = play.steps(0, {{{0, 1, flow, Bytes(1e9)}}, {{1, 0, flow, Bytes(1e9)}}});
  for (int i = 0; i < 2; i++) {
    const auto one = play.rank();
    play.meet(one, play.group({one}, {transfer}));
  }
  CHECK(simulate_isolated(play.folding(), settings()).end.base() == close_to(4.0)); // two at a time share the link, twice
}
