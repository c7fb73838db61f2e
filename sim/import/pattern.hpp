// Names by pattern: letters stand for themselves, * for any letters, ? for one. Internal to the room.
#pragma once
#include <string_view>

namespace weft {

bool fits_pattern(std::string_view pattern, std::string_view name);

} // namespace weft
