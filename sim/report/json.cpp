#include "report/json.hpp"

#include "config/error.hpp"
#include "report/numbers.hpp"
#include "units/text.hpp"

#include <array>
#include <cstdio>

namespace weft {
namespace {

/// Length of the UTF-8 sequence that starts at `at`, or 0 when it is none. The Unicode Standard 15.0, table 3-7.
std::size_t sequence_length(std::string_view text, std::size_t at)
{
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned first = byte(at);
  const unsigned second = byte(at + 1);
  const auto tail = [&](std::size_t from, std::size_t count) {
    for (std::size_t i = from; i < from + count; ++i)
      if (byte(at + i) < 0x80 || byte(at + i) > 0xBF) return false;
    return true;
  };
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return tail(1, 1) ? 2 : 0;
  const unsigned low3 = first == 0xE0 ? 0xA0 : 0x80;
  const unsigned high3 = first == 0xED ? 0x9F : 0xBF;
  if (first >= 0xE0 && first <= 0xEF) return second >= low3 && second <= high3 && tail(2, 1) ? 3 : 0;
  const unsigned low4 = first == 0xF0 ? 0x90 : 0x80;
  const unsigned high4 = first == 0xF4 ? 0x8F : 0xBF;
  if (first >= 0xF0 && first <= 0xF4) return second >= low4 && second <= high4 && tail(2, 2) ? 4 : 0;
  return 0;
}

void append_escaped(std::string& out, char c)
{
  switch (c) {
  case '"':
    out += "\\\"";
    return;
  case '\\':
    out += "\\\\";
    return;
  case '\n':
    out += "\\n";
    return;
  case '\t':
    out += "\\t";
    return;
  case '\r':
    out += "\\r";
    return;
  default:
    break;
  }
  if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) {
    out += c;
    return;
  }
  std::array<char, 8> code{};
  std::snprintf(code.data(), code.size(), "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
  out += code.data();
}

} // namespace

std::string json_string(std::string_view text)
{
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequence_length(text, at);
    if (length == 0)
      out += "\\ufffd";
    else if (length == 1)
      append_escaped(out, text[at]);
    else
      out += text.substr(at, length);
    at += length == 0 ? 1 : length;
  }
  return out + "\"";
}

void JsonWriter::before_item()
{
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (has_items_.empty()) return;
  text_ += has_items_.back() ? ",\n" : "\n";
  has_items_.back() = true;
  text_.append(2 * has_items_.size(), ' ');
}

void JsonWriter::open(char bracket)
{
  before_item();
  text_ += bracket;
  has_items_.push_back(false);
}

void JsonWriter::close(char bracket)
{
  if (has_items_.empty() || after_key_) throw LogicError("JSON is closed where nothing is open");
  const bool had_items = has_items_.back();
  has_items_.pop_back();
  if (had_items) {
    text_ += "\n";
    text_.append(2 * has_items_.size(), ' ');
  }
  text_ += bracket;
}

JsonWriter& JsonWriter::key(std::string_view name)
{
  before_item();
  text_ += json_string(name) + ": ";
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text)
{
  before_item();
  text_ += json_string(text);
  return *this;
}

JsonWriter& JsonWriter::value(double number)
{
  before_item();
  text_ += shortest(number);
  return *this;
}

JsonWriter& JsonWriter::value(std::uint64_t number)
{
  before_item();
  text_ += std::to_string(number);
  return *this;
}

JsonWriter& JsonWriter::null()
{
  before_item();
  text_ += "null";
  return *this;
}

JsonWriter& JsonWriter::value(const Node& node)
{
  switch (node.kind) {
  case Node::Kind::null:
    return null();
  case Node::Kind::list:
    begin_array();
    for (const Node& item : node.items) value(item);
    return end_array();
  case Node::Kind::mapping:
    begin_object();
    for (const auto& [name, item] : node.entries) member(name, item);
    return end_object();
  case Node::Kind::scalar:
    break;
  }
  const auto number = node.quoted ? std::nullopt : parse_number(node.text);
  if (number) return value(*number);
  if (!node.quoted && (node.text == "true" || node.text == "false")) {
    before_item();
    text_ += node.text;
    return *this;
  }
  return value(std::string_view(node.text));
}

std::string JsonWriter::text() const
{
  if (!has_items_.empty() || after_key_) throw LogicError("JSON is read before it is finished");
  return text_ + "\n";
}

} // namespace weft
