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
  /// Of prediction module `module`: its inputs, its layer and the head once more. Modules come behind the head in forward, in front of it in
  /// backward, the last first.
  void prediction_forward(int module);
  void prediction_backward(int module, Gradients gradients);

private:
  [[nodiscard]] const LayerWorks& works_of(int layer) const;
  void compute(std::uint32_t work);
  void block_forward(const BlockForward& works);
  void block_backward(const BlockWorks& w, Gradients gradients);
  /// Payloads of a column-parallel layer's input: gathered again, and the sum of its gradient.
  struct ColumnInput {
    std::uint32_t gather = 0, reduce = 0;
  };
  void column_backward(std::uint32_t data, std::uint32_t weights, const ColumnInput& input, Gradients gradients);
  [[nodiscard]] ColumnInput operand() const;       ///< the residual stream, as products read it
  [[nodiscard]] ColumnInput state() const;         ///< the same in 16 bits
  [[nodiscard]] ColumnInput module_inputs() const; ///< state and embedding of a prediction module
  void tensor_collective(std::uint32_t payload, std::uint32_t beside = no_work);

  const Plan& plan_;
  int layers_; ///< of the model, prediction modules' behind them
  const StepWorks& works_;
  const StepPayloads& payloads_;
  ChainWriter& chain_;
  ContextWriter context_;
  ExpertWriter experts_;
  bool tensor_, sequence_parallel_;
};

} // namespace weft
