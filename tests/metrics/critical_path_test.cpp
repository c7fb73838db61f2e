#include "approx.hpp"
#include "config/error.hpp"
#include "metrics/critical_path.hpp"
#include "two_stages.hpp"

#include <doctest/doctest.h>

using namespace weft;

namespace {

double seconds(const std::vector<CriticalPart>& parts, const std::string& category)
{
  double total = 0;
  for (const CriticalPart& part : parts)
    if (part.category == category) total += part.time.base();
  return total;
}

double sum(const std::vector<CriticalPart>& parts)
{
  double total = 0;
  for (const CriticalPart& part : parts) total += part.time.base();
  return total;
}

} // namespace

TEST_CASE("the critical path walks back from the last end and adds up to the step")
{
  const auto step = test::two_stages();
  const CriticalPath path = critical_path(step->fabric, step->folding, step->trace);
  // gradients 9.75..10 <- computation 9..9.5 <- message 8..9 <- tensor collective 3..6 <- start of the step;
  // 9.5..9.75, 6..8 and 0..3 are covered by no action of the path.
  CHECK(seconds(path.categories, "data") == weft::near(0.25, 1e-9));
  CHECK(seconds(path.categories, "compute") == weft::near(0.5, 1e-9));
  CHECK(seconds(path.categories, "pipeline") == weft::near(1, 1e-9));
  CHECK(seconds(path.categories, "tensor") == weft::near(3, 1e-9));
  CHECK(seconds(path.categories, "other") == weft::near(5.25, 1e-9));
  CHECK(sum(path.categories) == weft::near(10, 1e-9));
}

TEST_CASE("communication on the critical path is put down to the links that limit it and to latency")
{
  const auto step = test::two_stages();
  const CriticalPath path = critical_path(step->fabric, step->folding, step->trace);
  CHECK(seconds(path.links, "nvlink") == weft::near(3, 1e-9));           // the tensor collective has no latency
  CHECK(seconds(path.links, "latency") == weft::near(0.5, 1e-9));        // of the message
  CHECK(seconds(path.links, "nic") == weft::near(1 - 0.5 + 0.25, 1e-9)); // rest of the message, and the gradients
  CHECK(path.links.front().category == "nvlink");                       // the longest first
}

TEST_CASE("the limiting link of a transfer is the one its bytes take longest on")
{
  const auto step = test::two_stages();
  // The message now also crosses nvlink with 100 times its bytes: 500 B at 100 B/s take 5 s, 5 B at 10 B/s take 0.5 s.
  step->folding.traffic.charges = {{0, 1}, {0, 100}, {1, 1}, {1, 1}};
  step->folding.traffic.flows = {{0, 1}, {1, 2}, {3, 1}};
  const CriticalPath path = critical_path(step->fabric, step->folding, step->trace);
  CHECK(seconds(path.links, "nvlink") == weft::near(3.5, 1e-9));
  CHECK(seconds(path.links, "nic") == weft::near(0.25, 1e-9));
}

TEST_CASE("a fused action on the critical path is put down to its parts")
{
  const auto step = test::two_stages();
  Script& script = step->folding.scripts[0];
  script.segments = {{.parts = {{Seconds(0), Seconds(2), 0, 0}, {Seconds(2), Seconds(3), 1, 1}}}};
  script.actions = {Action{.duration = Seconds(6), .segment = 0, .task = 0}, script.actions[2]};
  step->trace.spans[0] = {Span{.ready = Seconds(0), .begin = Seconds(0), .end = Seconds(6)}, step->trace.spans[0][2]};
  step->trace.spans[1][0].released_action = 0;
  const CriticalPath path = critical_path(step->fabric, step->folding, step->trace);
  CHECK(seconds(path.categories, "compute") == weft::near(0.5 + 2, 1e-9));
  CHECK(seconds(path.categories, "tensor") == weft::near(3, 1e-9));
  CHECK(seconds(path.categories, "other") == weft::near(0.25 + 2 + 1, 1e-9)); // the last: 5..6 of the fused action
  CHECK(sum(path.categories) == weft::near(10, 1e-9));
}

TEST_CASE("a circle of releases is refused instead of followed for ever")
{
  const auto step = test::two_stages();
  step->trace.spans[0][1].released_class = 1, step->trace.spans[0][1].released_action = 0;
  CHECK_THROWS_AS(critical_path(step->fabric, step->folding, step->trace), LogicError);
}
