// Numbers as people write them.
#pragma once
#include <string>

namespace weft {

/// "1,234,567".
std::string with_commas(long long number);

} // namespace weft
