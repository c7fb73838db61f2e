// The tests' own comparison can fail.
#include "approx.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace weft;

TEST_CASE("small numbers are held to as many digits as large ones")
{
  for (const double scale : {1e-18, 1e-6, 1.0, 1e15}) {
    CHECK(scale * (1 + 5e-13) == near(scale));
    CHECK_FALSE(scale * (1 + 5e-12) == near(scale));
    CHECK(1.009 * scale == near(scale, 0.01));
    CHECK_FALSE(1.011 * scale == near(scale, 0.01));
    CHECK_FALSE(scale == near(-scale, 0.01));
  }
  CHECK(0.0 == near(0));
  CHECK_FALSE(1e-300 == near(0));
  CHECK_FALSE(std::numeric_limits<double>::infinity() == near(std::numeric_limits<double>::infinity()));
  CHECK_FALSE(std::numeric_limits<double>::quiet_NaN() == near(std::numeric_limits<double>::quiet_NaN()));
}
