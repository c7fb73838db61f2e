// Whether a plan may stand in a scenario, without a file: for studies that make plans of their own.
#pragma once
#include "spec/scenario.hpp"

#include <string>

namespace weft {

/// What the reader would refuse about the scenario's plan: its own ranges and rules, and how it fits model, batch and machine. Empty when it
/// would not.
std::string plan_objection(const Scenario& scenario);

} // namespace weft
