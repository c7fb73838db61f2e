// One file a user asked for by name: whole or not at all.
#pragma once
#include <string>

namespace weft {

/// Writes a temporary file beside it, then renames. Throws ConfigError when it cannot.
void write_file(const std::string& path, const std::string& content);

} // namespace weft
