// Rules across the parts of a scenario: does the plan fit the model, the job the machine, the faults the fabric. Internal to the room.
// `tree` is the expanded YAML the struct was read from, so that a message points at what was written. All throw ConfigError.
#pragma once
#include "spec/scenario.hpp"

#include <initializer_list>

namespace weft {

/// The deepest value along the keys that is written: what a message about a rule points at.
const Node& written(const Node& tree, std::initializer_list<const char*> keys);
/// A model's shape is consistent in itself.
void check_model(const Node& node, const ModelShape& model);
/// The plan cuts the model where it can be cut.
void check_model_cut(const Scenario& scenario, const Node& tree);
/// The scale-up topology has links, adapters a host link.
void check_node(const NodeModel& node, const Node& tree);
/// Nodes can reach one another, and there are not too many accelerators to hold.
void check_platform(const Platform& platform, const Node& tree);
/// The plan cuts the model and the batch evenly and fits the machine; faults name accelerators that exist.
void check_scenario(const Scenario& scenario, const Node& tree);

} // namespace weft
