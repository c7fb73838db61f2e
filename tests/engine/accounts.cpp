// What links are said to have carried.
#include "approx.hpp"
#include "hand_made.hpp"

#include "engine/link_account.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

using namespace weft;
using namespace weft::hand_made;

namespace {

constexpr std::array both{EngineKind::fluid, EngineKind::simgrid};

/// Two flows that overlap: 1 GB over a (1 GB/s) and b (4 GB/s), and from 0.5 s on 3 GB over b with weight 2.
/// The first runs at 1 GB/s until 1 s. The second has r with 2 r = 4 - 1: 1.5 GB/s, 0.75 GB until 1 s; then 2 GB/s for the 2.25 GB left:
/// ends at 2.125 s.
Play overlapping()
{
  Play play;
  const auto a = play.link(1e9), b = play.link(4e9);
  play.link(1e9); // carries nothing
  play.lone_transfer(0, {{play.flow({{a, 1}, {b, 1}}), Bytes(1e9)}});
  play.lone_transfer(0.5, {{play.flow({{b, 2}}), Bytes(3e9)}});
  return play;
}

} // namespace

TEST_CASE("bytes are conserved on every link, busy time and peak are those of the flows")
{
  for (const EngineKind kind : both) {
    const Trace trace = simulate_isolated(overlapping().folding(), settings(kind));
    CHECK(trace.end.base() == weft::near(2.125, 1e-9));
    CHECK(trace.links[0].bytes.base() == weft::near(1e9, 1e-12));
    CHECK(trace.links[1].bytes.base() == weft::near(7e9, 1e-12)); // 1 x 1 + 2 x 3
    CHECK(trace.links[2].bytes.base() == 0.0);
    CHECK(trace.links[0].busy.base() == weft::near(1.0, 1e-9));
    CHECK(trace.links[1].busy.base() == weft::near(2.125, 1e-9));
    CHECK(trace.links[2].busy.base() == 0.0);
    CHECK(trace.links[0].peak == weft::near(1.0, 1e-9));
    CHECK(trace.links[1].peak == weft::near(1.0, 1e-9));
    CHECK(trace.links[2].peak == 0.0);
    CHECK(trace.utilisation.empty());
    CHECK(trace.flows == 2);
  }
}

TEST_CASE("the time series of a link adds up to its bytes and follows its load")
{
  for (const EngineKind kind : both) {
    const Trace trace = simulate_isolated(overlapping().folding(), settings(kind, 17)); // bins of 0.125 s
    REQUIRE(trace.utilisation.size() == 3);
    const std::array capacity{1e9, 4e9, 1e9};
    for (std::size_t link = 0; link < 3; link++) {
      REQUIRE(trace.utilisation[link].size() == 17);
      const double sum = std::accumulate(trace.utilisation[link].begin(), trace.utilisation[link].end(), 0.0);
      CHECK(sum * 0.125 * capacity[link] == weft::near(trace.links[link].bytes.base(), 1e-5));
    }
    CHECK(trace.utilisation[1][1] == weft::near(0.25, 1e-4)); // only the first flow: 1 of 4 GB/s
    CHECK(trace.utilisation[1][8] == weft::near(1.0, 1e-4));
    CHECK(trace.utilisation[0][12] == 0.0f);
  }
}

TEST_CASE("a series that runs out of room joins neighbours and keeps its sum")
{
  CoarseningSeries series(2, 8, Seconds(1));
  series.add(0, Bandwidth(10), Seconds(0), Seconds(1));
  series.add(1, Bandwidth(4), Seconds(0.5), Seconds(0.75));
  series.add(0, Bandwidth(2), Seconds(90), Seconds(100)); // widened seven times: intervals of 16 s
  const auto row = series.rebinned(0, 4, Seconds(100));
  CHECK(std::accumulate(row.begin(), row.end(), 0.0) == weft::near(30.0, 1e-9));
  CHECK(row[0] == weft::near(10.0, 1e-9));
  CHECK(row[1] + row[2] == weft::near(0.0, 1e-9));
  const auto other = series.rebinned(1, 4, Seconds(100));
  CHECK(other[0] == weft::near(1.0, 1e-9));
}

TEST_CASE("fused communications are charged to their links as if they had been played")
{
  // Two members meet once for a fused chain: compute 1 s, an all-reduce of 0.5 s latency and 1 s at full rate, compute 1 s; the same again,
  // then the same two all-reduces played in the open. The links must show the same.
  const auto make = [](bool fused) {
    Play play;
    const auto link = play.link(2e9), unused_half = play.link(4e9);
    const auto one = play.rank(), two = play.rank();
    const auto group = play.group({one, two}, {play.transfer(0.5, {{play.flow({{link, 2}, {unused_half, 2}}), Bytes(1e9)}})});
    for (const auto rank : {one, two})
      for (int i = 0; i < 2; i++) {
        if (!fused) {
          play.compute(rank, 1, {}, 0);
          const auto mine = static_cast<std::uint32_t>(play.folding().scripts[rank].actions.size() - 1);
          const auto met = play.meet(rank, group, 0, {mine}, 1);
          play.compute(rank, 1, {met}, 0);
          continue;
        }
        // Three tasks stand behind one action.
        const auto at = play.meet(rank, group, 0, {}, 0);
        auto& tasks = play.job().programs[rank].tasks;
        const Task communicate = tasks.back();
        tasks.back() = {.kind = TaskKind::compute};
        tasks.push_back(communicate);
        tasks.push_back({.kind = TaskKind::compute});
        Script& script = play.folding().scripts[rank];
        if (i == 0)
          script.segments.push_back(
              {.parts = {{Seconds(0), Seconds(1), 0, 0}, {Seconds(1), Seconds(1.5), 1, 1}, {Seconds(2.5), Seconds(1), 2, 0}}});
        script.actions[at].segment = 0;
        script.actions[at].duration = Seconds(3.5);
      }
    return play;
  };
  for (const int bins : {1, 3, 14, 200}) {
    const Trace open = simulate_isolated(make(false).folding(), settings(EngineKind::fluid, bins));
    const Trace fused = simulate_isolated(make(true).folding(), settings(EngineKind::fluid, bins));
    CHECK(open.end.base() == weft::near(7.0, 1e-9));
    CHECK(fused.end.base() == weft::near(7.0, 1e-9));
    CHECK(fused.flows == 0);
    for (std::size_t link = 0; link < 2; link++) {
      CHECK(fused.links[link].bytes.base() == weft::near(open.links[link].bytes.base(), 1e-9));
      CHECK(fused.links[link].bytes.base() == weft::near(4e9, 1e-9)); // 2 plays x weight 2 x 1 GB
      CHECK(fused.links[link].busy.base() == weft::near(open.links[link].busy.base(), 1e-9));
      CHECK(fused.links[link].peak == weft::near(open.links[link].peak, 1e-9));
      const double sum = std::accumulate(fused.utilisation[link].begin(), fused.utilisation[link].end(), 0.0);
      CHECK(sum * 7 / bins * (link == 0 ? 2e9 : 4e9) == weft::near(4e9, 1e-5));
      if (bins != 14) continue; // of 0.5 s each: edges of the loads are edges of the bins
      const std::array<double, 14> carried{0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0};
      for (std::size_t bin = 0; bin < 14; bin++) {
        const double share = carried[bin] * (link == 0 ? 1.0 : 0.5);
        CHECK(std::abs(fused.utilisation[link][bin] - share) < 1e-6);
        CHECK(std::abs(open.utilisation[link][bin] - share) <= 1.0 / 8); // smeared by at most one of at least eight intervals per bin
      }
    }
  }
}
