#include "config/error.hpp"

namespace weft {
namespace {

constexpr std::size_t longest_message = 1000;

/// A message is one line of bounded length whatever the user wrote: control characters are spelled out.
std::string one_line_of(const std::string& text)
{
  static constexpr char hexadecimal[] = "0123456789abcdef";
  std::string line;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (line.size() >= longest_message) return line + "...";
    if (c == '\n')
      line += "\\n";
    else if (c == '\t')
      line += "\\t";
    else if (code < 0x20 || code == 0x7f)
      line += std::string("\\x") + hexadecimal[code >> 4] + hexadecimal[code & 15];
    else
      line += c;
  }
  return line;
}

std::string message(const Place& place, const std::string& key, const std::string& problem)
{
  std::string text = place.file;
  if (place.line > 0) {
    if (!text.empty()) text += ":";
    text += std::to_string(place.line);
    if (place.column > 0) text += ":" + std::to_string(place.column);
  }
  if (!text.empty()) text += ": ";
  if (!key.empty()) text += key + ": ";
  return one_line_of(text + problem);
}

} // namespace

ConfigError::ConfigError(Place where, std::string key_path, const std::string& problem_text)
    : std::runtime_error(message(where, key_path, problem_text)), place(std::move(where)), key(std::move(key_path)), problem(problem_text)
{
}

} // namespace weft
