// DualPipeV: DualPipe cut in half, so that each stage holds two parts of one model instead of one part of two.
#include "schedule/counts.hpp"
#include "schedule/dual_pipe.hpp"

namespace weft {
namespace {

std::string objection(const PipelineShape& shape)
{
  if (std::string problem = objection_to_two_chunks(shape, "dualpipev"); !problem.empty()) return problem;
  if (shape.microbatches < 2 * shape.stages)
    return "dualpipev needs at least " + std::to_string(2 * shape.stages) + " microbatches for " + std::to_string(shape.stages) +
           " stages, got " + std::to_string(shape.microbatches) + " (raise the global batch or lower microbatch, dp or pp)";
  return "";
}

std::vector<Pass> passes(const PipelineShape& shape, int stage)
{
  require_stage(shape, stage);
  return dual_pipe_passes({.ranks = shape.stages, .position = stage, .microbatches = shape.microbatches});
}

int peak_alive(const PipelineShape& shape, int stage)
{
  require_stage(shape, stage);
  return 2 * shape.stages + 1;
}

std::optional<double> makespan(const PipelineShape& shape, const PassTimes& times)
{
  return dual_pipe_makespan(shape.stages, shape.microbatches, times);
}

} // namespace

extern const ScheduleKind kind_dualpipev_schedule_kinds;
const ScheduleKind kind_dualpipev_schedule_kinds{
    .name = "dualpipev",
    .summary = "DualPipe folded in the middle: two chunks per stage, down and back up, forward paired with backward; one copy of the weights",
    .source = "DeepSeek-AI 2024, DeepSeek-V3 Technical Report, arXiv:2412.19437, section 3.2.1, table 2 and figure 5; order of the open "
              "implementation, github deepseek-ai/DualPipe",
    .objection = objection,
    .passes = passes,
    .peak_alive = peak_alive,
    .makespan = makespan,
    .path = PipelinePath::vee,
    .splits_backward = true,
    .pairs_passes = true,
};

} // namespace weft
