// A simulation in a process of its own: SimGrid allows one engine per process, and comparisons, studies and tests need many.
#pragma once
#include "engine/simulate.hpp"

namespace weft {

/// As simulate(), in a forked child that ends with the simulation. What it throws is thrown here: ConfigError becomes LogicError, as
/// none is due this late; a child that dies is a LogicError with the signal. The calling process must not have simulated itself.
Trace simulate_isolated(const Folding& folding, const EngineSettings& settings);

} // namespace weft
