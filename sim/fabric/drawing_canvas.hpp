// Shapes of an SVG picture as text; nothing here knows what they mean.
#pragma once
#include <array>
#include <cstdio>
#include <sstream>
#include <string>

namespace weft {

struct Point {
  double x = 0, y = 0;
};

/// A coordinate with at most one digit after the point, without trailing zeros.
inline std::string number(double value)
{
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  std::string result = text.data();
  if (result.ends_with(".0")) result.resize(result.size() - 2);
  return result;
}

inline std::string escaped(const std::string& text)
{
  std::string result;
  for (const char c : text) {
    if (c == '&')
      result += "&amp;";
    else if (c == '<')
      result += "&lt;";
    else if (c == '>')
      result += "&gt;";
    else if (c == '"')
      result += "&quot;";
    else
      result += c;
  }
  return result;
}

/// Collects shapes in drawing order.
class Canvas {
  std::ostringstream out_;

public:
  void rectangle(Point corner, double width, double height, const std::string& style, double radius = 3)
  {
    out_ << "<rect x=\"" << number(corner.x) << "\" y=\"" << number(corner.y) << "\" width=\"" << number(width) << "\" height=\""
         << number(height) << "\" rx=\"" << number(radius) << "\" " << style << "/>\n";
  }
  void line(Point a, Point b, const std::string& style)
  {
    out_ << "<line x1=\"" << number(a.x) << "\" y1=\"" << number(a.y) << "\" x2=\"" << number(b.x) << "\" y2=\"" << number(b.y) << "\" "
         << style << "/>\n";
  }
  void arc(Point a, Point b, double depth, const std::string& style)
  {
    out_ << "<path d=\"M" << number(a.x) << ' ' << number(a.y) << " Q" << number((a.x + b.x) / 2) << ' ' << number(a.y + depth) << ' '
         << number(b.x) << ' ' << number(b.y) << "\" fill=\"none\" " << style << "/>\n";
  }
  void text(Point at, const std::string& words, const std::string& style)
  {
    out_ << "<text x=\"" << number(at.x) << "\" y=\"" << number(at.y) << "\" " << style << '>' << escaped(words) << "</text>\n";
  }
  [[nodiscard]] std::string str() const { return out_.str(); }
};

} // namespace weft
