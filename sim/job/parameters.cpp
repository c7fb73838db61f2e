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
  HeldParameters all{.dense = embedding + head};
  for (const auto& chunk : layers)
    for (const HeldParameters& layer : chunk) {
      all.dense += layer.dense;
      all.experts += layer.experts;
    }
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
  const Workload& w = *scenario.workload;
  const Plan& plan = scenario.plan;
  const double vocabulary = static_cast<double>(w.model.vocabulary) * w.model.hidden / plan.tp;
  StageParameters p;
  const Shard shard = shard_of(scenario);
  for (int chunk = 0; chunk < plan.virtual_stages; chunk++) {
    const int part = chunk * plan.pp + stage, first = first_layer_of_part(scenario, part);
    std::vector<HeldParameters>& layers = p.layers.emplace_back();
    for (int layer = 0; layer < layers_of_part(scenario, part); layer++) layers.push_back(held_parameters(shard, first + layer));
  }
  if (stage == 0)
    p.embedding = vocabulary + embedding_parameters(w) - static_cast<double>(w.model.vocabulary) * w.model.hidden; // positions are not cut
  if (stage == plan.pp - 1) {
    const double norm = head_parameters(w) - (w.model.tied_embeddings ? 0 : static_cast<double>(w.model.vocabulary) * w.model.hidden);
    const bool own_matrix = !w.model.tied_embeddings || plan.pp > 1;
    p.head = norm + (own_matrix ? vocabulary : 0);
  }
  return p;
}

} // namespace weft
