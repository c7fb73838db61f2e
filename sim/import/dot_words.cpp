#include "import/dot_words.hpp"

#include "config/value.hpp"

#include <cctype>

namespace weft {
namespace {

bool starts_word(char c)
{
  const auto code = static_cast<unsigned char>(c);
  return std::isalpha(code) != 0 || c == '_' || code >= 0x80;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool same_in_any_case(const std::string& word, const char* keyword)
{
  std::size_t i = 0;
  for (; i < word.size() && keyword[i] != '\0'; ++i)
    if (std::tolower(static_cast<unsigned char>(word[i])) != keyword[i]) return false;
  return i == word.size() && keyword[i] == '\0';
}

} // namespace

DotWords::DotWords(const ForeignText& text) : text_(text) { word_ = scan(); }

bool DotWords::at_keyword(const char* keyword) const { return word_.kind == DotWord::Kind::text && same_in_any_case(word_.text, keyword); }

bool DotWords::take_keyword(const char* keyword)
{
  if (!at_keyword(keyword)) return false;
  take();
  return true;
}

bool DotWords::next_is(char mark)
{
  skip_blanks();
  return peek() == mark;
}

DotWord DotWords::take()
{
  DotWord taken = std::move(word_);
  word_ = scan();
  return taken;
}

DotWord DotWords::expect_text()
{
  if (!at_text()) refuse("expected a name");
  return take();
}

void DotWords::expect(char mark)
{
  if (!at(mark)) refuse(std::string("expected '") + mark + "'");
  take();
}

void DotWords::refuse(const std::string& problem) const
{
  const bool says_what_to_do = problem.ends_with(')');
  throw ConfigError(word_.place, "",
                    problem + (says_what_to_do ? ""
                               : at_end()      ? ", the file ends (close what is open)"
                                               : ", got '" + shown(word_.text) + "' (see the DOT language)"));
}

void DotWords::step()
{
  const char c = peek();
  ++at_;
  if (c == '\n')
    ++line_, column_ = 1;
  else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) // bytes within a character are not columns
    ++column_;
}

void DotWords::skip_blanks()
{
  while (at_ < text_.text.size()) {
    const char c = peek();
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      step();
    } else if ((c == '/' && peek(1) == '/') || (c == '#' && column_ == 1)) {
      while (at_ < text_.text.size() && peek() != '\n') step();
    } else if (c == '/' && peek(1) == '*') {
      const Place opened = here();
      step(), step();
      while (at_ < text_.text.size() && !(peek() == '*' && peek(1) == '/')) step();
      if (at_ >= text_.text.size()) throw ConfigError(opened, "", "a comment that is never closed (close it with */)");
      step(), step();
    } else {
      return;
    }
  }
}

DotWord DotWords::scan()
{
  skip_blanks();
  DotWord word;
  word.place = here();
  const char c = peek();
  if (at_ >= text_.text.size()) return word;
  word.kind = DotWord::Kind::text;
  if (c == '"') {
    word.kind = DotWord::Kind::quoted;
    word.text = scan_quoted();
  } else if (c == '<') {
    word.kind = DotWord::Kind::quoted;
    word.text = scan_html();
  } else if (c == '-' && (peek(1) == '-' || peek(1) == '>')) {
    word.kind = DotWord::Kind::edge;
    word.text = std::string{c, peek(1)};
    step(), step();
  } else if (starts_word(c)) {
    while (starts_word(peek()) || is_digit(peek())) word.text += peek(), step();
  } else if (is_digit(c) || c == '.' || (c == '-' && (is_digit(peek(1)) || peek(1) == '.'))) {
    do word.text += peek(), step();
    while (is_digit(peek()) || peek() == '.');
    if (starts_word(peek())) throw ConfigError(word.place, "", "a name that starts like a number (put it in quotes)");
  } else if (std::string_view("{}[]=;,:").find(c) != std::string_view::npos) {
    word.kind = DotWord::Kind::mark;
    word.text = std::string{c};
    step();
  } else {
    throw ConfigError(here(), "", std::string("unexpected '") + c + "' (put names with such characters in quotes)");
  }
  return word;
}

/// "..." and what + joins to it. A backslash before a quote or the end of a line goes; others stay, as Graphviz leaves them.
std::string DotWords::scan_quoted()
{
  std::string text;
  for (;;) {
    const Place opened = here();
    step();
    while (at_ < text_.text.size() && peek() != '"') {
      if (peek() == '\\' && peek(1) == '\n') {
        step(), step();
        continue;
      }
      if (peek() == '\\' && (peek(1) == '"' || peek(1) == '\\')) {
        if (peek(1) == '\\') text += peek();
        step();
      }
      text += peek();
      step();
    }
    if (at_ >= text_.text.size()) throw ConfigError(opened, "", "a quote that is never closed (close it)");
    step();
    skip_blanks();
    if (peek() != '+') return text;
    step();
    skip_blanks();
    if (peek() != '"') throw ConfigError(here(), "", "expected a text in quotes after + (see the DOT language)");
  }
}

/// <...> with the brackets inside it.
std::string DotWords::scan_html()
{
  const Place opened = here();
  std::string text;
  int depth = 0;
  while (at_ < text_.text.size()) {
    const char c = peek();
    depth += c == '<' ? 1 : c == '>' ? -1 : 0;
    text += c;
    step();
    if (depth == 0) return text;
  }
  throw ConfigError(opened, "", "a '<' that is never closed (close it)");
}

} // namespace weft
