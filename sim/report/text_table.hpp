// Columns of text, aligned by display width (UTF-8 aware), for the terminal.
#pragma once
#include <string>
#include <vector>

namespace weft {

/// Rows of cells; the last cell of a row is never padded, so lines have no trailing blanks.
struct TextTable {
  std::vector<std::vector<std::string>> rows;
  std::string columns; ///< one letter per column: 'l' left, 'r' right; columns beyond are left-aligned
  std::string indent = "  ";
};

/// The table as lines.
std::string to_text(const TextTable& table);
/// Columns a UTF-8 text takes on a terminal (one per code point).
std::size_t display_width(const std::string& text);

} // namespace weft
