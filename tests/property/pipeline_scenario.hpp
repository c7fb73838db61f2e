// A small model on one rank per stage, under any schedule.
#pragma once
#include "schedule/schedule.hpp"
#include "spec/scenario.hpp"
#include "traffic/machine.hpp"

#include <algorithm>

namespace weft::folding_test {

/// Two layers in each part of the model, on a pretend chip.
inline Scenario pipeline_scenario(const ScheduleKind& kind, const PipelineShape& shape)
{
  Scenario scenario;
  scenario.platform = test::platform(std::max(1, (shape.stages + 3) / 4));
  scenario.platform.node.chip.peak[Precision::bf16] = FlopRate(100e12);
  scenario.platform.node.chip.memory_bandwidth = Bandwidth(1e12);
  Workload workload;
  workload.model.name = "model";
  workload.model.layers = part_count(kind.path, shape) * 2;
  workload.model.hidden = 512;
  workload.model.heads = 8;
  workload.model.vocabulary = 1024;
  workload.batch = shape.microbatches;
  scenario.workload = workload;
  scenario.plan.pp = shape.stages;
  scenario.plan.schedule = kind.name;
  scenario.plan.virtual_stages = shape.chunks;
  return scenario;
}

} // namespace weft::folding_test
