#include "job/pipeline.hpp"

#include "config/error.hpp"
#include "model/decoder.hpp"

#include <numeric>

namespace weft {

bool Pipeline::holds(int stage, int part_number) const
{
  for (int chunk = 0; chunk < shape.chunks; chunk++)
    if (part({stage, chunk}) == part_number) return true;
  return false;
}

Pipeline pipeline_of(const Scenario& scenario)
{
  const Plan& plan = scenario.plan;
  const ScheduleKind* schedule = find_schedule(plan.schedule);
  if (!schedule) throw LogicError("schedule " + plan.schedule + " does not exist");
  return {schedule, {plan.pp, scenario.workload->batch / (plan.dp * plan.microbatch), plan.virtual_stages}};
}

int layers_of_part(const Scenario& scenario, int part)
{
  const Plan& plan = scenario.plan;
  if (!plan.stage_layers.empty()) return plan.stage_layers[static_cast<std::size_t>(part)];
  const int parts = pipeline_of(scenario).parts(), embedding = plan.embedding_counts_as_layer ? 1 : 0,
            head = plan.head_counts_as_layer ? 1 : 0;
  const int even = (layer_count(scenario.workload->model) + embedding + head) / parts;
  return even - (part == 0 ? embedding : 0) - (part == parts - 1 ? head : 0);
}

int first_layer_of_part(const Scenario& scenario, int part)
{
  int first = 0;
  for (int before = 0; before < part; before++) first += layers_of_part(scenario, before);
  return first;
}

std::vector<int> layers_of_chunks(const Scenario& scenario, int stage)
{
  const Pipeline pipeline = pipeline_of(scenario);
  std::vector<int> layers;
  for (int chunk = 0; chunk < pipeline.shape.chunks; chunk++) layers.push_back(layers_of_part(scenario, pipeline.part({stage, chunk})));
  return layers;
}

int layers_of_stage(const Scenario& scenario, int stage)
{
  const std::vector<int> layers = layers_of_chunks(scenario, stage);
  return std::accumulate(layers.begin(), layers.end(), 0);
}

} // namespace weft
