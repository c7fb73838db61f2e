#include "job/expert_writer.hpp"

#include "job/ranks.hpp"

namespace weft {

ExpertWriter::ExpertWriter(const Plan& plan, const StepPayloads& payloads, ChainWriter& chain)
    : payloads_(payloads), chain_(chain), beside_(plan.overlap.experts), tensor_(plan.tp > 1),
      limited_(plan.dispatch == Dispatch::node_limited)
{
}

void ExpertWriter::compute(std::uint32_t work)
{
  if (work != no_work) chain_.compute(work);
}

void ExpertWriter::tensor_collective(std::uint32_t payload)
{
  if (tensor_) chain_.collective(payload, slot_tensor, lane_tensor);
}

void ExpertWriter::expert_collective(std::uint32_t payload)
{
  if (payload != no_work) chain_.collective(payload, slot_expert_tensor, lane_expert_tensor);
}

ExpertWriter::Transit ExpertWriter::start(std::uint32_t across, std::uint32_t within)
{
  Transit transit;
  if (across != no_work) transit.across = chain_.aside(across, slot_expert_across, lane_expert);
  if (within != no_work)
    transit.within =
        limited_ ? chain_.aside(within, slot_expert_within, lane_expert_within) : chain_.aside(within, slot_expert, lane_expert);
  return transit;
}

void ExpertWriter::arrive(const Transit& transit)
{
  chain_.wait_for(transit.across);
  chain_.wait_for(transit.within);
}

/// Forward, or the gradient of the input.
void ExpertWriter::shared_pass(std::uint32_t work)
{
  if (work == no_work) return;
  tensor_collective(payloads_.operand_gather);
  compute(work);
  tensor_collective(payloads_.tensor_scatter);
}

/// The input is gathered again, as for every column-parallel matrix under sequence parallelism.
void ExpertWriter::shared_weights(std::uint32_t work)
{
  if (work == no_work) return;
  tensor_collective(payloads_.operand_gather);
  compute(work);
}

void ExpertWriter::forward(const ExpertForward& forward, const ExpertWorks& works)
{
  compute(forward.entry);
  compute(forward.route);
  const Transit out = start(works.dispatch_across, works.dispatch);
  if (beside_) shared_pass(forward.shared);
  arrive(out);
  expert_collective(works.gather);
  compute(forward.experts);
  expert_collective(works.scatter);
  arrive(start(works.combine_across, works.combine));
  compute(forward.merge);
  if (!beside_) shared_pass(forward.shared);
  compute(forward.exit);
}

void ExpertWriter::backward(const ExpertWorks& works, Gradients gradients)
{
  if (gradients == Gradients::weights) return compute(works.weights);
  const bool all = gradients == Gradients::all;
  compute(works.exit_backward);
  if (!beside_) {
    shared_pass(works.shared_data);
    if (all) shared_weights(works.shared_weights);
  }
  compute(works.merge_backward);
  const Transit out = start(works.dispatch_across, works.dispatch);
  if (beside_) shared_pass(works.shared_data);
  arrive(out);
  expert_collective(works.gather);
  compute(works.experts_data);
  if (all) compute(works.experts_weights);
  expert_collective(works.scatter);
  const Transit back = start(works.combine_across, works.combine);
  if (beside_ && all) shared_weights(works.shared_weights);
  arrive(back);
  compute(works.route_data);
  if (all) compute(works.route_weights);
  compute(works.entry_backward);
}

} // namespace weft
