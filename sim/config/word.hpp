// A word from a file whose meaning a later room knows: the name of a kind, of a device. It remembers where it stands, so that whoever
// does not know it can say so.
#pragma once
#include "config/error.hpp"

#include <string>
#include <utility>
#include <vector>

namespace weft {

/// Text with its place. A word that no file holds (a default, a test) has neither place nor key.
struct Word : std::string {
  Word() = default;
  Word(const char* text) : std::string(text) {}
  Word(std::string text, Place where = {}, std::string path = {})
      : std::string(std::move(text)), place(std::move(where)), key(std::move(path))
  {
  }
  Place place;
  std::string key; ///< dotted path it stands at
};

/// Throws ConfigError about this word. `key` stands in for a word that knows none.
[[noreturn]] void refuse(const Word& word, const std::string& key, const std::string& problem);
/// Refuses it as an unknown `thing` ("schedule"), naming the nearest known one or all of them.
[[noreturn]] void refuse_unknown(const Word& word, const std::string& key, const std::string& thing, const std::vector<std::string>& known);

} // namespace weft
