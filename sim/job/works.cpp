#include "job/works.hpp"

#include "chip/operation_time.hpp"
#include "job/expert_load.hpp"
#include "job/expert_works.hpp"
#include "job/sharing.hpp"
#include "model/dimensions.hpp"
#include "model/execution.hpp"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <tuple>
#include <utility>

namespace weft {
namespace {

std::vector<Operator> joined(std::initializer_list<const std::vector<Operator>*> parts)
{
  std::vector<Operator> all;
  for (const std::vector<Operator>* part : parts) all.insert(all.end(), part->begin(), part->end());
  return all;
}

/// Of the operators, `first` ones only or also those that run again.
enum class Runs { first, all };
Flops counted(const std::vector<Operator>& ops, Runs runs)
{
  Flops total{};
  for (const Operator& op : ops)
    if (runs == Runs::all)
      total += op.counted;
    else if (!op.again)
      total += op.counted * op.useful;
  return total;
}

/// A backward computation; under selective recomputation the block's core runs forward again within it, which is no model flop.
std::uint32_t add_backward(Job& job, const Chip& chip, const std::string& name, const Block& block, std::vector<Operator> ops,
                           const Recomputation& recompute)
{
  if (!recompute.has(Recompute::selective) || block.core.empty()) return add_work(job, chip, name.c_str(), ops);
  const Flops own = counted(ops, Runs::first);
  ops.insert(ops.begin(), block.core.begin(), block.core.end());
  const std::uint32_t index = add_work(job, chip, (name + " with recomputed core").c_str(), ops);
  job.works[index].model_flops = own;
  return index;
}

void keep_share(Work& work, double share)
{
  work.duration *= share;
  work.model_flops *= share;
  work.hardware_flops *= share;
}

/// A share of a computation.
std::uint32_t add_share(Job& job, const Chip& chip, const std::string& name, const std::vector<Operator>& ops, double share,
                        Counting counting = Counting::model_and_hardware)
{
  const std::uint32_t index = add_work(job, chip, name.c_str(), ops, counting);
  if (index != no_work) keep_share(job.works[index], share);
  return index;
}

/// One of `pieces` parts of operators, cut by rows: small products fill fewer multiprocessors.
std::vector<Operator> piece_of(std::vector<Operator> ops, int pieces)
{
  for (Operator& op : ops) {
    op.shape.m /= pieces;
    op.flops *= 1.0 / pieces;
    op.bytes *= 1.0 / pieces;
  }
  return ops;
}

/// Adds the works of blocks of one name.
class BlockAdder {
public:
  BlockAdder(Job& job, const Scenario& scenario, Backward backward, const std::string& what)
      : job_(job), chip_(scenario.platform.node.chip), plan_(scenario.plan), shard_(shard_of(scenario)), backward_(backward), what_(what)
  {
  }

