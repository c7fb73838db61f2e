// Writing a Node as YAML: block style for files, flow style for one line of documentation.
#include "config/node.hpp"

#include "config/value.hpp"

namespace weft {
namespace {

bool is_null_word(const std::string& text) { return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL"; }

/// Whether the text needs quotes to be read back as the same scalar, in block or flow style.
bool needs_quotes(const std::string& text)
{
  if (is_null_word(text)) return true;
  if (text.front() == ' ' || text.back() == ' ' || text.back() == ':') return true;
  if (std::string_view("-?:,[]{}#&*!|>'\"%@`=<").find(text.front()) != std::string_view::npos) {
    // A minus sign or a dot before a digit is a number.
    if (!(text.size() > 1 && text.front() == '-' && text[1] >= '0' && text[1] <= '9')) return true;
  }
  if (text.find(": ") != std::string::npos || text.find(" #") != std::string::npos) return true;
  if (text.find_first_of(",[]{}\"") != std::string::npos) return true;
  if (text.substr(0, 3) == "---" || text.substr(0, 3) == "...") return true;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x20 || code >= 0x7f) return true; // control characters and anything beyond ASCII
  }
  return false;
}

std::string quoted(const std::string& text)
{
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      result += '\\', result += c;
    else if (c == '\n')
      result += "\\n";
    else if (c == '\t')
      result += "\\t";
    else if (c == '\r')
      result += "\\r";
    else
      result += c;
  }
  return result + "\"";
}

std::string word(const std::string& text, bool always_quote) { return always_quote || needs_quotes(text) ? quoted(text) : text; }

std::string flow(const Node& node)
{
  std::string result;
  switch (node.kind) {
  case Node::Kind::null:
    return "null";
  case Node::Kind::scalar:
    return word(node.text, node.quoted);
  case Node::Kind::list:
    for (const Node& item : node.items) result += (result.empty() ? "" : ", ") + flow(item);
    return "[" + result + "]";
  case Node::Kind::mapping:
    for (const auto& [key, value] : node.entries) result += (result.empty() ? "" : ", ") + word(key, false) + ": " + flow(value);
    return "{" + result + "}";
  }
  return result;
}

bool on_one_line(const Node& node) { return node.items.empty() && node.entries.empty(); }

/// Lines of the value, each starting with `indent` but the first.
void block(const Node& node, const std::string& indent, std::string& into)
{
  if (on_one_line(node)) {
    into += flow(node) + "\n";
    return;
  }
  bool first = true;
  for (const Node& item : node.items) {
    into += (first ? "" : indent) + "- ";
    block(item, indent + "  ", into);
    first = false;
  }
  for (const auto& [key, value] : node.entries) {
    into += (first ? "" : indent) + word(key, false) + ":";
    first = false;
    if (on_one_line(value))
      into += " ";
    else
      into += "\n" + indent + "  ";
    block(value, indent + "  ", into);
  }
}

} // namespace

std::string to_yaml(const Node& node)
{
  std::string text;
  block(node, "", text);
  return text;
}

std::string one_line(const Node& node)
{
  if (node.kind == Node::Kind::null) return "";
  if (node.kind != Node::Kind::scalar && on_one_line(node)) return "";
  if (node.kind == Node::Kind::scalar && node.text.empty()) return "";
  return flow(node);
}

} // namespace weft
