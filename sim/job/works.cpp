#include "job/works.hpp"

#include "chip/operation_time.hpp"
#include "model/execution.hpp"

#include <initializer_list>
#include <utility>

namespace weft {
namespace {

std::vector<Operator> joined(std::initializer_list<const std::vector<Operator>*> parts)
{
  std::vector<Operator> all;
  for (const std::vector<Operator>* part : parts) all.insert(all.end(), part->begin(), part->end());
  return all;
}

Flops counted(const std::vector<Operator>& ops)
{
  Flops total{};
  for (const Operator& op : ops) total += op.counted;
  return total;
}

/// A backward computation; under selective recomputation the block's core runs forward again within it, which is no model flop.
std::uint32_t add_backward(Job& job, const Chip& chip, const std::string& name, const Block& block, std::vector<Operator> ops,
                           Recompute recompute)
{
  if (recompute != Recompute::selective || block.core.empty()) return add_work(job, chip, name.c_str(), ops);
  const Flops own = counted(ops);
  ops.insert(ops.begin(), block.core.begin(), block.core.end());
  const std::uint32_t index = add_work(job, chip, (name + " with recomputed core").c_str(), ops);
  job.works[index].model_flops = own;
  return index;
}

/// A computation with a collective beside it has the multiprocessors the collective leaves. It counts for the whole computation, as if the
/// collective lasted as long.
void share_with_collective(Job& job, std::uint32_t work, const Scenario& scenario)
{
  const double all = scenario.platform.node.chip.compute.multiprocessors, taken = scenario.platform.library.multiprocessors;
  if (taken < all) job.works[work].duration *= all / (all - taken);
}

BlockWorks add_block(Job& job, const Chip& chip, const std::string& what, const Block& block, const Shard& shard, Backward backward)
{
  const Recompute recompute = shard.recompute;
  const auto add = [&](const char* part, const std::vector<Operator>& ops, Counting counting = Counting::model_and_hardware) {
    return add_work(job, chip, (what + " " + part).c_str(), ops, counting);
  };
  const std::vector<Operator> main = joined({&block.main, &block.core, &block.tail});
  BlockWorks w;
  w.entry = add("norm", block.entry);
  w.main = add("forward", main);
  w.exit = add("residual", block.exit);
  if (repeats_layers(recompute)) {
    const Block again = repeated(block, shard);
    w.entry_again = add("norm again", again.entry, Counting::hardware_only);
    w.main_again = add("forward again", joined({&again.main, &again.core, &again.tail}), Counting::hardware_only);
    w.exit_again = add("residual again", again.exit, Counting::hardware_only);
  }
  w.exit_backward = add("residual backward", block.exit_backward);
  w.main_backward = add_backward(job, chip, what + " backward", block,
                                 joined({&block.tail_data, &block.tail_weights, &block.core_backward}), recompute);
  w.column_weights = add("weight gradient", block.column_weights);
  if (backward == Backward::split) {
    w.main_data = add_backward(job, chip, what + " backward of inputs", block, joined({&block.tail_data, &block.core_backward}), recompute);
    w.weights = add("backward of weights", joined({&block.tail_weights, &block.column_weights}));
  }
  w.column_data = add("input gradient", block.column_data);
  w.entry_backward = add("norm backward", block.entry_backward);
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
          .fused_gradient_accumulation = s.plan.fused_gradient_accumulation,
          .cp = s.plan.cp,
          .context = s.plan.context,
          .ep = s.plan.ep,
          .etp = expert_tensor(s.plan)};
}

std::uint32_t add_work(Job& job, const Chip& chip, const char* name, const std::vector<Operator>& ops, Counting counting)
{
  if (ops.empty()) return no_work;
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

StepWorks add_works(Job& job, const Scenario& scenario, Backward backward)
{
  const Chip& chip = scenario.platform.node.chip;
  const Shard shard = shard_of(scenario);
  const ModelShape& model = scenario.workload->model;
  const EndOperators ends = as_run(end_operators(shard), *scenario.workload);
  StepWorks w;
  for (int layer = 0; layer < layer_count(model); layer++) {
    if (static_cast<std::size_t>(layer_kind(model, layer)) < w.kinds.size()) continue;
    const LayerOperators ops = as_run(layer_operators(shard, layer), *scenario.workload);
    w.kinds.push_back({add_block(job, chip, "attention", ops.attention, shard, backward),
                       add_block(job, chip, "feed-forward", ops.feedforward, shard, backward)});
  }
  w.embed = add_work(job, chip, "embedding", ends.embed_forward);
  w.embed_backward = add_work(job, chip, "embedding backward", ends.embed_backward);
  w.head_entry = add_work(job, chip, "final norm", ends.head_entry);
  w.head_main = add_work(job, chip, "head and loss", ends.head_main);
  w.head_data = add_work(job, chip, "loss and head input gradient", ends.head_data);
  w.head_weights = add_work(job, chip, "head weight gradient", ends.head_weights);
  w.head_entry_backward = add_work(job, chip, "final norm backward", ends.head_entry_backward);
  if (scenario.plan.overlap.tensor && scenario.plan.tp > 1) {
    std::vector<std::uint32_t> shared{w.head_weights};
    if (shard.sequence_parallel) shared.push_back(w.head_data); // the input is gathered again beside the input gradient
    for (const LayerWorks& kind : w.kinds)
      for (const BlockWorks* block : {&kind.attention, &kind.feedforward}) {
        shared.push_back(block->column_weights);
        if (shard.sequence_parallel) shared.push_back(block->column_data);
      }
    for (const std::uint32_t work : shared)
      if (work != no_work) share_with_collective(job, work, scenario);
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
