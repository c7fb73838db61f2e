// Rules across the parts of a scenario: does the plan fit the model, the job the machine, the faults the fabric. Internal to the room.
// `tree` is the expanded YAML the struct was read from, so that a message points at what was written. All throw ConfigError.
#pragma once
#include "spec/scenario.hpp"

namespace weft {

/// The scale-up topology has links, adapters a host link.
void check_node(const NodeModel& node, const Node& tree);
/// Nodes can reach one another, and there are not too many accelerators to hold.
void check_platform(const Platform& platform, const Node& tree);
/// The plan cuts the model and the batch evenly and fits the machine; faults name accelerators that exist.
void check_scenario(const Scenario& scenario, const Node& tree);

} // namespace weft
