// From files to one resolved, checked, constant Scenario: presets looked up, `base:` chains merged, overrides applied, cross-file rules
// held.
//
// A preset is named by a word (`node: dgx-a100` is platforms/nodes/dgx-a100.yaml in the data folder), by a path ending in
// .yaml relative to the file that names it, or written in place; a mapping may start from a preset with `base: NAME` and
// change any of its keys.
#pragma once
#include "spec/scenario.hpp"

#include <string>
#include <vector>

namespace weft {

/// One `--set key.path=value`.
struct Override {
  std::string path, value;
};

/// Where the presets are: the folder that holds platforms/, workloads/, scenarios/.
struct DataFolder {
  std::string path;
};

/// Reads a scenario and everything it names; overrides go in before presets are looked up, later ones over earlier ones. Throws
/// ConfigError.
Scenario read_scenario(const std::string& file, const std::vector<Override>& overrides, const DataFolder& data);
/// Reads a platform alone (a name in platforms/clusters/ or a file), for `weft topo`; override paths may start with "platform.".
Platform read_platform(const std::string& name_or_file, const std::vector<Override>& overrides, const DataFolder& data);
/// One preset by name. Throws ConfigError when there is none, naming the nearest.
Chip read_chip(const std::string& name, const DataFolder& data);
NodeModel read_node(const std::string& name, const DataFolder& data);
LinkMedium read_link(const std::string& name, const DataFolder& data);
SwitchModel read_switch(const std::string& name, const DataFolder& data);
ModelShape read_model(const std::string& name, const DataFolder& data);
CollectiveLibrary read_library(const std::string& name, const DataFolder& data);
Workload read_workload(const std::string& name, const DataFolder& data);
/// Names of all presets of one folder ("platforms/chips"), sorted.
std::vector<std::string> preset_names(const std::string& folder, const DataFolder& data);

/// The scenario as YAML with every preset and default spelled out; reading it back gives the same scenario.
Node resolved(const Scenario& scenario);

} // namespace weft
