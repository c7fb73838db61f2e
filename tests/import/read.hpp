// Reads a foreign text with a format by name, as the tests of the room need it.
#pragma once
#include "import/format.hpp"

#include <stdexcept>
#include <string>

namespace weft::test {

inline const ImportFormat& import_format(const std::string& name)
{
  for (const ImportFormat* format : import_formats())
    if (name == format->name) return *format;
  throw std::runtime_error("no import format " + name);
}

inline Imported import_text(const std::string& format, const std::string& text, const std::string& settings = "{}")
{
  return import_format(format).read({"file", text}, read_yaml_text(settings, "settings"));
}

/// The line a text is refused with; empty when it is not.
inline std::string refusal(const std::string& format, const std::string& text, const std::string& settings = "{}")
{
  try {
    import_text(format, text, settings);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

/// The text at a dotted path; "(none)" when nothing stands there.
inline std::string value_at(const Node& tree, const std::string& path)
{
  const Node* at = &tree;
  for (const PathStep& step : parse_path(path, "test")) {
    if (step.name.empty())
      at = step.index < at->items.size() ? &at->items[step.index] : nullptr;
    else
      at = at->find(step.name);
    if (!at) return "(none)";
  }
  return at->kind == Node::Kind::scalar ? at->text : one_line(*at);
}

} // namespace weft::test
