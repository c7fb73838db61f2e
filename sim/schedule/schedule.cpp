#include "schedule/schedule.hpp"
#include "config/error.hpp"
#include "schedule/counts.hpp"

#include <algorithm>

namespace weft {

const ScheduleKind* find_schedule(const std::string& name)
{
  for (const ScheduleKind* kind : schedule_kinds())
    if (kind->name == name) return kind;
  return nullptr;
}

std::string objection_to_counts(const PipelineShape& shape)
{
  if (shape.stages < 1) return "a pipeline needs at least one stage (set pp to 1 or more)";
  if (shape.microbatches < 1) return "a pipeline needs at least one microbatch (raise the global batch or lower microbatch or dp)";
  if (shape.chunks < 1) return "a stage needs at least one chunk (set virtual-stages to 1 or more)";
  if (2 * static_cast<std::int64_t>(shape.microbatches) * shape.chunks > most_passes_per_stage)
    return std::to_string(shape.microbatches) + " microbatches of " + std::to_string(shape.chunks) + " chunks are more than " +
           std::to_string(most_passes_per_stage) + " passes per stage (raise microbatch or lower the global batch)";
  return "";
}

std::string objection_to_chunks(const PipelineShape& shape, const std::string& kind)
{
  if (shape.chunks > 1) return kind + " runs one chunk per stage (set virtual-stages: 1 or use interleaved-1f1b)";
  return objection_to_counts(shape);
}

std::string objection_to_two_chunks(const PipelineShape& shape, const std::string& kind)
{
  if (std::string problem = objection_to_counts(shape); !problem.empty()) return problem;
  if (shape.chunks != 2) return kind + " holds two model chunks on every stage (set virtual-stages: 2)";
  return "";
}

int count_alive(const std::vector<Pass>& passes)
{
  int alive = 0, most = 0;
  for (const Pass& pass : passes) {
    if (pass.direction == Direction::forward) most = std::max(most, ++alive);
    if (gives_weight_gradients(pass)) --alive;
  }
  return most;
}

void require_stage(const PipelineShape& shape, int stage)
{
  if (stage < 0 || stage >= shape.stages)
    throw LogicError("stage " + std::to_string(stage) + " of a pipeline of " + std::to_string(shape.stages) + " stages");
}

} // namespace weft
