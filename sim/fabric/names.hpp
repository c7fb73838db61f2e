// Names for error messages: the nearest known one.
#pragma once
#include <span>
#include <string>

namespace weft {

/// " (did you mean 'leaf3'?)" with the known name of the smallest edit distance, the first of equals; "" when none is near.
std::string did_you_mean(const std::string& wrong, std::span<const std::string> known);

/// "1,234,567".
std::string with_commas(long long number);

} // namespace weft
