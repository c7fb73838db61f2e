#include "job/layer_writer.hpp"

#include "job/ranks.hpp"

namespace weft {

LayerWriter::LayerWriter(const Scenario& scenario, const StepWorks& works, const StepPayloads& payloads, ChainWriter& chain)
    : scenario_(scenario), plan_(scenario.plan), works_(works), payloads_(payloads), chain_(chain), tensor_(plan_.tp > 1),
      sequence_parallel_(plan_.sequence_parallel && plan_.tp > 1)
{
}

const LayerWorks& LayerWriter::works_of(int layer) const
{
  return works_.kinds[static_cast<std::size_t>(layer_kind(scenario_.workload->model, layer))];
}

void LayerWriter::compute(std::uint32_t work)
{
  if (work != no_work) chain_.compute(work);
}

void LayerWriter::tensor_collective(std::uint32_t payload) { chain_.collective(payload, slot_tensor, lane_tensor); }

void LayerWriter::forward(int layer)
{
  const LayerWorks& w = works_of(layer);
  block_forward(w.attention.entry, w.attention.main, w.attention.exit);
  block_forward(w.feedforward.entry, w.feedforward.main, w.feedforward.exit);
}

void LayerWriter::backward(int layer, Gradients gradients)
{
  const LayerWorks& w = works_of(layer);
  if (repeats_layers(plan_.recompute) && gradients != Gradients::weights) {
    block_forward(w.attention.entry_again, w.attention.main_again, w.attention.exit_again);
    block_forward(w.feedforward.entry_again, w.feedforward.main_again, w.feedforward.exit_again);
  }
  block_backward(w.feedforward, gradients);
  block_backward(w.attention, gradients);
}

void LayerWriter::block_forward(std::uint32_t entry, std::uint32_t main, std::uint32_t exit)
{
  if (main == no_work) return;
  compute(entry);
  if (sequence_parallel_) tensor_collective(payloads_.tensor_gather);
  compute(main);
  if (tensor_) tensor_collective(sequence_parallel_ ? payloads_.tensor_scatter : payloads_.tensor_reduce);
  compute(exit);
}

void LayerWriter::block_backward(const BlockWorks& w, Gradients gradients)
{
  if (gradients == Gradients::weights) {
    compute(w.weights);
    return;
  }
  if (w.main == no_work) return;
  compute(w.exit_backward);
  if (sequence_parallel_) tensor_collective(payloads_.tensor_gather);
  compute(gradients == Gradients::all ? w.main_backward : w.main_data);
  column_backward(w.column_data, w.column_weights, gradients);
  compute(w.entry_backward);
}

/// Gradients of a column-parallel layer. The sum of the input gradients may run beside the weight gradient, and under sequence
/// parallelism the input is gathered again beside the input gradient (Megatron-LM, LinearWithGradAccumulationAndAsyncCommunication).
void LayerWriter::column_backward(std::uint32_t data, std::uint32_t weights, Gradients gradients)
{
  const std::uint32_t reduce = sequence_parallel_ ? payloads_.tensor_scatter : payloads_.tensor_reduce;
  const bool with_weights = gradients == Gradients::all;
  if (!tensor_) {
    compute(data);
    if (with_weights) compute(weights);
  } else if (plan_.overlap.tensor && with_weights) {
    const std::uint32_t gathered = sequence_parallel_ ? chain_.aside(payloads_.tensor_gather, slot_tensor, lane_tensor) : no_task;
    compute(data);
    const std::uint32_t reduced = chain_.aside(reduce, slot_tensor, lane_tensor);
    chain_.wait_for(gathered);
    compute(weights);
    chain_.wait_for(reduced);
  } else {
    compute(data);
    if (sequence_parallel_ && with_weights) tensor_collective(payloads_.tensor_gather);
    tensor_collective(reduce);
    if (with_weights) compute(weights);
  }
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
  column_backward(works_.head_data, works_.head_weights, gradients);
  compute(works_.head_entry_backward);
}

} // namespace weft
