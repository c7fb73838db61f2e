// The words of a DOT file: identifiers, quoted and HTML texts, edge marks, punctuation; comments are skipped. Internal to the room.
#pragma once
#include "import/format.hpp"

#include <string>

namespace weft {

struct DotWord {
  enum class Kind { end, text, quoted, edge, mark };
  Kind kind = Kind::end;
  std::string text; ///< of a mark one character, of an edge "--" or "->"
  Place place;
};

/// Reads word by word, one ahead.
class DotWords {
public:
  explicit DotWords(const ForeignText& text);

  [[nodiscard]] bool at_end() const { return word_.kind == DotWord::Kind::end; }
  [[nodiscard]] bool at(char mark) const { return word_.kind == DotWord::Kind::mark && word_.text[0] == mark; }
  [[nodiscard]] bool at_edge() const { return word_.kind == DotWord::Kind::edge; }
  [[nodiscard]] bool at_text() const { return word_.kind == DotWord::Kind::text || word_.kind == DotWord::Kind::quoted; }
  /// Keywords are words without quotes, in any case.
  [[nodiscard]] bool at_keyword(const char* keyword) const;
  bool take_keyword(const char* keyword);
  /// Whether that mark follows the current word.
  [[nodiscard]] bool next_is(char mark);
  DotWord take();
  DotWord expect_text();
  void expect(char mark);
  /// Throws ConfigError at the current word.
  [[noreturn]] void refuse(const std::string& problem) const;

private:
  const ForeignText& text_;
  std::size_t at_ = 0;
  int line_ = 1, column_ = 1;
  DotWord word_;

  [[nodiscard]] char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.text.size() ? text_.text[at_ + ahead] : '\0'; }
  void step();
  void skip_blanks();
  DotWord scan();
  std::string scan_quoted();
  std::string scan_html();
  [[nodiscard]] Place here() const { return {text_.file, line_, column_}; }
};

} // namespace weft
