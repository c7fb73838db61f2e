// Flows on links: dates that can be worked out by hand, on both engines.
#include "approx.hpp"
#include "hand_made.hpp"

#include "config/error.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace weft;
using namespace weft::hand_made;

namespace {

constexpr std::array both{EngineKind::fluid, EngineKind::simgrid};

/// Ends of all rank classes, each of which plays one transfer.
std::vector<double> ends(const Play& play, EngineKind kind)
{
  const Trace trace = simulate_isolated(play.folding(), settings(kind));
  std::vector<double> out;
  for (std::uint32_t i = 0; i < trace.spans.size(); i++) out.push_back(end_of(trace, i));
  return out;
}
weft::Near close_to(double value) { return weft::near(value, 1e-9); }

} // namespace

TEST_CASE("one transfer takes latency plus size over bandwidth")
{
  Play play;
  play.lone_transfer(3e-6, {{play.flow({{play.link(2e9), 1}}), Bytes(1e9)}});
  for (const EngineKind kind : both) CHECK(ends(play, kind)[0] == close_to(3e-6 + 0.5)); // 1 GB at 2 GB/s
}

TEST_CASE("the slowest link of a path sets the rate, whatever the latency before")
{
  Play play;
  const auto fast = play.link(8e9), slow = play.link(1e9);
  play.lone_transfer(0, {{play.flow({{fast, 1}, {slow, 1}}), Bytes(1e9)}});
  for (const EngineKind kind : both) CHECK(ends(play, kind)[0] == close_to(1.0));
}

TEST_CASE("two equal flows over one link take twice the time of one")
{
  Play play;
  const auto flow = play.flow({{play.link(1e9), 1}});
  play.lone_transfer(0, {{flow, Bytes(1e9)}});
  play.lone_transfer(0, {{flow, Bytes(1e9)}});
  for (const EngineKind kind : both) {
    CHECK(ends(play, kind)[0] == close_to(2.0));
    CHECK(ends(play, kind)[1] == close_to(2.0));
  }
}

TEST_CASE("latency delays a flow but does not change its share")
{
  Play play;
  const auto flow = play.flow({{play.link(1e9), 1}});
  play.lone_transfer(0.25, {{flow, Bytes(1e9)}});
  play.lone_transfer(0.5, {{flow, Bytes(1e9)}});
  // Alone from 0.25 to 0.5 the first moves 0.25 GB; then both run at 0.5 GB/s: the first needs 1.5 s more, the second has 0.25 GB left
  // then.
  for (const EngineKind kind : both) {
    CHECK(ends(play, kind)[0] == close_to(2.0));
    CHECK(ends(play, kind)[1] == close_to(2.25));
  }
}

TEST_CASE("a flow of weight three puts three bytes on the link for each of its own")
{
  Play play;
  const auto link = play.link(4e9);
  play.lone_transfer(0, {{play.flow({{link, 3}}), Bytes(1e9)}});
  play.lone_transfer(0, {{play.flow({{link, 1}}), Bytes(1e9)}});
  // Equal rates r with 3 r + r = 4 GB/s: both at 1 GB/s.
  for (const EngineKind kind : both) {
    CHECK(ends(play, kind)[0] == close_to(1.0));
    CHECK(ends(play, kind)[1] == close_to(1.0));
  }
}

TEST_CASE("fractional weights are charged as they are")
{
  Play play;
  const auto link = play.link(1e9);
  play.lone_transfer(0, {{play.flow({{link, 0.25}}), Bytes(4e9)}});
  play.lone_transfer(0, {{play.flow({{link, 1.75}}), Bytes(1e9)}});
  // r (0.25 + 1.75) = 1 GB/s: r = 0.5 GB/s. The second ends at 2 s; the first has 3 GB left and 4 GB/s: 0.75 s more.
  for (const EngineKind kind : both) {
    CHECK(ends(play, kind)[0] == close_to(2.75));
    CHECK(ends(play, kind)[1] == close_to(2.0));
  }
}

TEST_CASE("three flows over two links share max-min fairly")
{
  Play play;
  const auto a = play.link(1e9), b = play.link(2e9);
  play.lone_transfer(0, {{play.flow({{a, 1}, {b, 1}}), Bytes(1e9)}}); // over both
  play.lone_transfer(0, {{play.flow({{a, 1}}), Bytes(1e9)}});
  play.lone_transfer(0, {{play.flow({{b, 1}}), Bytes(3e9)}});
  // Link a holds the first two at 0.5 GB/s; the third gets what is left of b: 1.5 GB/s. All end at 2 s.
  for (const EngineKind kind : both)
    for (const double end : ends(play, kind)) CHECK(end == close_to(2.0));
}

