// How a framework runs the operators of a layer: which neighbours share a kernel, which generation of fused attention, what recomputation
// repeats. The blocks of the other files of this room are written as Megatron-LM's hand-fused kernels run them; here they are rewritten for
// compiled and eager PyTorch.
#pragma once
#include "model/decoder.hpp"

namespace weft {

/// The operators as the workload's execution style runs them. Flops do not change; bytes and launches do.
LayerOperators as_run(LayerOperators layer, const Workload& workload);
EndOperators as_run(EndOperators ends, const Workload& workload);
/// The forward part of a block that backward runs again under the shard's recomputation; its backward parts are left empty.
Block repeated(const Block& block, const Shard& shard);

} // namespace weft
