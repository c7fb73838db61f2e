// Breadth-first: all microbatches through one chunk of the model, then all through the next; backward likewise from the last chunk.
#include "schedule/counts.hpp"

namespace weft {
namespace {

std::string objection(const PipelineShape& shape)
{
  if (std::string problem = objection_to_counts(shape); !problem.empty()) return problem;
  if (shape.chunks > 1 && shape.microbatches < shape.stages)
    return "breadth-first over several chunks needs a microbatch for each of the " + std::to_string(shape.stages) + " stages, got " +
           std::to_string(shape.microbatches) + " (raise the global batch or lower pp)";
  return "";
}

std::vector<Pass> passes(const PipelineShape& shape, int stage)
{
  require_stage(shape, stage);
  std::vector<Pass> result;
  for (int chunk = 0; chunk < shape.chunks; ++chunk)
    for (int microbatch = 0; microbatch < shape.microbatches; ++microbatch) result.push_back({Direction::forward, microbatch, chunk});
  for (int chunk = shape.chunks - 1; chunk >= 0; --chunk)
    for (int microbatch = 0; microbatch < shape.microbatches; ++microbatch) result.push_back({Direction::backward, microbatch, chunk});
  return result;
}

/// Nothing is freed before the last forward pass.
int peak_alive(const PipelineShape& shape, int stage)
{
  require_stage(shape, stage);
  return shape.microbatches * shape.chunks;
}

/// The bubble of the looped pipeline, one pass of one chunk per stage: Lamy-Poirier 2022, section 4.1.
std::optional<double> makespan(const PipelineShape& shape, const PassTimes& times)
{
  return (shape.microbatches * shape.chunks + shape.stages - 1) * (times.forward + times.backward());
}

} // namespace

extern const ScheduleKind kind_breadth_first_schedule_kinds;
const ScheduleKind kind_breadth_first_schedule_kinds{
    .name = "breadth-first",
    .summary = "all microbatches through one chunk, then all through the next: gradients of a chunk are complete early",
    .source = "Lamy-Poirier 2022, Breadth-First Pipeline Parallelism, arXiv:2211.05953, section 4 and figure 4(d)",
    .objection = objection,
    .passes = passes,
    .peak_alive = peak_alive,
    .makespan = makespan,
};

} // namespace weft