TEST_CASE("a freed share goes to whom it helps, and pushes back others")
{
  Play play;
  const auto a = play.link(1e9), b = play.link(1.5e9);
  play.lone_transfer(0, {{play.flow({{a, 1}}), Bytes(0.5e9)}}); // ends at 1 s
  play.lone_transfer(0, {{play.flow({{a, 1}, {b, 1}}), Bytes(1e9)}});
  play.lone_transfer(0, {{play.flow({{b, 1}}), Bytes(1.75e9)}});
  // First second: 0.5, 0.5, 1.0 GB/s. Then the second could have 1 GB/s on a, but b is shared evenly: 0.75 each. The second has 0.5 GB
  // left (2/3 s), the third 0.75 GB; at 5/3 s the third has 0.25 GB left and 1.5 GB/s: 1/6 s more.
  for (const EngineKind kind : both) {
    CHECK(ends(play, kind)[0] == close_to(1.0));
    CHECK(ends(play, kind)[1] == close_to(5.0 / 3));
    CHECK(ends(play, kind)[2] == close_to(11.0 / 6));
  }
}

TEST_CASE("phases follow one another, each after its latency, when all flows of the one before have ended")
{
  Play play;
  const auto a = play.link(1e9), b = play.link(2e9);
  const auto over_a = play.flow({{a, 1}}), over_b = play.flow({{b, 1}});
  const auto one = play.rank();
  const auto transfer = play.transfer(0.5, {{over_a, Bytes(1e9)}, {over_b, Bytes(1e9)}}); // 0.5 + max(1, 0.5)
  play.then(0.25, {{over_b, Bytes(4e9)}});                                                // 0.25 + 2
  play.then(0, {});                                                                       // nothing
  play.then(0.125, {});                                                                   // latency only
  play.meet(one, play.group({one}, {transfer}));
  for (const EngineKind kind : both) CHECK(ends(play, kind)[0] == close_to(3.875));
}

TEST_CASE("a transfer without phases, bytes or links takes no time")
{
  Play play;
  const auto flow = play.flow({{play.link(1e9), 1}}), nowhere = play.flow({});
  play.lone_transfer(0, {});
  play.lone_transfer(0, {{flow, Bytes(0)}});
  play.lone_transfer(0, {{nowhere, Bytes(1e9)}});
  for (const EngineKind kind : both)
    for (const double end : ends(play, kind)) CHECK(end == 0.0);
}

TEST_CASE("all rates and sizes times k change nothing, all rates times k and latencies over k give time over k")
{
  const auto make = [](double rates, double latencies, double sizes) {
    Play play;
    const auto a = play.link(1e9 * rates), b = play.link(3e9 * rates);
    play.lone_transfer(1e-3 * latencies, {{play.flow({{a, 1}, {b, 2}}), Bytes(1e9 * sizes)}});
    play.lone_transfer(2e-3 * latencies, {{play.flow({{b, 1}}), Bytes(2e9 * sizes)}});
    play.lone_transfer(0, {{play.flow({{a, 0.5}}), Bytes(1.5e9 * sizes)}});
    return play;
  };
  for (const EngineKind kind : both) {
    const auto plain = ends(make(1, 1, 1), kind), larger = ends(make(8, 1, 8), kind), faster = ends(make(8, 0.125, 1), kind);
    for (std::size_t i = 0; i < plain.size(); i++) {
      CHECK(larger[i] == close_to(plain[i]));
      CHECK(faster[i] == close_to(plain[i] / 8));
    }
  }
}

TEST_CASE("the simgrid engine refuses weights without a small common denominator and sizes too far apart")
{
  Play odd;
  odd.lone_transfer(0, {{odd.flow({{odd.link(1e9), 1 / 3.14159265358979}}), Bytes(1e9)}});
  CHECK_THROWS_WITH_AS(
      simulate_isolated(odd.folding(), settings(EngineKind::simgrid)),
      "engine 'simgrid' needs link weights with a common denominator of at most 10000 (use engine kind 'fluid', which takes any weight)",
      CannotFinish);
  CHECK(simulate_isolated(odd.folding(), settings()).end.base() == close_to(1 / 3.14159265358979));

  Play far;
  const auto flow = far.flow({{far.link(1e9), 1}});
  far.lone_transfer(0, {{flow, Bytes(1)}, {flow, Bytes(1e12)}});
  CHECK_THROWS_AS(simulate_isolated(far.folding(), settings(EngineKind::simgrid)), CannotFinish);

  Play heavy;
  heavy.lone_transfer(0, {{heavy.flow({{heavy.link(1e9), 30'000}}), Bytes(1e9)}});
  CHECK_THROWS_AS(simulate_isolated(heavy.folding(), settings(EngineKind::simgrid)), CannotFinish);
}
