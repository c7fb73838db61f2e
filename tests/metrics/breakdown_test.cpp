#include "approx.hpp"
#include "config/error.hpp"
#include "metrics/breakdown.hpp"
#include "two_stages.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace weft;

namespace {

double sum(const Breakdown& b) { return busy_share(b) + b.bubble + b.other; }

} // namespace

TEST_CASE("communication beside computation is not exposed, waiting for another stage is bubble")
{
  const auto step = test::two_stages();
  const Breakdown shares = breakdown_of(step->folding, step->trace, 0);
  CHECK(shares.compute == weft::near(0.4, 1e-9));  // 0..4
  CHECK(shares.tensor == weft::near(0.2, 1e-9));   // runs 3..6, of which 3..4 hides behind computation
  CHECK(shares.bubble == weft::near(0.3, 1e-9));   // 6..8 waiting for stage 1, 9..10 nothing left to do
  CHECK(shares.pipeline == weft::near(0.1, 1e-9)); // 8..9
  CHECK(shares.data == 0);
  CHECK(std::abs(shares.other) < 1e-12);
}

TEST_CASE("waiting for a slower equal is other, not bubble")
{
  const auto step = test::two_stages();
  const Breakdown shares = breakdown_of(step->folding, step->trace, 1);
  CHECK(shares.bubble == weft::near(0.8, 1e-9));   // 0..8
  CHECK(shares.compute == weft::near(0.05, 1e-9)); // 9..9.5
  CHECK(shares.other == weft::near(0.025, 1e-9));  // 9.5..9.75: its data-parallel peers are late
  CHECK(shares.data == weft::near(0.025, 1e-9));   // 9.75..10
}

TEST_CASE("the shares of every class and of the mean add up to one")
{
  const auto step = test::two_stages();
  std::vector<Breakdown> by_class;
  for (std::size_t c = 0; c < 2; ++c) by_class.push_back(breakdown_of(step->folding, step->trace, c));
  for (const Breakdown& shares : by_class) CHECK(sum(shares) == weft::near(1, 1e-12));
  CHECK(sum(mean_breakdown(step->folding, by_class)) == weft::near(1, 1e-12));
}

TEST_CASE("in the mean a class weighs as many ranks as it stands for")
{
  const auto step = test::two_stages();
  const std::vector<Breakdown> by_class{breakdown_of(step->folding, step->trace, 0), breakdown_of(step->folding, step->trace, 1)};
  CHECK(mean_breakdown(step->folding, by_class).compute == weft::near((3 * 0.4 + 0.05) / 4, 1e-9));
}

TEST_CASE("the slowest accelerator is the busiest one")
{
  CHECK(slowest_class({{.compute = 0.5, .bubble = 0.5}, {.compute = 0.3, .tensor = 0.4, .bubble = 0.3}, {.compute = 0.7, .bubble = 0.3}}) ==
        1);
}

TEST_CASE("a fused action counts like the tasks it stands for")
{
  const auto step = test::two_stages();
  const Breakdown apart = breakdown_of(step->folding, step->trace, 0);
  // Stage 0 again, its computation and tensor collective (3..6) now one timer 0..6.
  Script& script = step->folding.scripts[0];
  script.segments = {{.parts = {{Seconds(0), Seconds(4), 0, 0}, {Seconds(3), Seconds(3), 1, 1}}}};
  script.actions = {Action{.duration = Seconds(6), .segment = 0, .task = 0}, script.actions[2]};
  step->trace.spans[0] = {Span{.ready = Seconds(0), .begin = Seconds(0), .end = Seconds(6)}, step->trace.spans[0][2]};
  const Breakdown fused = breakdown_of(step->folding, step->trace, 0);
  CHECK(fused.compute == weft::near(apart.compute, 1e-9));
  CHECK(fused.tensor == weft::near(apart.tensor, 1e-9));
  CHECK(fused.pipeline == weft::near(apart.pipeline, 1e-9));
  CHECK(fused.bubble == weft::near(apart.bubble, 1e-9));
}

TEST_CASE("a trace that does not belong to the folding is refused")
{
  const auto step = test::two_stages();
  step->trace.spans[0].pop_back();
  CHECK_THROWS_AS(breakdown_of(step->folding, step->trace, 0), LogicError);
}

TEST_CASE("a step without duration is all other")
{
  const auto step = test::two_stages();
  step->trace.end = Seconds(0);
  CHECK(breakdown_of(step->folding, step->trace, 0).other == 1);
}
