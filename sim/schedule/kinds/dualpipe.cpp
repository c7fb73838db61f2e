// DualPipe: the pipeline is fed from both ends, and a forward pass of one direction runs beside a backward pass of the other.
#include "schedule/counts.hpp"
#include "schedule/dual_pipe.hpp"

namespace weft {
namespace {

std::string objection(const PipelineShape& shape)
{
  if (std::string problem = objection_to_two_chunks(shape, "dualpipe"); !problem.empty()) return problem;
  if (shape.stages % 2 != 0) return "dualpipe needs an even number of stages, got " + std::to_string(shape.stages) + " (change pp)";
  if (shape.microbatches % 2 != 0 || shape.microbatches < 2 * shape.stages)
    return "dualpipe needs an even number of microbatches, at least " + std::to_string(2 * shape.stages) + " for " +
           std::to_string(shape.stages) + " stages, got " + std::to_string(shape.microbatches) +
           " (raise the global batch or lower microbatch, dp or pp)";
  return "";
}

std::vector<Pass> passes(const PipelineShape& shape, int stage)
{
  require_stage(shape, stage);
  const int half = shape.stages / 2;
  const bool second_half = stage >= half;
  std::vector<Pass> result = dual_pipe_passes({.ranks = half,
                                               .position = second_half ? shape.stages - 1 - stage : stage,
                                               .microbatches = shape.microbatches / 2,
                                               .own_chunk = second_half ? 1 : 0});
  for (Pass& pass : result) pass.microbatch += microbatches_of(PipelinePath::two_way, shape, pass.chunk).first;
  return result;
}

/// One microbatch more than 1F1B (table 2 of the source).
int peak_alive(const PipelineShape& shape, int stage)
{
  require_stage(shape, stage);
  return shape.stages + 1;
}

std::optional<double> makespan(const PipelineShape& shape, const PassTimes& times)
{
  return dual_pipe_makespan(shape.stages / 2, shape.microbatches / 2, times);
}

} // namespace

extern const ScheduleKind kind_dualpipe_schedule_kinds;
const ScheduleKind kind_dualpipe_schedule_kinds{
    .name = "dualpipe",
    .summary = "microbatches enter at both ends: each forward runs together with a backward of the other direction; two copies of the weights",
    .source = "DeepSeek-AI 2024, DeepSeek-V3 Technical Report, arXiv:2412.19437, section 3.2.1, table 2 and figure 5; order of the open "
              "implementation, github deepseek-ai/DualPipe",
    .objection = objection,
    .passes = passes,
    .peak_alive = peak_alive,
    .makespan = makespan,
    .path = PipelinePath::two_way,
    .splits_backward = true,
    .pairs_passes = true,
};

} // namespace weft
