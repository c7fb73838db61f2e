// The order of forward and backward passes on a pipeline stage. One file per kind in kinds/; knows nothing but counts.
#pragma once
#include "schedule/path.hpp"

#include <optional>
#include <string>
#include <vector>

namespace weft {

/// A split backward computes the gradients of the inputs, which the stage before waits for, and those of the weights in passes of their own
/// (Qi et al. 2023, arXiv:2401.10241).
enum class Direction { forward, backward, backward_inputs, backward_weights };

/// Whether a pass has the stage to itself, or runs together with the pass behind it: one computes while the other communicates.
enum class Company { alone, with_next };

/// One pass of one microbatch through one model chunk of the stage.
struct Pass {
  Direction direction = Direction::forward;
  int microbatch = 0;
  int chunk = 0; ///< 0 .. chunks-1; which part of the model that is says the kind's path
  Company company = Company::alone;
  auto operator<=>(const Pass&) const = default;
};

/// Whether the pass computes the gradients of the weights.
constexpr bool gives_weight_gradients(const Pass& pass)
{
  return pass.direction == Direction::backward || pass.direction == Direction::backward_weights;
}

/// Durations of a chunk's passes; a whole backward takes inputs + weights.
struct PassTimes {
  double forward = 1, inputs = 1, weights = 1;
  [[nodiscard]] double backward() const { return inputs + weights; }
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
  /// Most microbatch-chunks whose activations are alive at once on a stage: from their forward to the gradients of their weights.
  int (*peak_alive)(const PipelineShape& shape, int stage);
  /// Makespan when messages are free; nothing where no closed form is known for these times and counts.
  std::optional<double> (*makespan)(const PipelineShape& shape, const PassTimes& times);
  /// How microbatches travel over the stages.
  PipelinePath path = PipelinePath::loop;
  /// Whether passes of a split backward occur.
  bool splits_backward = false;
  /// Whether passes run in company.
  bool pairs_passes = false;
};

const std::vector<const ScheduleKind*>& schedule_kinds();
/// Nearest by name or nullptr.
const ScheduleKind* find_schedule(const std::string& name);

} // namespace weft
