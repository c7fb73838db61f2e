// The computations and messages of a routed feed-forward block.
#pragma once
#include "job/works.hpp"

namespace weft {

/// Adds the works and payloads of one kind of routed layer. All-to-alls carry what the busiest rank receives: the mean times
/// Shard::expert_load. Forward and backward carry the same: outputs' gradients travel to the experts as tokens did, inputs' gradients back
/// as results did (DeepSeek-V3, arXiv:2412.19437, section 3.3.3).
ExpertWorks add_expert_works(Job& job, const Scenario& scenario, const Shard& shard, const ExpertBlock& block, Backward backward);

} // namespace weft
