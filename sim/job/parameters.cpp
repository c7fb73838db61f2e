#include "job/parameters.hpp"

#include "job/pipeline.hpp"
#include "job/works.hpp"

namespace weft {

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
  const Pipeline pipeline = pipeline_of(scenario);
  const Shard shard = shard_of(scenario);
  StageParameters p;
  for (int chunk = 0; chunk < pipeline.shape.chunks; chunk++) {
    const int part = pipeline.part({stage, chunk}), first = first_layer_of_part(scenario, part);
    std::vector<HeldParameters>& layers = p.layers.emplace_back();
    for (int layer = 0; layer < layers_of_part(scenario, part); layer++) layers.push_back(held_parameters(shard, first + layer));
    if (scenario.plan.zero_spread == ZeroSpread::broadcasts) {
      std::vector<HeldTensors>& tensors = p.tensors.emplace_back();
      for (std::size_t layer = 0; layer < layers.size(); layer++)
        tensors.push_back(held_tensors(shard, first + static_cast<int>(layer)));
    }
    if (part == 0) p.embedding_chunk = chunk;
    if (part + 1 == pipeline.parts()) p.head_chunk = chunk;
  }
  if (p.embedding_chunk >= 0) p.embedding = {.dense = held_embedding_parameters(shard)};
  if (p.head_chunk < 0) return p;
  const ModelShape& model = scenario.workload->model;
  p.head = {.dense = held_head_parameters(shard, p.embedding_chunk >= 0 ? OutputMatrix::at_hand : OutputMatrix::own_copy)};
  p.modules = prediction_modules(model);
  const auto chunk = static_cast<std::size_t>(p.head_chunk);
  for (int module = 0; module < p.modules; module++) {
    p.layers[chunk].push_back(held_parameters(shard, layer_count(model) + module));
    if (!p.tensors.empty()) p.tensors[chunk].push_back(held_tensors(shard, layer_count(model) + module));
  }
  return p;
}

} // namespace weft
