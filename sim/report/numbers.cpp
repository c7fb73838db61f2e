#include "report/numbers.hpp"

#include "config/error.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace weft {
namespace {

std::string with_commas(std::string digits)
{
  const std::size_t first = !digits.empty() && digits[0] == '-' ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

} // namespace

std::string grouped(std::uint64_t count) { return with_commas(std::to_string(count)); }

std::string grouped(double value) { return with_commas(fixed(value, 0)); }

std::string fixed(double value, int decimals)
{
  std::array<char, 400> text{}; // the longest double has 309 digits before the point
  const int length = std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return {text.data(), static_cast<std::size_t>(length)};
}

std::string percent(double fraction, int decimals) { return fixed(100 * fraction, decimals) + " %"; }

std::string shortest(double value)
{
  if (!std::isfinite(value)) throw LogicError("a result is not a finite number");
  std::array<char, 32> text{};
  const auto written = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), written.ptr};
}

} // namespace weft
