#include "job/parameters.hpp"

#include "job/works.hpp"

#include <numeric>

namespace weft {

int layers_of_part(const Scenario& scenario, int part)
{
  const Plan& plan = scenario.plan;
  if (!plan.stage_layers.empty()) return plan.stage_layers[static_cast<std::size_t>(part)];
  const int parts = plan.pp * plan.virtual_stages, embedding = plan.embedding_counts_as_layer ? 1 : 0,
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
  std::vector<int> layers;
  for (int chunk = 0; chunk < scenario.plan.virtual_stages; chunk++)
    layers.push_back(layers_of_part(scenario, chunk * scenario.plan.pp + stage));
  return layers;
}

int layers_of_stage(const Scenario& scenario, int stage)
{
  const std::vector<int> layers = layers_of_chunks(scenario, stage);
  return std::accumulate(layers.begin(), layers.end(), 0);
}

HeldParameters StageParameters::total() const
{
  HeldParameters all = ends();
  for (const auto& chunk : layers)
    for (const HeldParameters& layer : chunk) all = sum(all, layer);
  return all;
}

HeldParameters StageParameters::largest_layer() const
{
  HeldParameters largest;
  for (const auto& chunk : layers)
    for (const HeldParameters& layer : chunk)
      if (layer.total() > largest.total()) largest = layer;
  return largest;
}

StageParameters stage_parameters(const Scenario& scenario, int stage)
{
  const Plan& plan = scenario.plan;
  StageParameters p;
  const Shard shard = shard_of(scenario);
  for (int chunk = 0; chunk < plan.virtual_stages; chunk++) {
    const int part = chunk * plan.pp + stage, first = first_layer_of_part(scenario, part);
    std::vector<HeldParameters>& layers = p.layers.emplace_back();
    for (int layer = 0; layer < layers_of_part(scenario, part); layer++) layers.push_back(held_parameters(shard, first + layer));
  }
  if (stage == 0) p.embedding = {.dense = held_embedding_parameters(shard)};
  if (stage == plan.pp - 1) p.head = held_head_parameters(shard, plan.pp == 1 ? OutputMatrix::at_hand : OutputMatrix::own_copy);
  return p;
}

} // namespace weft
