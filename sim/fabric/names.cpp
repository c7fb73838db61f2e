#include "fabric/names.hpp"

namespace weft {

std::string with_commas(long long number)
{
  const std::string digits = std::to_string(number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0 && text.back() != '-') text += ',';
    text += digits[i];
  }
  return text;
}

} // namespace weft
