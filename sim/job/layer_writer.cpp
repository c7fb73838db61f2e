#include "job/layer_writer.hpp"

#include "job/ranks.hpp"

namespace weft {

LayerWriter::LayerWriter(const Scenario& scenario, const StepWorks& works, const StepPayloads& payloads, ChainWriter& chain)
    : plan_(scenario.plan), layers_(layer_count(scenario.workload->model)), works_(works), payloads_(payloads), chain_(chain), context_(plan_, payloads, chain),
      experts_(plan_, payloads, chain), tensor_(plan_.tp > 1), sequence_parallel_(plan_.sequence_parallel && plan_.tp > 1)
{
}

const LayerWorks& LayerWriter::works_of(int layer) const { return works_.layers[works_.of_layer[static_cast<std::size_t>(layer)]]; }

void LayerWriter::compute(std::uint32_t work)
{
  if (work != no_work) chain_.compute(work);
}

/// A computation beside the collective is one whose pieces go with the collective's.
void LayerWriter::tensor_collective(std::uint32_t payload, std::uint32_t beside)
{
  if (beside == no_work) return chain_.collective(payload, slot_tensor, lane_tensor);
  const std::uint32_t sent = chain_.aside(payload, slot_tensor, lane_tensor);
  compute(beside);
  chain_.wait_for(sent);
}

void LayerWriter::forward(int layer)
{
  const LayerWorks& w = works_of(layer);
  block_forward(w.attention.forward);
  block_forward(w.feedforward.forward);
  if (w.experts) experts_.forward(w.experts->forward, *w.experts);
}

void LayerWriter::backward(int layer, Gradients gradients)
{
  const LayerWorks& w = works_of(layer);
  if (repeats_layers(plan_.recompute) && gradients != Gradients::weights) {
    block_forward(w.attention.again);
    block_forward(w.feedforward.again);
    if (w.experts) experts_.forward(w.experts->again, *w.experts);
  }
  if (w.experts) experts_.backward(*w.experts, gradients);
  block_backward(w.feedforward, gradients);
  block_backward(w.attention, gradients);
}

void LayerWriter::block_forward(const BlockForward& w)
{
  if (w.main == no_work) return;
  compute(w.entry);
  if (sequence_parallel_) tensor_collective(payloads_.operand_gather, w.main_beside);
  compute(w.main);
  if (w.core != no_work) context_.forward(w);
  compute(w.tail);
  if (tensor_) tensor_collective(sequence_parallel_ ? payloads_.tensor_scatter : payloads_.tensor_reduce, w.tail_beside);
  compute(w.exit);
}

void LayerWriter::block_backward(const BlockWorks& w, Gradients gradients)
{
  if (gradients == Gradients::weights) {
    compute(w.weights);
    return;
  }
  if (w.forward.main == no_work) return;
  compute(w.exit_backward);
  if (sequence_parallel_) tensor_collective(payloads_.operand_gather, gradients == Gradients::all ? w.tail_backward_beside : no_work);
  compute(gradients == Gradients::all ? w.tail_backward : w.tail_data);
  if (w.core_backward != no_work) context_.backward(w);
  column_backward(w.column_data, w.column_weights, operand(), gradients);
  compute(w.entry_backward);
}

/// Gradients of a column-parallel layer. The sum of the input gradients may run beside the weight gradient, and under sequence
/// parallelism the input is gathered again beside the input gradient (Megatron-LM, LinearWithGradAccumulationAndAsyncCommunication).
void LayerWriter::column_backward(std::uint32_t data, std::uint32_t weights, const ColumnInput& input, Gradients gradients)
{
  const bool with_weights = gradients == Gradients::all;
  if (!tensor_) {
    compute(data);
    if (with_weights) compute(weights);
  } else if (plan_.overlap.tensor != TensorOverlap::off && with_weights) {
    const std::uint32_t gathered = sequence_parallel_ ? chain_.aside(input.gather, slot_tensor, lane_tensor) : no_task;
    compute(data);
    const std::uint32_t reduced = chain_.aside(input.reduce, slot_tensor, lane_tensor);
    chain_.wait_for(gathered);
    compute(weights);
    chain_.wait_for(reduced);
  } else {
    compute(data);
    if (sequence_parallel_ && with_weights) tensor_collective(input.gather);
    tensor_collective(input.reduce);
    if (with_weights) compute(weights);
  }
}

LayerWriter::ColumnInput LayerWriter::operand() const
{
  return {payloads_.operand_gather, sequence_parallel_ ? payloads_.tensor_scatter : payloads_.tensor_reduce};
}
LayerWriter::ColumnInput LayerWriter::state() const
{
  return {payloads_.tensor_gather, sequence_parallel_ ? payloads_.tensor_scatter : payloads_.tensor_reduce};
}
LayerWriter::ColumnInput LayerWriter::module_inputs() const
{
  return {payloads_.module_gather, sequence_parallel_ ? payloads_.module_scatter : payloads_.module_reduce};
}

void LayerWriter::embed()
{
  compute(works_.embed);
  if (tensor_) tensor_collective(sequence_parallel_ ? payloads_.tensor_scatter : payloads_.tensor_reduce);
}

void LayerWriter::embed_backward()
{
  if (sequence_parallel_) tensor_collective(payloads_.tensor_gather);
  compute(works_.embed_backward);
}

void LayerWriter::head_forward()
{
  compute(works_.head_entry);
  if (sequence_parallel_) tensor_collective(payloads_.tensor_gather);
  compute(works_.head_main);
  if (tensor_)
    for (int i = 0; i < 3; i++) tensor_collective(payloads_.loss_reduce);
}

void LayerWriter::head_backward(Gradients gradients)
{
  if (gradients == Gradients::weights) {
    compute(works_.head_weights);
    return;
  }
  column_backward(works_.head_data, works_.head_weights, state(), gradients);
  compute(works_.head_entry_backward);
}

/// The projection's columns are gathered behind it; under sequence parallelism each rank then keeps its tokens (Megatron-LM,
/// transformer/multi_token_prediction.py).
void LayerWriter::prediction_forward(int module)
{
  const PredictionWorks& w = works_.prediction;
  compute(w.lookup);
  if (tensor_) tensor_collective(sequence_parallel_ ? payloads_.tensor_scatter : payloads_.tensor_reduce);
  compute(w.entry);
  if (sequence_parallel_) tensor_collective(payloads_.module_gather);
  compute(w.main);
  if (tensor_) tensor_collective(payloads_.tensor_gather);
  forward(layers_ + module);
  head_forward();
}

void LayerWriter::prediction_backward(int module, Gradients gradients)
{
  const PredictionWorks& w = works_.prediction;
  head_backward(gradients);
  backward(layers_ + module, gradients);
  if (gradients == Gradients::weights) {
    compute(w.column_weights);
    return;
  }
  if (sequence_parallel_) tensor_collective(payloads_.tensor_gather); // of the gradient, which ranks hold by tokens
  column_backward(w.column_data, w.column_weights, module_inputs(), gradients);
  compute(w.entry_backward);
  if (sequence_parallel_) tensor_collective(payloads_.tensor_gather);
  compute(w.lookup_backward);
}

} // namespace weft