  BlockWorks add(const Block& block) const
  {
    BlockWorks w;
    const bool apart = plan_.cp > 1 && !block.core.empty();
    w.forward = forward(block, apart, "", Counting::model_and_hardware);
    if (repeats_layers(plan_.recompute)) w.again = forward(repeated(block, shard_), apart, " again", Counting::hardware_only);
    if (plan_.recompute.has(Recompute::selective) && apart) add_core(w.again, block, " again", Counting::hardware_only);
    w.exit_backward = work("residual backward", block.exit_backward);
    const std::vector<Operator> nothing, &core = apart ? nothing : block.core_backward;
    const Recomputation recompute = apart ? Recomputation{} : plan_.recompute;
    w.tail_backward =
        add_backward(job_, chip_, what_ + " backward", block, joined({&block.tail_data, &block.tail_weights, &core}), recompute);
    w.tail_backward_beside = taken_from(w.tail_backward, "row product's input gradient beside its gather", block.tail_data);
    w.column_weights = work("weight gradient", block.column_weights);
    if (backward_ == Backward::split) {
      w.tail_data = add_backward(job_, chip_, what_ + " backward of inputs", block, joined({&block.tail_data, &core}), recompute);
      w.weights = work("backward of weights", joined({&block.tail_weights, &block.column_weights}));
    }
    if (apart) w.core_backward = add_share(job_, chip_, what_ + " core backward", block.core_backward, 1.0 / pieces());
    w.column_data = work("input gradient", block.column_data);
    w.entry_backward = work("norm backward", block.entry_backward);
    return w;
  }

private:
  [[nodiscard]] bool ring() const { return attends_in_pieces(plan_.context); }
  [[nodiscard]] int pieces() const { return ring() ? plan_.cp : 1; }
  std::uint32_t work(const std::string& part, const std::vector<Operator>& ops, Counting counting = Counting::model_and_hardware) const
  {
    return add_work(job_, chip_, (what_ + " " + part).c_str(), ops, counting);
  }
  /// Where collectives run beside the products that need their data, both go in tp pieces: all pieces of the product but one find a
  /// collective beside them (Wang et al. 2023, Overlap Communication with Dependent Computation via Decomposition, ASPLOS, section 3).
  /// Takes these pieces of `ops` out of the work they are part of.
  std::uint32_t taken_from(std::uint32_t whole, const std::string& part, const std::vector<Operator>& ops,
                           Counting counting = Counting::model_and_hardware) const
  {
    if (plan_.overlap.tensor != TensorOverlap::pipelined || plan_.tp == 1 || ops.empty() || whole == no_work) return no_work;
    const Seconds together = operation_time(chip_, ops), apart = operation_time(chip_, piece_of(ops, plan_.tp)) * plan_.tp;
    const std::uint32_t beside = add_share(job_, chip_, what_ + " " + part, ops, 1 - 1.0 / plan_.tp, counting);
    Work &rest = job_.works[whole], &taken = job_.works[beside];
    rest.duration = std::max(Seconds(0), rest.duration - together) + apart / plan_.tp;
    taken.duration = apart * (1 - 1.0 / plan_.tp);
    rest.model_flops -= taken.model_flops;
    rest.hardware_flops -= taken.hardware_flops;
    return beside;
  }
  BlockForward forward(const Block& block, bool apart, const std::string& suffix, Counting counting) const
  {
    BlockForward w;
    w.entry = work("norm" + suffix, block.entry, counting);
    w.main = work("forward" + suffix, apart ? block.main : joined({&block.main, &block.core, &block.tail}), counting);
    w.main_beside = taken_from(w.main, "column product beside its gather" + suffix, block.main, counting);
    if (apart) {
      add_core(w, block, suffix, counting);
      w.tail = work("output" + suffix, block.tail, counting);
    }
    w.tail_beside = taken_from(apart ? w.tail : w.main, "row product beside its scatter" + suffix, block.tail, counting);
    w.exit = work("residual" + suffix, block.exit, counting);
    return w;
  }
  void add_core(BlockForward& w, const Block& block, const std::string& suffix, Counting counting) const
  {
    w.core = add_share(job_, chip_, what_ + " core" + suffix, block.core, 1.0 / pieces(), counting);
    if (ring()) w.last_core = add_share(job_, chip_, what_ + " last piece of core" + suffix, block.core, 1.0 / pieces(), counting);
  }

