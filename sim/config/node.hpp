// A YAML value with its place in the file. yaml-cpp stays behind node.cpp.
// Mappings keep the order of the file; duplicate keys, bad UTF-8, too deep or too large documents were refused on reading.
#pragma once
#include "config/error.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft {

/// One value of a YAML document: a scalar, a list, a mapping, or null.
struct Node {
  enum class Kind { null, scalar, list, mapping };
  Kind kind = Kind::null;
  Place place;
  std::string key;                  ///< dotted path from the top of the document, for error messages
  std::string text;                 ///< of a scalar
  bool quoted = false;              ///< a scalar in quotes is always text
  int key_line = 0, key_column = 0; ///< where the key of this value stands in place.file; 0 for list items and values not read from a file
  std::vector<Node> items;          ///< of a list
  std::vector<std::pair<std::string, Node>> entries; ///< of a mapping

  /// The value under `name` of a mapping, or nullptr.
  [[nodiscard]] const Node* find(std::string_view name) const;
  [[nodiscard]] Node* find(std::string_view name);
};

/// Throws ConfigError about this value.
[[noreturn]] void refuse(const Node& node, const std::string& problem);
/// Throws ConfigError that points at the key of this value instead.
[[noreturn]] void refuse_key(const Node& value, const std::string& problem);

/// A scalar and an empty mapping, for values that were computed rather than read.
Node scalar_node(std::string text);
Node mapping_node();
/// Writes the dotted paths of the value and everything in it anew, as if it stood at `path`.
void set_key_path(Node& node, const std::string& path);

/// Reads one YAML document. Limits: 16 MiB, depth 64, 2 million values after aliases.
/// Throws ConfigError for anything unreadable: missing file, directory, bad UTF-8, syntax, duplicate keys, more than one document.
Node read_yaml_file(const std::string& path);
/// The same from memory; `name` stands for the file in messages.
Node read_yaml_text(const std::string& text, const std::string& name);

/// Lays `over` on `under`: mappings merge key by key, anything else replaces. Places stay those of the winning value.
Node merge(const Node& under, const Node& over);

/// Sets the value at a dotted path ("plan.tp", "faults.stragglers[0].slowdown"), making mappings on the way; an index one past
/// the end of a list appends. `where` names the origin in messages. Throws ConfigError for a path that leads through a scalar.
void set_path(Node& root, const std::string& path, const std::string& yaml_value, const std::string& where);

/// One step of a dotted path: a key of a mapping, or an index of a list.
struct PathStep {
  std::string name; ///< empty for an index
  std::size_t index = 0;
};
/// Splits "faults.stragglers[0].slowdown". Throws ConfigError for text that is no path.
std::vector<PathStep> parse_path(const std::string& path, const std::string& where);

/// Writes the value as YAML that reads back to the same value.
std::string to_yaml(const Node& node);

} // namespace weft
