// Interleaved 1F1B: every stage holds several chunks of the model, so that the pipeline fills in smaller pieces.
#include "schedule/counts.hpp"

#include <algorithm>

namespace weft {
namespace {

std::string objection(const PipelineShape& shape)
{
  if (std::string problem = objection_to_counts(shape); !problem.empty()) return problem;
  if (shape.stages < 2) return "interleaved-1f1b needs at least two stages (raise pp or use 1f1b)";
  if (shape.chunks < 2) return "interleaved-1f1b needs at least two chunks per stage (raise virtual-stages or use 1f1b)";
  if (shape.microbatches % shape.stages != 0)
    return "interleaved-1f1b needs a multiple of " + std::to_string(shape.stages) + " microbatches, one for each stage, got " +
           std::to_string(shape.microbatches) + " (change the global batch or use 1f1b)";
  return "";
}

int passes_one_way(const PipelineShape& shape) { return shape.microbatches * shape.chunks; }

/// The k-th forward pass: `stages` microbatches through chunk 0, the same through chunk 1 and so on, then the next `stages` microbatches.
Pass forward_pass(const PipelineShape& shape, int k)
{
  const int round = shape.stages * shape.chunks;
  return {Direction::forward, k / round * shape.stages + k % shape.stages, k % round / shape.stages};
}

/// The k-th backward pass: the same with the chunks from last to first.
Pass backward_pass(const PipelineShape& shape, int k)
{
  const Pass pass = forward_pass(shape, k);
  return {Direction::backward, pass.microbatch, shape.chunks - 1 - pass.chunk};
}

/// Megatron-LM, forward_backward_pipelining_with_interleaving: two passes for each stage behind this one (there and back),
/// and `stages` for each chunk but the last.
int warm_up(const PipelineShape& shape, int stage)
{
  return std::min((shape.stages - stage - 1) * 2 + (shape.chunks - 1) * shape.stages, passes_one_way(shape));
}

std::vector<Pass> passes(const PipelineShape& shape, int stage)
{
  require_stage(shape, stage);
  const int ahead = warm_up(shape, stage);
  const int total = passes_one_way(shape);
  std::vector<Pass> result;
  for (int k = 0; k < ahead; ++k) result.push_back(forward_pass(shape, k));
  for (int k = ahead; k < total; ++k) {
    result.push_back(forward_pass(shape, k));
    result.push_back(backward_pass(shape, k - ahead));
  }
  for (int k = total - ahead; k < total; ++k) result.push_back(backward_pass(shape, k));
  return result;
}

/// The warm-up and the forward pass that precedes the first backward.
int peak_alive(const PipelineShape& shape, int stage)
{
  require_stage(shape, stage);
  return std::min(warm_up(shape, stage) + 1, passes_one_way(shape));
}

/// Narayanan et al. 2021, section 2.2.2: the bubble shrinks by the number of chunks, to (p - 1)(f + b) of chunk passes.
std::optional<double> makespan(const PipelineShape& shape, const PassTimes& times)
{
  return (passes_one_way(shape) + shape.stages - 1) * (times.forward + times.backward());
}

} // namespace

extern const ScheduleKind kind_interleaved_1f1b_schedule_kinds;
const ScheduleKind kind_interleaved_1f1b_schedule_kinds{
    .name = "interleaved-1f1b",
    .summary = "1F1B over several model chunks per stage: a smaller bubble for more messages and more memory",
    .source = "Narayanan et al. 2021, arXiv:2104.04473, section 2.2.2 and figure 4 (bottom); order of Megatron-LM, "
              "megatron/core/pipeline_parallel/schedules.py, forward_backward_pipelining_with_interleaving",
    .objection = objection,
    .passes = passes,
    .peak_alive = peak_alive,
    .makespan = makespan,
};

} // namespace weft
