#include "import/shell_options.hpp"

#include "config/value.hpp"

#include <algorithm>
#include <cctype>

namespace weft {
namespace {

constexpr std::size_t longest_value = 1000; // after variables are written out
constexpr int deepest = 16;

struct ShellWord {
  std::string text;
  Place place;
};
/// Words of one line.
using ShellLine = std::vector<ShellWord>;

/// Splits lines into words. Quotes and brackets only part words: options stand in quoted texts and arrays as they do outside.
std::vector<ShellLine> lines_of(const ForeignText& text)
{
  std::vector<ShellLine> lines(1);
  int line = 1, column = 1;
  bool in_word = false;
  for (std::size_t at = 0; at < text.text.size(); ++at) {
    const char c = text.text[at];
    // The lines that a batch system reads are comments to the shell; their options count.
    const bool is_directive = c == '#' && !in_word && text.text.compare(at, 8, "#SBATCH ") == 0;
    if (c == '#' && !in_word && !is_directive) {
      while (at + 1 < text.text.size() && text.text[at + 1] != '\n') ++at;
      continue;
    }
    const bool parts =
        c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '"' || c == '\'' || c == '(' || c == ')' || c == ';' || c == '\\';
    if (parts) {
      in_word = false;
    } else {
      if (!in_word) lines.back().push_back({"", {text.file, line, column}});
      in_word = true;
      lines.back().back().text += c;
    }
    if (c == '\n')
      ++line, column = 1, lines.emplace_back();
    else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80)
      ++column;
  }
  return lines;
}

bool is_name(std::string_view text)
{
  if (text.empty() || (std::isdigit(static_cast<unsigned char>(text[0])) != 0)) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; });
}

using Variables = std::map<std::string, std::string, std::less<>>;

/// The text with $NAME, ${NAME} and ${NAME:-default} written out; what is not known stays as it is.
std::string expanded(const std::string& text, const Variables& variables, int depth)
{
  std::string result;
  for (std::size_t at = 0; at < text.size() && result.size() <= longest_value; ++at) {
    if (text[at] != '$' || depth >= deepest) {
      result += text[at];
      continue;
    }
    const bool braced = at + 1 < text.size() && text[at + 1] == '{';
    const std::size_t first = at + (braced ? 2 : 1);
    std::size_t end = first;
    while (end < text.size() && is_name(text.substr(first, end + 1 - first))) ++end;
    const std::size_t close = braced ? text.find('}', end) : end;
    const auto found = variables.find(std::string_view(text).substr(first, end - first));
    if (close == std::string::npos || end == first) {
      result += text[at];
      continue;
    }
    const std::string rest = braced ? text.substr(end, close - end) : "";
    const std::size_t otherwise = rest.starts_with(":-") || rest.starts_with(":=") ? 2
                                  : rest.starts_with("-") || rest.starts_with("=") ? 1
                                                                                   : 0;
    if (found != variables.end())
      result += expanded(found->second, variables, depth + 1);
    else if (otherwise > 0)
      result += expanded(rest.substr(otherwise), variables, depth + 1);
    else
      result += text.substr(at, (braced ? close + 1 : close) - at);
    at = (braced ? close + 1 : close) - 1;
  }
  return result.substr(0, longest_value);
}

bool is_option(const std::string& text)
{
  return text.size() > 2 && text.starts_with("--") && std::isalpha(static_cast<unsigned char>(text[2])) != 0;
}

/// `NAME=` at the start of a word.
std::size_t assigned_name(const std::string& text)
{
  const std::size_t equals = text.find('=');
  return equals != std::string::npos && is_name(text.substr(0, equals)) ? equals : std::string::npos;
}

std::string option_name(const std::string& text)
{
  std::string name = text.substr(2, text.find('=') == std::string::npos ? std::string::npos : text.find('=') - 2);
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

/// Whether the word behind word `i` belongs to it.
bool has_value(const ShellLine& line, std::size_t i)
{
  return i + 1 < line.size() && !is_option(line[i + 1].text) && line[i + 1].text != "|" && line[i + 1].text != "&&";
}

} // namespace

void add_shell_options(const ForeignText& text, JobSettings& into)
{
  Variables variables;
  for (ShellLine& line : lines_of(text))
    for (std::size_t i = 0; i < line.size(); ++i) {
      // NAME="--option value": the option follows the assignment.
      if (const std::size_t equals = assigned_name(line[i].text); equals != std::string::npos) {
        const std::string value = line[i].text.substr(equals + 1);
        if (!is_option(value)) {
          variables[line[i].text.substr(0, equals)] =
              value.empty() && i + 1 < line.size() && !is_option(line[i + 1].text) ? line[i + 1].text : value;
          continue;
        }
        line[i].place.column += static_cast<int>(equals) + 1;
        line[i].text = value;
      }
      if (!is_option(line[i].text)) continue;
      const ShellWord option = line[i];
      std::string value;
      if (const std::size_t equals = option.text.find('='); equals != std::string::npos) {
        value = option.text.substr(equals + 1);
      } else if (has_value(line, i)) {
        value = line[++i].text;
        while (option_name(option.text) == "recompute-modules" && has_value(line, i)) value += " " + line[++i].text; // it takes several
      }
      into.add(option_name(option.text), value.empty() ? "true" : expanded(value, variables, 0), option.place);
    }
}

} // namespace weft
