// Writes one layer, or one end of the network, into the chain of a stage: computations with the tensor-parallel collectives around them.
#pragma once
#include "job/chain_writer.hpp"
#include "job/context_writer.hpp"
#include "job/expert_writer.hpp"
#include "job/works.hpp"

namespace weft {

class LayerWriter {
public:
  LayerWriter(const Scenario& scenario, const StepWorks& works, const StepPayloads& payloads, ChainWriter& chain);

  /// `layer` counts over the whole model from 0. Under full recomputation backward runs the forward again first.
  void forward(int layer);
  void backward(int layer, Gradients gradients);
  void embed();
  void embed_backward();
  void head_forward();
  void head_backward(Gradients gradients);

private:
  [[nodiscard]] const LayerWorks& works_of(int layer) const;
  void compute(std::uint32_t work);
  void block_forward(const BlockForward& works);
  void block_backward(const BlockWorks& w, Gradients gradients);
  void column_backward(std::uint32_t data, std::uint32_t weights, std::uint32_t gather, Gradients gradients);
  void tensor_collective(std::uint32_t payload, std::uint32_t beside = no_work);

  const Plan& plan_;
  const StepWorks& works_;
  const StepPayloads& payloads_;
  ChainWriter& chain_;
  ContextWriter context_;
  ExpertWriter experts_;
  bool tensor_, sequence_parallel_;
};

} // namespace weft
