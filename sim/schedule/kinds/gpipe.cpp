// GPipe: all forward passes, then all backward passes in reverse order.
#include "schedule/counts.hpp"

namespace weft {
namespace {

std::string objection(const PipelineShape& shape) { return objection_to_chunks(shape, "gpipe"); }

std::vector<Pass> passes(const PipelineShape& shape, int stage)
{
  require_stage(shape, stage);
  std::vector<Pass> result;
  for (int microbatch = 0; microbatch < shape.microbatches; ++microbatch) result.push_back({Direction::forward, microbatch, 0});
  for (int microbatch = shape.microbatches - 1; microbatch >= 0; --microbatch) result.push_back({Direction::backward, microbatch, 0});
  return result;
}

/// Nothing is freed before the last forward pass.
int peak_alive(const PipelineShape& shape, int stage)
{
  require_stage(shape, stage);
  return shape.microbatches;
}

/// Narayanan et al. 2021, section 2.2.1: m (f + b) of work and a bubble of (p - 1)(f + b).
std::optional<double> makespan(const PipelineShape& shape, const PassTimes& times)
{
  return (shape.microbatches + shape.stages - 1) * (times.forward + times.backward());
}

} // namespace

extern const ScheduleKind kind_gpipe_schedule_kinds;
const ScheduleKind kind_gpipe_schedule_kinds{
    .name = "gpipe",
    .summary = "all forward passes, then all backward passes in reverse order",
    .source = "Huang et al. 2019, GPipe, arXiv:1811.06965, section 2.3 and figure 2(c)",
    .objection = objection,
    .passes = passes,
    .peak_alive = peak_alive,
    .makespan = makespan,
};

} // namespace weft
