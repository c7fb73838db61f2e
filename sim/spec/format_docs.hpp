// The format of every file, rendered from the records that read it: a reference in Markdown and a JSON Schema for editors.
// Settings of topology kinds are not known here; whoever knows all rooms hands them in.
#pragma once
#include "config/record.hpp"

#include <string>
#include <vector>

namespace weft {

/// Type of a key that names a foreign file or holds a mapping about it.
constexpr const char* import_type = "file name or mapping";

/// The settings of one kind, such as the topology "fat-tree".
struct KindSettings {
  std::string where;            ///< key that chooses among such kinds: "scaleup", "fabric" or "routing" (mappings), "schedule" (a word)
  std::string kind;             ///< "fat-tree"
  std::string summary;          ///< one line
  std::string source;           ///< paper or manual; may be empty
  std::vector<FieldDoc> fields; ///< its own keys
};

/// docs/formats.md: every key of every file with type, unit, default and meaning; the kinds' own settings at the end.
std::string format_reference(const std::vector<KindSettings>& kinds);
/// One table of keys: `key | type | default | meaning`, nested keys dotted.
std::string format_table(const std::vector<FieldDoc>& fields);
/// A JSON Schema (draft 2020-12) of a scenario file; its $defs describe the preset files.
std::string scenario_schema(const std::vector<KindSettings>& kinds);

} // namespace weft
