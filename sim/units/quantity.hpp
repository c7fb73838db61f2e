// Quantities with their unit in the type: Bytes / Bandwidth is Seconds, Bytes + Seconds does not compile.
// A Quantity is one double in base units (byte, flop, second, joule, dollar); `.base()` is for the engine's door and for reports only.
#pragma once
#include <compare>

namespace weft {

/// A physical value with integer exponents of byte, flop, second, joule and dollar.
template <int Byte, int Flop, int Second, int Joule, int Dollar> class Quantity {
  double value_ = 0;

public:
  constexpr Quantity() = default;
  /// Wraps a number already in base units (bytes, flops, seconds, joules, dollars).
  constexpr explicit Quantity(double base_value) : value_(base_value) {}
  /// The number in base units.
  [[nodiscard]] constexpr double base() const { return value_; }

  constexpr auto operator<=>(const Quantity&) const = default;
  constexpr Quantity& operator+=(Quantity other)
  {
    value_ += other.value_;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity other)
  {
    value_ -= other.value_;
    return *this;
  }
  constexpr Quantity& operator*=(double factor)
  {
    value_ *= factor;
    return *this;
  }
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return Quantity(a.value_ + b.value_); }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return Quantity(a.value_ - b.value_); }
  friend constexpr Quantity operator*(Quantity a, double factor) { return Quantity(a.value_ * factor); }
  friend constexpr Quantity operator*(double factor, Quantity a) { return Quantity(a.value_ * factor); }
  friend constexpr Quantity operator/(Quantity a, double divisor) { return Quantity(a.value_ / divisor); }
  friend constexpr double operator/(Quantity a, Quantity b) { return a.value_ / b.value_; }
};

template <int B, int F, int S, int J, int D, int B2, int F2, int S2, int J2, int D2>
requires(B != B2 || F != F2 || S != S2 || J != J2 || D != D2) constexpr auto operator/(Quantity<B, F, S, J, D> a,
                                                                                       Quantity<B2, F2, S2, J2, D2> b)
{
  return Quantity<B - B2, F - F2, S - S2, J - J2, D - D2>(a.base() / b.base());
}

template <int B, int F, int S, int J, int D, int B2, int F2, int S2, int J2, int D2>
requires(B + B2 != 0 || F + F2 != 0 || S + S2 != 0 || J + J2 != 0 || D + D2 != 0) constexpr auto operator*(Quantity<B, F, S, J, D> a,
                                                                                                           Quantity<B2, F2, S2, J2, D2> b)
{
  return Quantity<B + B2, F + F2, S + S2, J + J2, D + D2>(a.base() * b.base());
}

using Bytes = Quantity<1, 0, 0, 0, 0>;
using Flops = Quantity<0, 1, 0, 0, 0>;
using Seconds = Quantity<0, 0, 1, 0, 0>;
using Bandwidth = Quantity<1, 0, -1, 0, 0>;
using FlopRate = Quantity<0, 1, -1, 0, 0>;
using Joules = Quantity<0, 0, 0, 1, 0>;
using Watts = Quantity<0, 0, -1, 1, 0>;
using Dollars = Quantity<0, 0, 0, 0, 1>;

/// Metres are only ever multiplied by a propagation delay; they get a type so that a cable's reach is not a bare number.
struct Metres {
  double value = 0;
  constexpr auto operator<=>(const Metres&) const = default;
};

} // namespace weft
