// 1F1B (PipeDream-Flush): a few forward passes to fill the pipeline, then one forward and one backward in turn, then the remaining
// backwards.
#include "schedule/counts.hpp"

#include <algorithm>

namespace weft {
namespace {

std::string objection(const PipelineShape& shape) { return objection_to_chunks(shape, "1f1b"); }

/// Forward passes before the first backward can arrive: one for each stage behind this one.
int warm_up(const PipelineShape& shape, int stage) { return std::min(shape.stages - stage - 1, shape.microbatches); }

std::vector<Pass> passes(const PipelineShape& shape, int stage)
{
  require_stage(shape, stage);
  const int ahead = warm_up(shape, stage);
  std::vector<Pass> result;
  for (int microbatch = 0; microbatch < ahead; ++microbatch) result.push_back({Direction::forward, microbatch, 0});
  for (int microbatch = ahead; microbatch < shape.microbatches; ++microbatch) {
    result.push_back({Direction::forward, microbatch, 0});
    result.push_back({Direction::backward, microbatch - ahead, 0});
  }
  for (int microbatch = shape.microbatches - ahead; microbatch < shape.microbatches; ++microbatch)
    result.push_back({Direction::backward, microbatch, 0});
  return result;
}

/// The warm-up and the forward pass that precedes the first backward: at most p - s (Narayanan et al. 2021, section 2.2.1).
int peak_alive(const PipelineShape& shape, int stage)
{
  require_stage(shape, stage);
  return std::min(shape.stages - stage, shape.microbatches);
}

/// The bubble is GPipe's, (p - 1)(f + b): Narayanan et al. 2021, section 2.2.1.
std::optional<double> makespan(const PipelineShape& shape, const PassTimes& times)
{
  return (shape.microbatches + shape.stages - 1) * (times.forward + times.backward());
}

} // namespace

extern const ScheduleKind kind_1f1b_schedule_kinds;
const ScheduleKind kind_1f1b_schedule_kinds{
    .name = "1f1b",
    .summary = "one forward, one backward in turn after a warm-up: keeps at most stages - stage microbatches alive",
    .source = "Narayanan et al. 2021, Efficient Large-Scale Language Model Training on GPU Clusters, arXiv:2104.04473, section 2.2.1 and "
              "figure 4 (top)",
    .objection = objection,
    .passes = passes,
    .peak_alive = peak_alive,
    .makespan = makespan,
};

} // namespace weft
