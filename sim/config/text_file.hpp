// A whole text file in memory, held to the limits that every reader shares.
#pragma once
#include <string>

namespace weft {

/// The bytes of a regular file of at most 16 MiB. `what` names the kind of file wanted, for messages ("a YAML file").
/// Throws ConfigError for a missing file, a directory, a device, a file too large or not readable.
std::string read_text_file(const std::string& path, const std::string& what);

/// Throws ConfigError for more than 16 MiB, bytes that are not UTF-8, control characters, and lines beyond 1 MiB; gives the text without
/// its byte order mark.
std::string checked_text(const std::string& bytes, const std::string& file);

} // namespace weft
