#include "approx.hpp"
#include "study/errors.hpp"
#include "study/leave_one_out.hpp"
#include "study/operations.hpp"

#include <doctest/doctest.h>

using namespace weft;

TEST_CASE("a quantile is the smallest value that at least that share of all does not exceed")
{
  const std::vector<double> ten{10, 9, 8, 7, 6, 5, 4, 3, 2, 1};
  CHECK(quantile(ten, 0.9) == 9); // nine of ten are 9 or less
  CHECK(quantile(ten, 0.5) == 5);
  CHECK(quantile({3}, 0.1) == 3);
}

TEST_CASE("errors are summed up by their absolute values, but the bias keeps the sign")
{
  const ErrorSummary s = summarise({0.1, -0.3, 0.05, -0.05});
  CHECK(s.rows == 4);
  CHECK(s.mean == weft::near(0.125, 1e-12)); // (0.1 + 0.3 + 0.05 + 0.05) / 4
  CHECK(s.bias == weft::near(-0.05, 1e-12)); // (0.1 - 0.3 + 0.05 - 0.05) / 4
  CHECK(s.worst == 0.3);
  CHECK(s.median == 0.05);
  CHECK(s.p90 == 0.3);
  CHECK(summarise({}).rows == 0);
}

namespace {

/// A run of products alone: its time is inverse to the share of peak they sustain.
FittedRow products(const char* family, const char* line, double published, double simulated)
{
  FittedRow row{family, line, Seconds(published)};
  for (std::size_t p = 0; p < fit_grid.size(); p++) row.simulated[p].fill(Seconds(simulated / fit_grid[p]));
  return row;
}

} // namespace

TEST_CASE("a family left out is predicted with what the others of its chips fit")
{
  // b and c measure 1.1 times what is simulated, so their fit divides the rate by 1.1; a, predicted with it, becomes as right as they are.
  const std::vector<LeftOut> left = leave_one_out({products("a", "x", 11, 10), products("b", "x", 1.1, 1), products("c", "x", 22, 20)});
  REQUIRE(left.size() == 3);
  CHECK(left[0].family == "a");
  CHECK(left[0].fitted.mean == weft::near(1 - 1 / 1.1, 1e-9));
  CHECK(left[0].factors.at("x").products == weft::near(0.91, 1e-9)); // 1 / 1.1 = 0.909, in steps of 0.01
  CHECK(left[0].factors.at("x").streams == 1);
  CHECK(left[0].predicted.mean < 0.002);
}

TEST_CASE("where streaming is fitted, too, both constants are found")
{
  // A step of products and of streams: p / products + s / streams; the others measure it at 0.9 and 1.1.
  const auto mixed = [](const char* family, double p, double s) {
    FittedRow row{.family = family, .chip_line = "x", .published = Seconds(p / 0.9 + s / 1.1), .fits_streams = true};
    for (std::size_t i = 0; i < fit_grid.size(); i++)
      for (std::size_t j = 0; j < fit_grid.size(); j++) row.simulated[i][j] = Seconds(p / fit_grid[i] + s / fit_grid[j]);
    return row;
  };
  const std::vector<LeftOut> left = leave_one_out({mixed("a", 3, 2), mixed("b", 4, 1), mixed("c", 1, 5)});
  CHECK(left[0].factors.at("x").products == weft::near(0.9, 1e-9));
  CHECK(left[0].factors.at("x").streams == weft::near(1.1, 1e-9));
  CHECK(left[0].predicted.mean < 1e-9);
}

TEST_CASE("chips that no other family uses keep their constants")
{
  const std::vector<LeftOut> left = leave_one_out({products("a", "x", 11, 10), products("b", "y", 1.1, 1)});
  CHECK(left[0].factors.at("x") == FitFactors{});
  CHECK(left[0].predicted.mean == weft::near(left[0].fitted.mean, 1e-12));
}

TEST_CASE("a published kernel is timed by the constants of its chip alone")
{
  PublishedOperation op;
  op.id = "product";
  op.chip = "a100-sxm4-80";
  op.matmul = PublishedProduct{8192, 8192, 8192};
  op.precision = Precision::fp16;
  op.rate = FlopRate(253.7e12);
  const auto timed = time_operations({op}, {WEFT_SOURCE_DIR});
  REQUIRE(timed[0].error);
  CHECK(*timed[0].error == weft::near(op.rate->base() / timed[0].rate.base() - 1, 1e-12));
  CHECK(timed[0].rate < FlopRate(312e12)); // no product is faster than the peak
  op.chip = "no-such-chip";
  CHECK_FALSE(time_operations({op}, {WEFT_SOURCE_DIR})[0].problem.empty());
}
