#include "job/works.hpp"

#include "chip/operation_time.hpp"

#include <utility>

namespace weft {
namespace {

std::vector<Operator> joined(const std::vector<Operator>& first, const std::vector<Operator>& second)
{
  std::vector<Operator> all = first;
  all.insert(all.end(), second.begin(), second.end());
  return all;
}

Flops counted(const std::vector<Operator>& ops)
{
  Flops total{};
  for (const Operator& op : ops) total += op.counted;
  return total;
}

/// Backward of the block's main part; under selective recomputation its core runs forward again first.
std::uint32_t add_main_backward(Job& job, const Chip& chip, const std::string& what, const Block& block, Recompute recompute)
{
  if (recompute != Recompute::selective || block.recomputed.empty())
    return add_work(job, chip, (what + " backward").c_str(), block.main_backward);
  const std::uint32_t index =
      add_work(job, chip, (what + " backward with recomputed core").c_str(), joined(block.recomputed, block.main_backward));
  job.works[index].model_flops = counted(block.main_backward);
  return index;
}

/// A computation with a collective beside it has the multiprocessors the collective leaves. It counts for the whole computation, as if the
/// collective lasted as long.
void share_with_collective(Job& job, std::uint32_t work, const Scenario& scenario)
{
  const double all = scenario.platform.node.chip.compute.multiprocessors, taken = scenario.platform.library.multiprocessors;
  if (taken < all) job.works[work].duration *= all / (all - taken);
}

BlockWorks add_block(Job& job, const Chip& chip, const std::string& what, const Block& block, Recompute recompute)
{
  const auto name = [&what](const char* part) { return what + " " + part; };
  BlockWorks w;
  w.entry = add_work(job, chip, name("norm").c_str(), block.entry);
  w.main = add_work(job, chip, name("forward").c_str(), block.main);
  w.exit = add_work(job, chip, name("residual").c_str(), block.exit);
  if (recompute == Recompute::full) {
    w.entry_again = add_work(job, chip, name("norm again").c_str(), block.entry, Counting::hardware_only);
    w.main_again = add_work(job, chip, name("forward again").c_str(), block.main, Counting::hardware_only);
    w.exit_again = add_work(job, chip, name("residual again").c_str(), block.exit, Counting::hardware_only);
  }
  w.exit_backward = add_work(job, chip, name("residual backward").c_str(), block.exit_backward);
  w.main_backward = add_main_backward(job, chip, what, block, recompute);
  w.column_data = add_work(job, chip, name("input gradient").c_str(), block.column_data);
  w.column_weights = add_work(job, chip, name("weight gradient").c_str(), block.column_weights);
  w.entry_backward = add_work(job, chip, name("norm backward").c_str(), block.entry_backward);
  return w;
}

} // namespace

Shard shard_of(const Scenario& s)
{
  return {.workload = &*s.workload,
          .tp = s.plan.tp,
          .sequence_parallel = s.plan.sequence_parallel && s.plan.tp > 1,
          .recompute = s.plan.recompute,
          .microbatch = s.plan.microbatch,
          .fused_gradient_accumulation = s.plan.fused_gradient_accumulation};
}

std::uint32_t add_work(Job& job, const Chip& chip, const char* name, const std::vector<Operator>& ops, Counting counting)
{
  const Flops flops = counted(ops);
  job.works.push_back({name, operation_time(chip, ops), counting == Counting::model_and_hardware ? flops : Flops{}, flops});
  return static_cast<std::uint32_t>(job.works.size() - 1);
}

std::uint32_t add_payload(Job& job, Payload payload)
{
  for (std::size_t i = 0; i < job.payloads.size(); i++) { // ranks of different stages that meet must name the same payload
    const Payload& known = job.payloads[i];
    if (known.name == payload.name && known.operation == payload.operation && known.bytes == payload.bytes)
      return static_cast<std::uint32_t>(i);
  }
  job.payloads.push_back(std::move(payload));
  return static_cast<std::uint32_t>(job.payloads.size() - 1);
}

StepWorks add_works(Job& job, const Scenario& scenario)
{
  const Chip& chip = scenario.platform.node.chip;
  const Shard shard = shard_of(scenario);
  const LayerOperators layer = layer_operators(shard);
  const EndOperators ends = end_operators(shard);
  StepWorks w;
  w.attention = add_block(job, chip, "attention", layer.attention, shard.recompute);
  w.feedforward = add_block(job, chip, "feed-forward", layer.feedforward, shard.recompute);
  w.embed = add_work(job, chip, "embedding", ends.embed_forward);
  w.embed_backward = add_work(job, chip, "embedding backward", ends.embed_backward);
  w.head_entry = add_work(job, chip, "final norm", ends.head_entry);
  w.head_main = add_work(job, chip, "head and loss", ends.head_main);
  w.head_data = add_work(job, chip, "loss and head input gradient", ends.head_data);
  w.head_weights = add_work(job, chip, "head weight gradient", ends.head_weights);
  w.head_entry_backward = add_work(job, chip, "final norm backward", ends.head_entry_backward);
  if (scenario.plan.overlap.tensor && scenario.plan.tp > 1) {
    for (const std::uint32_t weights : {w.attention.column_weights, w.feedforward.column_weights, w.head_weights})
      share_with_collective(job, weights, scenario);
    if (shard.sequence_parallel) // the input is gathered again beside the input gradient
      for (const std::uint32_t data : {w.attention.column_data, w.feedforward.column_data, w.head_data})
        share_with_collective(job, data, scenario);
  }
  return w;
}

StepPayloads add_payloads(Job& job, const Scenario& scenario)
{
  const Shard shard = shard_of(scenario);
  const Plan& plan = scenario.plan;
  const Bytes boundary = boundary_bytes(shard);
  const bool cut = shard.sequence_parallel || (plan.scatter_gather && plan.tp > 1);
  StepPayloads p;
  p.tensor_reduce = add_payload(job, {"tensor all-reduce", Operation::all_reduce, boundary, Category::tensor});
  p.tensor_gather = add_payload(job, {"tensor all-gather", Operation::all_gather, boundary, Category::tensor});
  p.tensor_scatter = add_payload(job, {"tensor reduce-scatter", Operation::reduce_scatter, boundary, Category::tensor});
  // maximum, predicted logit and sum of exponents, one fp32 each per token
  p.loss_reduce = add_payload(
      job, {"loss all-reduce", Operation::all_reduce, Bytes(4.0 * scenario.workload->sequence * plan.microbatch), Category::tensor});
  p.stage_message = add_payload(job, {"stage message", Operation::send, cut ? boundary / plan.tp : boundary, Category::pipeline});
  p.stage_gather = add_payload(job, {"stage message all-gather", Operation::all_gather, boundary, Category::pipeline});
  return p;
}

} // namespace weft
