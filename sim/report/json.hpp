// Writes JSON: keys in the order given, numbers shortest that read back, two spaces of indent so that versions can be diffed.
#pragma once
#include "config/node.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weft {

/// `text` in quotes, escaped. Bytes that are not UTF-8 become U+FFFD.
std::string json_string(std::string_view text);

/// A JSON document under construction; the calls must nest properly.
class JsonWriter {
  std::string text_;
  std::vector<bool> has_items_; ///< per open object or array
  bool after_key_ = false;

  void before_item();
  void open(char bracket);
  void close(char bracket);

public:
  JsonWriter& begin_object()
  {
    open('{');
    return *this;
  }
  JsonWriter& end_object()
  {
    close('}');
    return *this;
  }
  JsonWriter& begin_array()
  {
    open('[');
    return *this;
  }
  JsonWriter& end_array()
  {
    close(']');
    return *this;
  }
  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(double number);
  JsonWriter& value(std::uint64_t number);
  JsonWriter& null();
  /// A YAML value: unquoted numbers, true and false keep their type, every other scalar is a string.
  JsonWriter& value(const Node& node);
  template <class T> JsonWriter& member(std::string_view name, const T& item)
  {
    key(name);
    return value(item);
  }

  /// The finished document with a closing line feed. Throws LogicError when something is still open.
  [[nodiscard]] std::string text() const;
};

} // namespace weft
