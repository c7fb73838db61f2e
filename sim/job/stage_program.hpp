// Writes the program of one pipeline stage: the passes of its schedule, then gradients and optimizer.
#pragma once
#include "job/works.hpp"

namespace weft {

/// The whole step of one stage. `job` receives the stage's own works and payloads (optimizer, gradients).
Program stage_program(Job& job, const Scenario& scenario, const StepWorks& works, const StepPayloads& payloads, int stage);

} // namespace weft
