// Comparison of computed numbers, purely relative: a microsecond is held to as many digits as a petaflop.
// (doctest::Approx adds one to the larger value, so that small numbers such as times in seconds equal anything.)
#pragma once
#include <algorithm>
#include <cmath>
#include <ostream>

namespace weft {

/// A number that others may differ from by a share of the larger of the two; zero equals only zero.
struct Near {
  double expected = 0;
  double relative = 0;
};

/// 1e-12 fits a closed form computed in another order; simulated dates pass 1e-9, published figures the digits they are printed with.
inline Near near(double expected, double relative = 1e-12) { return {expected, relative}; }

inline bool operator==(double value, const Near& near)
{
  if (!std::isfinite(value) || !std::isfinite(near.expected)) return false;
  return std::abs(value - near.expected) <= near.relative * std::max(std::abs(value), std::abs(near.expected));
}

inline std::ostream& operator<<(std::ostream& out, const Near& near)
{
  return out << near.expected << " within a share of " << near.relative;
}

} // namespace weft
