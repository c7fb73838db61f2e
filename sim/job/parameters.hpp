// Which parameters a pipeline stage holds.
#pragma once
#include "model/decoder.hpp"
#include "spec/scenario.hpp"

#include <vector>

namespace weft {

inline HeldParameters sum(const HeldParameters& a, const HeldParameters& b) { return {a.dense + b.dense, a.experts + b.experts}; }

/// Parameters of one rank of a stage, by where they are.
struct StageParameters {
  std::vector<std::vector<HeldParameters>> layers; ///< per chunk, per layer; behind those of the head's chunk the prediction modules'
  HeldParameters embedding; ///< first part; with tied embeddings the last part holds a copy under head unless both are on one stage
  HeldParameters head;      ///< final norm, output matrix and what stands around prediction modules' layers
  std::vector<std::vector<HeldTensors>> tensors; ///< of the layers, where owners of the optimizer state hold whole tensors; else empty
  int embedding_chunk = -1, head_chunk = -1; ///< chunks that hold them; -1: none
  int modules = 0;                           ///< prediction modules' layers in the head's chunk
  [[nodiscard]] HeldParameters ends() const { return sum(embedding, head); }
  [[nodiscard]] HeldParameters total() const;
  /// Of the layer with the most.
  [[nodiscard]] HeldParameters largest_layer() const;
};
StageParameters stage_parameters(const Scenario& scenario, int stage);

} // namespace weft
