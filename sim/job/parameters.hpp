// Which parameters a pipeline stage holds.
#pragma once
#include "spec/scenario.hpp"

namespace weft {

/// Parameters of one rank of a stage, by where they are.
struct StageParameters {
  double layers = 0; ///< all layers of the stage
  double per_layer = 0;
  double embedding = 0; ///< first stage; with tied embeddings the last stage holds a copy under head
  double head = 0;      ///< final norm and output matrix of the last stage
  [[nodiscard]] double total() const { return layers + embedding + head; }
};
StageParameters stage_parameters(const Scenario& scenario, int stage);

} // namespace weft