  Job& job_;
  const Chip& chip_;
  const Plan& plan_;
  Shard shard_;
  Backward backward_;
  std::string what_;
};

/// Layers are alike when they have the same operators and the same load on their experts.
void add_layers(Job& job, const Scenario& scenario, Backward backward, StepWorks& works)
{
  const ModelShape& model = scenario.workload->model;
  std::map<std::tuple<int, double, double>, std::size_t> known;
  for (int layer = 0; layer < layer_count(model) + prediction_modules(model); layer++) {
    const Shard shard = shard_of(scenario, layer);
    const ExpertLoad& load = shard.expert_load;
    const auto [at, added] = known.try_emplace({layer_kind(model, layer), load.busiest, load.kept}, works.layers.size());
    works.of_layer.push_back(at->second);
    if (!added) continue;
    const LayerOperators ops = as_run(layer_operators(shard, layer), *scenario.workload);
    LayerWorks w;
    w.attention = BlockAdder(job, scenario, backward, "attention").add(ops.attention);
    if (ops.experts)
      w.experts = add_expert_works(job, scenario, shard, *ops.experts, backward);
    else
      w.feedforward = BlockAdder(job, scenario, backward, "feed-forward").add(ops.feedforward);
    works.layers.push_back(std::move(w));
  }
}

PredictionWorks add_prediction_works(Job& job, const Chip& chip, const PredictionOperators& p)
{
  const auto add = [&](const char* part, const std::vector<Operator>& ops) {
    return add_work(job, chip, (std::string("prediction module ") + part).c_str(), ops);
  };
  return {.lookup = add("embedding", p.lookup),
          .entry = add("norms", p.entry),
          .main = add("projection", p.main),
          .column_data = add("input gradient", p.column_data),
          .column_weights = add("weight gradient", p.column_weights),
          .entry_backward = add("norms backward", p.entry_backward),
          .lookup_backward = add("embedding backward", p.lookup_backward)};
}

/// Bytes of queries and of the context attention puts out, of the tokens one rank holds.
Bytes query_bytes(const Shard& shard, double width)
{
  const Workload& w = *shard.workload;
  return Bytes(2) * (width * w.model.heads / shard.tp * w.sequence / shard.cp * shard.microbatch);
}

/// What context-parallel ranks exchange in one layer: a ring hands keys and values on; the gather puts those of all ranks together; the
/// all-to-all (DeepSpeed-Ulysses, arXiv:2309.14509, section 3) swaps tokens for heads and back.
void add_context_payloads(Job& job, const Shard& shard, StepPayloads& p)
{
  if (shard.cp == 1) return;
  const Bytes keys = context_bytes(shard);
  const ModelShape& m = shard.workload->model;
  const auto add = [&job](const char* name, Operation operation, Bytes bytes) {
    return add_payload(job, {name, operation, bytes, Category::context});
  };
  if (shard.context == ContextExchange::ring) {
    p.ring_keys = add("keys and values to the next rank", Operation::send, keys);
    p.ring_both = add("keys, values and their gradients to the next rank", Operation::send, 2 * keys);
    p.ring_gradients = add("gradients of keys and values to the next rank", Operation::send, keys);
  } else if (shard.context == ContextExchange::gathered_ring) {
    p.context_gather = add("keys and values all-gather", Operation::all_gather, keys * shard.cp);
    p.ring_gradients = add("gradients of keys and values to the next rank", Operation::send, 2 * keys); // in fp32
  } else if (shard.context == ContextExchange::all_gather) {
    p.context_gather = add("keys and values all-gather", Operation::all_gather, keys * shard.cp);
    p.context_scatter = add("gradients of keys and values reduce-scatter", Operation::reduce_scatter, keys * shard.cp);
  } else {
    p.heads_in = add("tokens for heads all-to-all", Operation::all_to_all, keys + query_bytes(shard, head_width(m)));
    p.heads_out = add("heads for tokens all-to-all", Operation::all_to_all, query_bytes(shard, value_width(m)));
  }
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
          .etp = expert_tensor(s.plan),
          .dispatch = s.plan.dispatch};
}

Shard shard_of(const Scenario& scenario, int layer)
{
  Shard shard = shard_of(scenario);
  if (shard.workload->model.experts.count > 0) shard.expert_load = expert_load(scenario, layer);
  return shard;
}

std::uint32_t add_work(Job& job, const Chip& chip, const char* name, const std::vector<Operator>& ops, Counting counting)
{
  if (ops.empty()) return no_work;
  const Flops own = counting == Counting::model_and_hardware ? counted(ops, Runs::first) : Flops{};
  job.works.push_back({name, operation_time(chip, ops), own, counted(ops, Runs::all)});
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
  const EndOperators ends = as_run(end_operators(shard_of(scenario)), *scenario.workload);
  StepWorks w;
  add_layers(job, scenario, backward, w);
  const auto layers_end = static_cast<std::uint32_t>(job.works.size());
  w.embed = add_work(job, chip, "embedding", ends.embed_forward);
  w.embed_backward = add_work(job, chip, "embedding backward", ends.embed_backward);
  w.head_entry = add_work(job, chip, "final norm", ends.head_entry);
  w.head_main = add_work(job, chip, "head and loss", ends.head_main);
  w.head_data = add_work(job, chip, "loss and head input gradient", ends.head_data);
  w.head_weights = add_work(job, chip, "head weight gradient", ends.head_weights);
  w.head_entry_backward = add_work(job, chip, "final norm backward", ends.head_entry_backward);
  w.prediction = add_prediction_works(job, chip, ends.prediction);
  share_with_collectives(job, w, scenario, layers_end);
  return w;
}

namespace {

/// What is left of 16-bit values that are gathered for a product: in fp8, unless scaled by rows, they travel cast, blocks with a 4-byte scale.
Bytes operand_bytes(const Workload& workload, Bytes values)
{
  if (workload.precision != Precision::fp8 || workload.execution.fp8_scaling == Fp8Scaling::row) return values;
  return values * ((1 + (workload.execution.fp8_scaling == Fp8Scaling::block ? 4.0 / 128 : 0)) / 2);
}

} // namespace

StepPayloads add_payloads(Job& job, const Scenario& scenario)
{
  const Shard shard = shard_of(scenario);
  const Plan& plan = scenario.plan;
  const Bytes boundary = boundary_bytes(shard);
  const auto message = [&](ScatterGather least) {
    return shard.sequence_parallel || (plan.scatter_gather >= least && plan.tp > 1) ? boundary / plan.tp : boundary;
  };
  StepPayloads p;
  p.tensor_reduce = add_payload(job, {"tensor all-reduce", Operation::all_reduce, boundary, Category::tensor});
  p.tensor_gather = add_payload(job, {"tensor all-gather", Operation::all_gather, boundary, Category::tensor});
  p.tensor_scatter = add_payload(job, {"tensor reduce-scatter", Operation::reduce_scatter, boundary, Category::tensor});
  if (prediction_modules(scenario.workload->model) > 0) {
    p.module_gather = add_payload(job, {"prediction module all-gather", Operation::all_gather, 2 * boundary, Category::tensor});
    p.module_scatter = add_payload(job, {"prediction module reduce-scatter", Operation::reduce_scatter, 2 * boundary, Category::tensor});
    p.module_reduce = add_payload(job, {"prediction module all-reduce", Operation::all_reduce, 2 * boundary, Category::tensor});
  }
  p.operand_gather = add_payload(job, {"tensor all-gather", Operation::all_gather, operand_bytes(*scenario.workload, boundary), Category::tensor});
  // maximum, predicted logit and sum of exponents, one fp32 each per token
  p.loss_reduce = add_payload(job, {"loss all-reduce", Operation::all_reduce,
                                    Bytes(4.0 * scenario.workload->sequence * plan.microbatch / plan.cp), Category::tensor});
  p.forward_message = add_payload(job, {"stage message", Operation::send, message(ScatterGather::activations), Category::pipeline});
  p.backward_message = add_payload(job, {"stage message", Operation::send, message(ScatterGather::all), Category::pipeline});
  p.stage_gather = add_payload(job, {"stage message all-gather", Operation::all_gather, boundary, Category::pipeline});
  add_context_payloads(job, shard, p);
  return p;
}

} // namespace weft
