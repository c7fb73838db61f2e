// --dump: the text form of one stage of the walk.
#pragma once
#include "spec/scenario.hpp"

#include <iosfwd>
#include <string>
#include <vector>

namespace weft {

/// "spec", "fabric", "job", "fold", "trace".
std::vector<std::string> stage_names();
/// Writes the text form of a stage, going no further than it takes. Throws what the rooms throw.
void dump(const std::string& stage, Scenario scenario, std::ostream& out);

} // namespace weft
