// The part of TOML 1.0 that configuration files use: tables, dotted and quoted keys, texts on one line, numbers, true and false, lists of
// these, comments. The rest (lists of tables, inline tables, texts over several lines, dates) is refused, not guessed. Internal to the
// room.
//
// toml++ 3.3, Debian's library, stops the whole program on some malformed keys; hence our own.
#pragma once
#include "import/format.hpp"

#include <string>
#include <vector>

namespace weft {

/// One setting: its dotted name, its value as text (lists as "[a, b]"), where its key stands.
struct TomlSetting {
  std::string name, text;
  Place place;
};

/// All settings in the order of the file. Throws ConfigError at what is no TOML, or none that is read here.
std::vector<TomlSetting> read_toml(const ForeignText& text);

} // namespace weft
