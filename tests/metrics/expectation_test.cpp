#include "approx.hpp"
#include "metrics/expectation.hpp"

#include <doctest/doctest.h>

using namespace weft;

namespace {

Scenario scenario_on(const char* chip, int nodes)
{
  Scenario s;
  s.platform.node.chip.name = chip;
  s.platform.node.accelerators = 8;
  s.platform.nodes = nodes;
  s.workload.emplace();
  return s;
}

Residuals one_kind()
{
  Residuals r;
  r.kinds = {{"a100", KernelStyle::fused, 20, 1024, -0.04, 0.10}, {"a100", KernelStyle::eager, 30, 128, -0.1, 0.2}};
  return r;
}

} // namespace

TEST_CASE("the interval is the step time with the deciles of its kind's residuals")
{
  const auto e = expect(scenario_on("a100-sxm4-80", 16), Seconds(10), one_kind());
  REQUIRE(e);
  CHECK(e->low.base() == weft::near(9.6, 1e-12));
  CHECK(e->high.base() == weft::near(11, 1e-12));
  CHECK(e->derived == "20 published runs on a100, fused kernels");
}

TEST_CASE("what no published run covers widens the interval by half")
{
  Scenario moe = scenario_on("a100-sxm4-80", 16);
  moe.workload->model.experts.count = 8;
  const auto e = expect(moe, Seconds(10), one_kind());
  REQUIRE(e);
  CHECK((e->high - e->low).base() == weft::near(1.5 * 1.4, 1e-12)); // 10 s x (0.10 + 0.04) x 1.5
  CHECK(e->derived.find("mixture of experts") != std::string::npos);
  const auto elsewhere = expect(scenario_on("tpu-v4", 16), Seconds(10), one_kind());
  REQUIRE(elsewhere);
  CHECK((elsewhere->high - elsewhere->low).base() == weft::near(1.5 * 3, 1e-12)); // the widest: -0.1 to 0.2
  CHECK(elsewhere->derived.find("other chips") != std::string::npos);
}

TEST_CASE("bare collectives and missing residuals have no interval")
{
  Scenario bare = scenario_on("a100-sxm4-80", 1);
  bare.workload.reset();
  CHECK_FALSE(expect(bare, Seconds(1), one_kind()));
  CHECK_FALSE(expect(scenario_on("a100-sxm4-80", 1), Seconds(1), {}));
}
