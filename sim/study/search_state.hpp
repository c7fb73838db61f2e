// What a search knows, as a file it can be resumed from.
#pragma once
#include "study/search.hpp"

namespace weft {

/// The state as text: a line that names the scenario by its content, then one line per simulated plan.
std::string to_text(const KnownSteps& known, const Scenario& scenario);
/// Reads a state back. Throws ConfigError when the file cannot be read, is damaged, or belongs to another scenario.
KnownSteps read_state(const std::string& file, const Scenario& scenario);

} // namespace weft
