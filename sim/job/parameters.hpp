// Which parameters a pipeline stage holds.
#pragma once
#include "model/decoder.hpp"
#include "spec/scenario.hpp"

#include <vector>

namespace weft {

inline HeldParameters sum(const HeldParameters& a, const HeldParameters& b) { return {a.dense + b.dense, a.experts + b.experts}; }

/// Parameters of one rank of a stage, by where they are.
struct StageParameters {
  std::vector<std::vector<HeldParameters>> layers; ///< per chunk, per layer
  HeldParameters embedding; ///< first stage; with tied embeddings the last stage holds a copy under head
  HeldParameters head;      ///< final norm, output matrix and prediction modules of the last stage
  [[nodiscard]] HeldParameters ends() const { return sum(embedding, head); }
  [[nodiscard]] HeldParameters total() const;
  /// Of the layer with the most.
  [[nodiscard]] HeldParameters largest_layer() const;
};
StageParameters stage_parameters(const Scenario& scenario, int stage);
/// Layers of part `part` of pp x virtual-stages; part c x pp + s is chunk c of stage s.
int layers_of_part(const Scenario& scenario, int part);
/// Number of the part's first layer in the model.
int first_layer_of_part(const Scenario& scenario, int part);
/// Layers of each chunk of a stage.
std::vector<int> layers_of_chunks(const Scenario& scenario, int stage);
/// Layers of all parts of a stage.
int layers_of_stage(const Scenario& scenario, int stage);

} // namespace weft
