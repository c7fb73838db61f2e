// ZB-H2: about twice the microbatches of 1F1B in flight, so that each stage works without a gap from its first pass to its last.
#include "schedule/counts.hpp"
#include "schedule/zero_bubble.hpp"

#include <algorithm>

namespace weft {
namespace {

constexpr int depth = 2;

std::string objection(const PipelineShape& shape) { return objection_to_chunks(shape, "zb-h2"); }

std::vector<Pass> passes(const PipelineShape& shape, int stage) { return zero_bubble_passes(shape, stage, depth); }

int peak_alive(const PipelineShape& shape, int stage)
{
  require_stage(shape, stage);
  return std::min(zero_bubble_alive(shape, depth), shape.microbatches);
}

/// A bubble of (p - 1)(F + B - 2W) on one stage, table 1 of the source; over all stages the staggered start of (p - 1) F remains, or a
/// staggered end of (p - 1)(B - F) where gradients of inputs take more than twice as long as forward passes.
std::optional<double> makespan(const PipelineShape& shape, const PassTimes& times)
{
  if (shape.microbatches < 2 * shape.stages - 1) return std::nullopt;
  const double work = shape.microbatches * (times.forward + times.backward());
  return work + (shape.stages - 1) *
                    std::max({times.forward, times.inputs - times.forward, times.forward + times.inputs - 2 * times.weights});
}

} // namespace

extern const ScheduleKind kind_zb_h2_schedule_kinds;
const ScheduleKind kind_zb_h2_schedule_kinds{
    .name = "zb-h2",
    .summary = "twice the warm-up of 1F1B fills the pipeline until no bubble is left but the stages' staggered start; twice the memory",
    .source = "Qi et al. 2023, Zero Bubble Pipeline Parallelism, arXiv:2401.10241, section 2.3 and figure 3",
    .objection = objection,
    .passes = passes,
    .peak_alive = peak_alive,
    .makespan = makespan,
    .splits_backward = true,
};

} // namespace weft
