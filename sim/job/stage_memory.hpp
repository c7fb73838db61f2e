// What one pipeline stage holds: for the whole step, for a microbatch from its forward to its backward, and while a pass runs.
#pragma once
#include "job/memory.hpp"
#include "job/parameters.hpp"
#include "job/pipeline.hpp"

#include <vector>

namespace weft {

/// One model chunk of a stage.
struct ChunkMemory {
  Bytes kept;     ///< activations of one microbatch, from its forward to the gradients of its weights
  Bytes logits;   ///< of the head, from a microbatch's forward to the gradients of its inputs
  Bytes head;     ///< of the head while it runs, beyond `logits`
  Bytes backward; ///< of the layer at hand while backward runs
};

/// What the passes of a stage are added up from.
struct StageHoldings {
  MemoryNeed whole_step;  ///< all but activations, and what only passes need
  Bytes gathered;         ///< parameters that exist whole for the layers at hand, while passes run
  Bytes unscattered;      ///< gradients that exist whole for the layer at hand, while backward runs
  double fragmentation = 0; ///< share of the allocator's memory for what comes and goes
  std::vector<ChunkMemory> chunks;
};
StageHoldings stage_holdings(const Scenario& scenario, const Pipeline& pipeline, int stage);

} // namespace weft
