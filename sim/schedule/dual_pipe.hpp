// The order of passes DualPipe and DualPipeV share: microbatches of two directions, forward of one hidden behind backward of the other.
// Order of the open implementation of the DeepSeek-V3 report (arXiv:2412.19437, section 3.2.1): eight phases.
#pragma once
#include "schedule/schedule.hpp"

namespace weft {

/// One rank of the order.
struct DualPipeSeat {
  int ranks = 1;        ///< the pipeline's length, or half of it where two directions meet in the middle
  int position = 0;     ///< distance from the end where the seat's own direction enters
  int microbatches = 0; ///< in each direction
  int own_chunk = 0;    ///< chunk of the direction that enters nearer; the other has 1 - own_chunk
};
/// Microbatches count from 0 in each direction. Needs at least 2 x ranks of them.
std::vector<Pass> dual_pipe_passes(const DualPipeSeat& seat);
/// Makespan of equal passes without company: the staggered start of (ranks - 1).
std::optional<double> dual_pipe_makespan(int ranks, int microbatches, const PassTimes& times);

} // namespace weft
