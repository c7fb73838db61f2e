// ZB-H1: 1F1B whose weight gradients wait for the bubble at the end; memory stays that of 1F1B.
#include "schedule/counts.hpp"
#include "schedule/zero_bubble.hpp"

#include <algorithm>

namespace weft {
namespace {

constexpr int depth = 1;

std::string objection(const PipelineShape& shape) { return objection_to_chunks(shape, "zb-h1"); }

std::vector<Pass> passes(const PipelineShape& shape, int stage) { return zero_bubble_passes(shape, stage, depth); }

int peak_alive(const PipelineShape& shape, int stage)
{
  require_stage(shape, stage);
  return std::min(zero_bubble_alive(shape, depth), shape.microbatches);
}

/// A bubble of (p - 1)(F + B - W), table 1 of the source, but not less than the pipeline's fill by forward passes or its drain by
/// gradients of inputs.
std::optional<double> makespan(const PipelineShape& shape, const PassTimes& times)
{
  if (shape.microbatches < shape.stages) return std::nullopt;
  const double work = shape.microbatches * (times.forward + times.backward());
  return work + (shape.stages - 1) * std::max({times.forward, times.inputs, times.forward + times.inputs - times.weights});
}

} // namespace

extern const ScheduleKind kind_zb_h1_schedule_kinds;
const ScheduleKind kind_zb_h1_schedule_kinds{
    .name = "zb-h1",
    .summary = "1F1B with the gradients of weights moved into the bubble: the memory of 1F1B, about a third of its bubble",
    .source = "Qi et al. 2023, Zero Bubble Pipeline Parallelism, arXiv:2401.10241, section 2.2 and figure 2",
    .objection = objection,
    .passes = passes,
    .peak_alive = peak_alive,
    .makespan = makespan,
    .splits_backward = true,
};

} // namespace weft
