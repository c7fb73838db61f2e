// Plays a folding on SimGrid and returns its trace. One simulation per process (SimGrid allows one engine): see docs/architecture.md.
#pragma once
#include "engine/trace.hpp"
#include "fold/folding.hpp"

#include <functional>

namespace weft {

/// Called now and then with the share of actions done, for a progress display.
using Progress = std::function<void(double)>;

/// Plays the step. Throws LogicError on deadlock (with the actions that wait), CannotFinish when engine `simgrid` cannot
/// represent a weight.
Trace simulate(const Folding& folding, const EngineSettings& settings, const Progress& progress = {});

} // namespace weft
