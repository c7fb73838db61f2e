// Fused actions play their communications inside one timer: nobody else can use their links meanwhile, so what these links carry is
// known without playing it. This adds it to the trace after the run.
#pragma once
#include "engine/trace.hpp"
#include "fold/folding.hpp"

namespace weft {

/// Adds bytes, busy time, peak and time series of all fused communications to `trace.links` and `trace.utilisation`.
/// `trace.spans` and `trace.end` must be final.
void add_fused_use(const Folding& folding, Trace& trace);

} // namespace weft
