// Presets before anything is read: words become the files they name, `base:` chains are laid over one another, overrides
// are put in. What comes out is one tree without words or bases, every value with the place it was written at. Internal to the room.
#pragma once
#include "import/format.hpp"
#include "spec/export.hpp"
#include "spec/reader.hpp"

#include <optional>
#include <string>
#include <vector>

namespace weft {

/// Where in a tree presets stand. A word there is short for {base: word} (or {kind: word} where kinds are chosen).
struct PresetShape {
  std::string key;                      ///< under which it stands in its parent
  std::string folder;                   ///< of its presets; empty: it has none
  std::string thing;                    ///< "chip", for messages
  bool chooses_kind = false;            ///< a mapping with `kind` and settings of that kind
  std::vector<std::string> shared_keys; ///< of a mapping that chooses a kind: keys that mean the same for every kind
  std::vector<PresetShape> inside;      ///< presets within it
  std::optional<ImportSubject> imports; ///< what a foreign file that its key `import` names may describe
};

const PresetShape& chip_shape();
const PresetShape& link_shape();
const PresetShape& switch_shape();
const PresetShape& node_shape();
const PresetShape& library_shape();
const PresetShape& platform_shape();
const PresetShape& model_shape();
const PresetShape& workload_shape();
const PresetShape& scenario_shape();

/// Puts one override into the unexpanded tree; a word on the way becomes a mapping that starts from it.
void apply_override(Node& root, const PresetShape& shape, const Override& change);

/// The tree with all words and bases replaced by what they name. Throws ConfigError for an unknown name (naming the nearest),
/// a cycle of bases (printing it), a file that is no mapping.
Node expand(const Node& node, const PresetShape& shape, const DataFolder& data);

/// The same, but a chip itself keeps its `constrain` and `export`, for take_notes.
Node expand_with_notes(const Node& node, const PresetShape& shape, const DataFolder& data);

/// Takes `constrain` and `export` out of an expanded chip, working the caps into its figures. Throws ConfigError.
ChipNotes take_notes(Node& chip, const DataFolder& data);

} // namespace weft
