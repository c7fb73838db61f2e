#include "import/toml_text.hpp"

#include "config/value.hpp"

#include <cctype>
#include <set>

namespace weft {
namespace {

constexpr std::size_t longest_name = 200;

class TomlReader {
  const ForeignText& text_;
  std::size_t at_ = 0;
  int line_ = 1, column_ = 1;
  std::string table_; ///< with a dot behind it, unless empty
  std::set<std::string> seen_;
  std::vector<TomlSetting> settings_;

public:
  explicit TomlReader(const ForeignText& text) : text_(text) {}

  std::vector<TomlSetting> read()
  {
    for (skip_lines(); !at_end(); skip_lines()) {
      if (peek() == '[')
        open_table();
      else
        read_setting();
      end_line();
    }
    return std::move(settings_);
  }

private:
  [[nodiscard]] bool at_end() const { return at_ >= text_.text.size(); }
  [[nodiscard]] char peek() const { return at_end() ? '\0' : text_.text[at_]; }
  [[nodiscard]] Place here() const { return {text_.file, line_, column_}; }
  [[noreturn]] void refuse_here(const std::string& problem) const { throw ConfigError(here(), "", problem); }

  void step()
  {
    const char c = peek();
    ++at_;
    if (c == '\n')
      ++line_, column_ = 1;
    else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80)
      ++column_;
  }

  void skip_blanks()
  {
    while (peek() == ' ' || peek() == '\t') step();
  }
  void skip_comment()
  {
    if (peek() == '#')
      while (!at_end() && peek() != '\n') step();
  }
  /// Blanks, comments and empty lines.
  void skip_lines()
  {
    for (;;) {
      skip_blanks();
      skip_comment();
      if (peek() != '\n' && peek() != '\r') return;
      step();
    }
  }
  void end_line()
  {
    skip_blanks();
    skip_comment();
    if (peek() == '\r') step();
    if (!at_end() && peek() != '\n') refuse_here("not valid TOML: more on the line than a key and a value (start a new line)");
  }

  void expect(char mark)
  {
    skip_blanks();
    if (peek() != mark) refuse_here(std::string("not valid TOML: expected '") + mark + "' (check quotes and brackets)");
    step();
  }

  static bool is_bare(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-'; }

  std::string read_key()
  {
    std::string name;
    for (;;) {
      skip_blanks();
      std::string part;
      if (peek() == '"' || peek() == '\'')
        part = read_text();
      else
        while (is_bare(peek())) part += peek(), step();
      if (part.empty()) refuse_here("not valid TOML: expected a key (write key = value)");
      name += part;
      if (name.size() > longest_name) refuse_here("a key of more than 200 characters (shorten it)");
      skip_blanks();
      if (peek() != '.') return name;
      name += '.';
      step();
    }
  }

  void open_table()
  {
    step();
    if (peek() == '[') refuse_here("a list of tables [[...]] is not read (leave it out)");
    table_ = read_key() + ".";
    expect(']');
  }

  void read_setting()
  {
    const Place place = here();
    const std::string name = table_ + read_key();
    expect('=');
    skip_blanks();
    if (!seen_.insert(name).second) throw ConfigError(place, shown(name), "stands here twice (keep one)");
    settings_.push_back({name, peek() == '[' ? read_list() : read_scalar(), place});
  }

  std::string read_list()
  {
    const Place opened = here();
    step();
    std::string all;
    for (;;) {
      skip_lines();
      if (at_end()) throw ConfigError(opened, "", "not valid TOML: a list that is never closed (close it)");
      if (peek() == ']') break;
      if (peek() == '[') refuse_here("a list within a list is not read (leave it out)");
      all += (all.empty() ? "" : ", ") + read_scalar();
      skip_lines();
      if (peek() == ',')
        step();
      else if (!at_end() && peek() != ']')
        refuse_here("not valid TOML: expected ',' or ']' (check quotes and brackets)");
    }
    step();
    return "[" + all + "]";
  }

  std::string read_scalar()
  {
    if (peek() == '"' || peek() == '\'') return read_text();
    if (peek() == '{') refuse_here("a table in braces is not read (write it as [table])");
    const Place place = here();
    std::string word;
    while (is_bare(peek()) || peek() == '+' || peek() == '.' || peek() == ':') word += peek(), step();
    std::string digits;
    for (const char c : word)
      if (c != '_') digits += c;
    if (word == "true" || word == "false") return word;
    if (!parse_number(digits))
      throw ConfigError(place, "", "not valid TOML: '" + shown(word) + "' is no text, number, true or false (put texts in quotes)");
    return digits;
  }

  std::string read_text()
  {
    const Place opened = here();
    const char quote = peek();
    step();
    std::string text;
    while (!at_end() && peek() != quote && peek() != '\n') {
      if (quote == '"' && peek() == '\\') {
        step();
        text += escaped();
      } else {
        text += peek();
      }
      step();
    }
    if (peek() != quote) throw ConfigError(opened, "", "not valid TOML: a quote that is not closed on its line (close it)");
    step();
    if (text.empty() && peek() == quote) throw ConfigError(opened, "", "a text over several lines is not read (leave it out)");
    return text;
  }

  [[nodiscard]] char escaped() const
  {
    switch (peek()) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case '"':
    case '\\':
      return peek();
    default:
      refuse_here("an escape other than \\\" \\\\ \\n \\t \\r is not read (write the character itself)");
    }
  }
};

} // namespace

std::vector<TomlSetting> read_toml(const ForeignText& text) { return TomlReader(text).read(); }

} // namespace weft
