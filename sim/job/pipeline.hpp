// The pipeline a plan asks for: its schedule, its shape, and which layers of the model its places hold.
#pragma once
#include "schedule/schedule.hpp"
#include "spec/scenario.hpp"

#include <vector>

namespace weft {

struct Pipeline {
  const ScheduleKind* schedule = nullptr;
  PipelineShape shape;
  [[nodiscard]] int parts() const { return part_count(schedule->path, shape); }
  [[nodiscard]] int part(ChunkPlace place) const { return part_of(schedule->path, shape, place); }
  /// Whether one of the stage's chunks is this part.
  [[nodiscard]] bool holds(int stage, int part_number) const;
};
/// Throws LogicError when the schedule does not exist (spec/check refuses it first).
Pipeline pipeline_of(const Scenario& scenario);

/// Layers of a part of the model, as Pipeline::part numbers them.
int layers_of_part(const Scenario& scenario, int part);
/// Number of the part's first layer in the model.
int first_layer_of_part(const Scenario& scenario, int part);
/// Layers of each chunk of a stage.
std::vector<int> layers_of_chunks(const Scenario& scenario, int stage);
/// Layers of all chunks of a stage.
int layers_of_stage(const Scenario& scenario, int stage);

} // namespace weft
