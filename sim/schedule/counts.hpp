// What all schedule kinds ask of their counts.
#pragma once
#include "schedule/schedule.hpp"

#include <cstdint>
#include <string>

namespace weft {

/// More passes than this on one stage are refused: a list of them would not help anybody.
constexpr std::int64_t most_passes_per_stage = 10'000'000;

/// What no schedule can do: counts below one, too many passes. Empty when there is nothing of the kind.
std::string objection_to_counts(const PipelineShape& shape);

/// The same, and one chunk per stage only. `kind` names the schedule in the message.
std::string objection_to_chunks(const PipelineShape& shape, const std::string& kind);

/// For paths with two chunks per stage: anything else than `virtual-stages: 2`, and the counts.
std::string objection_to_two_chunks(const PipelineShape& shape, const std::string& kind);

/// Most passes between forward and the gradients of weights at once, counted from the list.
int count_alive(const std::vector<Pass>& passes);

/// Throws LogicError when `stage` is not one of the shape's: a mistake of the caller.
void require_stage(const PipelineShape& shape, int stage);

} // namespace weft
