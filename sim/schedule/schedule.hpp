// The order of forward and backward passes on a pipeline stage. One file per kind in kinds/; knows nothing but counts.
#pragma once
#include <string>
#include <vector>

namespace weft {

enum class Direction { forward, backward };

/// One pass of one microbatch through one model chunk of the stage.
struct Pass {
  Direction direction = Direction::forward;
  int microbatch = 0;
  int chunk = 0; ///< 0 .. chunks-1; chunk c of stage s is model part c * stages + s
  auto operator<=>(const Pass&) const = default;
};

/// What a schedule is asked about.
struct PipelineShape {
  int stages = 1, microbatches = 1, chunks = 1;
};

/// A schedule kind. Contract: see tests/contract/schedule.
struct ScheduleKind {
  const char* name; ///< YAML value
  const char* summary;
  const char* source;
  /// Empty when the shape can be scheduled; else what is wrong and what to do ("1f1b runs one chunk per stage (set virtual-stages: 1 or use
  /// interleaved-1f1b)").
  std::string (*objection)(const PipelineShape& shape);
  /// The passes of one stage in order.
  std::vector<Pass> (*passes)(const PipelineShape& shape, int stage);
  /// Most microbatch-chunks whose activations are alive at once on a stage.
  int (*peak_alive)(const PipelineShape& shape, int stage);
  /// Makespan when every chunk pass takes `forward` / `backward` and messages are free.
  double (*makespan)(const PipelineShape& shape, double forward, double backward);
};

const std::vector<const ScheduleKind*>& schedule_kinds();
/// Nearest by name or nullptr.
const ScheduleKind* find_schedule(const std::string& name);

} // namespace weft
