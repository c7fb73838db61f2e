#include "config/characters.hpp"

#include "config/error.hpp"

namespace weft {
namespace {

constexpr int longest_line = 1 << 20; // characters: yaml-cpp holds a whole line of open brackets, 250 bytes each

/// Length of the UTF-8 sequence at `at`, 0 when it is not well formed (Unicode 15, table 3-7).
std::size_t sequence_length(const std::string& text, std::size_t at)
{
  const auto byte = [&](std::size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u; };
  const auto follows = [&](std::size_t i, unsigned low, unsigned high) { return byte(i) >= low && byte(i) <= high; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1, 0x80, 0xbf) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const unsigned low = first == 0xe0 ? 0xa0 : 0x80, high = first == 0xed ? 0x9f : 0xbf;
    return follows(1, low, high) && follows(2, 0x80, 0xbf) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const unsigned low = first == 0xf0 ? 0x90 : 0x80, high = first == 0xf4 ? 0x8f : 0xbf;
    return follows(1, low, high) && follows(2, 0x80, 0xbf) && follows(3, 0x80, 0xbf) ? 4 : 0;
  }
  return 0;
}

} // namespace

/// yaml-cpp takes some control characters for the end of the file and replaces bad UTF-8; both are refused before it looks.
void check_characters(const std::string& text, const std::string& file)
{
  int line = 1, column = 1;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequence_length(text, at);
    const auto code = static_cast<unsigned char>(text[at]);
    if (length == 0) throw ConfigError(Place{file, line, column}, "", "not UTF-8 (save the file as UTF-8)");
    if ((code < 0x20 && code != '\n' && code != '\r' && code != '\t') || code == 0x7f)
      throw ConfigError(Place{file, line, column}, "", "a control character (remove it)");
    if (code == '\n')
      ++line, column = 1;
    else if (++column > longest_line)
      throw ConfigError(Place{file, line}, "", "a line of more than 1 MiB (break it)");
    at += length;
  }
}

} // namespace weft
