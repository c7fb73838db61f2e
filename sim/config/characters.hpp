// What a text must be before the YAML parser may look at it. Internal to the room.
#pragma once
#include <string>

namespace weft {

/// Throws ConfigError for bytes that are not UTF-8, control characters, and lines beyond 1 MiB.
void check_characters(const std::string& text, const std::string& file);

} // namespace weft
