// What computations lose to the collectives beside them, which run on multiprocessors, too.
#pragma once
#include "job/works.hpp"

namespace weft {

/// Lengthens the works of a step that have collectives beside them; [0, layers_end) are the works of layers. While a collective runs, the
/// computation beside it has the multiprocessors that the library's kernels leave (DeepSeek-V3, arXiv:2412.19437, section 3.2.2, keeps 20 of
/// 132 for communication). How long the collective runs is estimated at the rates of links and adapters, without waiting or contention.
void share_with_collectives(Job& job, const StepWorks& works, const Scenario& scenario, std::uint32_t layers_end);

} // namespace weft
