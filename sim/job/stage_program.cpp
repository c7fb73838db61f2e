#include "job/stage_program.hpp"

#include "job/chain_writer.hpp"
#include "job/data_parallel.hpp"
#include "job/interleave.hpp"
#include "job/layer_writer.hpp"
#include "job/parameters.hpp"
#include "job/pipeline.hpp"
#include "job/ranks.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace weft {
namespace {

/// One stage's step, pass by pass.
class StageWriter {
public:
  StageWriter(Job& job, const Scenario& scenario, const StepWorks& works, const StepPayloads& payloads, int stage)
      : job_(job), scenario_(scenario), plan_(scenario.plan), payloads_(payloads), stage_(stage), pipeline_(pipeline_of(scenario)),
        chunk_layers_(layers_of_chunks(scenario, stage)), tensor_(plan_.tp > 1),
        sequence_parallel_(plan_.sequence_parallel && plan_.tp > 1), parameters_(stage_parameters(scenario, stage)), chain_(program_),
        layers_(scenario, works, payloads, chain_),
        replicas_(job, scenario, parameters_, chain_)
  {
    program_.name = "stage " + std::to_string(stage);
  }

  Program write()
  {
    const std::vector<Pass> passes = pipeline_.schedule->passes(pipeline_.shape, stage_);
    const std::vector<std::size_t> last = last_gradients(passes);
    load_next_step();
    replicas_.begin_step();
    for (std::size_t i = 0; i < passes.size(); i++) {
      const std::uint32_t before = chain_.last();
      const auto begin = static_cast<std::uint32_t>(program_.tasks.size());
      write(passes[i], last[static_cast<std::size_t>(passes[i].chunk)] == i);
      program_.passes.push_back({begin, static_cast<std::uint32_t>(program_.tasks.size())});
      if (passes[i].company == Company::alone) continue;
      const auto middle = static_cast<std::uint32_t>(program_.tasks.size());
      const std::vector<std::uint32_t> held = chain_.go_on_behind(before);
      replicas_.go_on_behind(before);
      i++;
      write(passes[i], last[static_cast<std::size_t>(passes[i].chunk)] == i);
      for (const std::uint32_t task : held) chain_.wait_for(task);
      const std::vector<std::uint32_t> numbers = interleave(program_, begin, middle);
      chain_.renumber(begin, numbers);
      replicas_.renumber(begin, numbers);
      program_.passes.back().end = static_cast<std::uint32_t>(program_.tasks.size());
      program_.passes.push_back(program_.passes.back());
      pass_ends_[1] = chain_.last();
    }
    chain_.microbatch = 0xffff;
    finish();
    return std::move(program_);
  }

private:
  // --- passes --------------------------------------------------------------------------------------------------------
  /// Per chunk, the pass that completes its gradients.
  std::vector<std::size_t> last_gradients(const std::vector<Pass>& passes) const
  {
    std::vector<std::size_t> last(chunk_layers_.size());
    for (std::size_t i = 0; i < passes.size(); i++)
      if (gives_weight_gradients(passes[i])) last[static_cast<std::size_t>(passes[i].chunk)] = i;
    return last;
  }

  void write(const Pass& pass, bool completes_gradients)
  {
    chain_.microbatch = static_cast<std::uint16_t>(std::min(pass.microbatch, 0xfffe));
    replicas_.begin_pass(pass, completes_gradients ? Accumulation::complete : Accumulation::goes_on);
    if (pass.direction == Direction::forward)
      forward(pass);
    else if (pass.direction == Direction::backward_weights)
      weights(pass);
    else
      backward(pass, pass.direction == Direction::backward ? Gradients::all : Gradients::inputs);
    pass_ends_ = {pass_ends_[1], chain_.last()};
  }

  void forward(const Pass& pass)
  {
    const ChunkPlace place{stage_, pass.chunk};
    const int part = pipeline_.part(place), first = first_layer_of_part(scenario_, part);
    receive(previous(place), downwards(place) ? forward_down : forward_up);
    if (part == 0) layers_.embed();
    for (int layer = 0; layer < chunk_layers_[static_cast<std::size_t>(pass.chunk)]; layer++) {
      replicas_.begin_layer(pass, layer);
      layers_.forward(first + layer);
      replicas_.end_layer(pass, layer);
    }
    if (part + 1 == pipeline_.parts()) head_forward(pass);
    send(next(place), downwards(place) ? forward_down : forward_up);
  }

  void backward(const Pass& pass, Gradients gradients)
  {
    const ChunkPlace place{stage_, pass.chunk};
    const int part = pipeline_.part(place), first = first_layer_of_part(scenario_, part);
    receive(next(place), downwards(place) ? backward_down : backward_up);
    if (part + 1 == pipeline_.parts()) head_backward(pass, gradients);
    for (int layer = chunk_layers_[static_cast<std::size_t>(pass.chunk)] - 1; layer >= 0; layer--) {
      replicas_.begin_layer(pass, layer);
      layers_.backward(first + layer, gradients);
      replicas_.end_layer(pass, layer);
    }
    if (part == 0) layers_.embed_backward();
    send(previous(place), downwards(place) ? backward_down : backward_up);
  }

  /// The gradients of weights that a split backward left for later.
  void weights(const Pass& pass)
  {
    const int part = pipeline_.part({stage_, pass.chunk}), first = first_layer_of_part(scenario_, part);
    if (part + 1 == pipeline_.parts()) head_backward(pass, Gradients::weights);
    for (int layer = chunk_layers_[static_cast<std::size_t>(pass.chunk)] - 1; layer >= 0; layer--) {
      layers_.backward(first + layer, Gradients::weights);
      replicas_.end_layer(pass, layer);
    }
  }

  /// The head and behind it the prediction modules, whose layers count on behind those of the chunk.
  void head_forward(const Pass& pass)
  {
    const int layers = chunk_layers_[static_cast<std::size_t>(pass.chunk)];
    layers_.head_forward();
    for (int module = 0; module < parameters_.modules; module++) {
      replicas_.begin_layer(pass, layers + module);
      layers_.prediction_forward(module);
      replicas_.end_layer(pass, layers + module);
    }
  }
  void head_backward(const Pass& pass, Gradients gradients)
  {
    const int layers = chunk_layers_[static_cast<std::size_t>(pass.chunk)];
    for (int module = parameters_.modules - 1; module >= 0; module--) {
      if (gradients != Gradients::weights) replicas_.begin_layer(pass, layers + module);
      layers_.prediction_backward(module, gradients);
      replicas_.end_layer(pass, layers + module);
    }
    layers_.head_backward(gradients);
  }

  // --- between stages ------------------------------------------------------------------------------------------------
  /// Slots and lanes of one kind of message, and what it carries.
  struct Channel {
    std::uint8_t send_slot, send_lane, receive_slot, receive_lane;
    Direction carries;
  };
  static constexpr Channel forward_down{slot_forward_send, lane_forward_send, slot_forward_receive, lane_forward_receive,
                                         Direction::forward};
  static constexpr Channel backward_down{slot_backward_send, lane_backward_send, slot_backward_receive, lane_backward_receive,
                                          Direction::backward};
  static constexpr Channel forward_up{slot_up_forward_send, lane_up_forward_send, slot_up_forward_receive, lane_up_forward_receive,
                                       Direction::forward};
  static constexpr Channel backward_up{slot_up_backward_send, lane_up_backward_send, slot_up_backward_receive, lane_up_backward_receive,
                                        Direction::backward};

  [[nodiscard]] std::uint32_t message(const Channel& channel) const
  {
    return channel.carries == Direction::forward ? payloads_.forward_message : payloads_.backward_message;
  }
  [[nodiscard]] bool downwards(ChunkPlace place) const { return pipeline_.schedule->path == PipelinePath::loop || place.chunk % 2 == 0; }
  [[nodiscard]] std::optional<ChunkPlace> next(ChunkPlace place) const
  {
    return next_place(pipeline_.schedule->path, pipeline_.shape, place);
  }
  [[nodiscard]] std::optional<ChunkPlace> previous(ChunkPlace place) const
  {
    return previous_place(pipeline_.schedule->path, pipeline_.shape, place);
  }

  /// A receive is posted when the pass before has ended; one pass earlier when messages overlap with computation. With several chunks per
  /// stage, or a split backward, it is posted ahead: their frameworks exchange the messages of several passes together, so none waits for the
  /// other.
  void receive(std::optional<ChunkPlace> from, const Channel& channel)
  {
    if (!from || from->stage == stage_) return;
    const bool ahead = plan_.virtual_stages > 1 || pipeline_.schedule->splits_backward;
    const std::uint32_t posted = ahead ? no_task : pass_ends_[plan_.overlap.pipeline ? 0 : 1];
    chain_.wait_for(chain_.after(posted, message(channel), channel.receive_slot, channel.receive_lane));
    const ScatterGather least = channel.carries == Direction::forward ? ScatterGather::activations : ScatterGather::all;
    if (plan_.scatter_gather >= least && tensor_ && !sequence_parallel_)
      chain_.collective(payloads_.stage_gather, slot_tensor, lane_tensor);
  }
  /// Without overlap the stage waits until its message is delivered. Schedules with a split backward always send on the side: their order
  /// leaves no room for waiting, and ZB-H2 would stop for ever (the open implementation of Qi et al. 2023 does the same).
  void send(std::optional<ChunkPlace> to, const Channel& channel)
  {
    if (!to || to->stage == stage_) return;
    const std::uint32_t sent = chain_.aside(message(channel), channel.send_slot, channel.send_lane);
    if (!plan_.overlap.pipeline && !pipeline_.schedule->splits_backward) chain_.wait_for(sent);
  }

  // --- end of the step -----------------------------------------------------------------------------------------------
  void finish()
  {
    replicas_.end_passes();
    reduce_tied_embeddings();
    optimize();
    replicas_.end_step();
  }
  /// Gradients are clipped by the norm over all ranks (Megatron-LM, optimizer/clip_grads.py): its square is summed, 4 bytes, between the norm
  /// of the own part and the update.
  void optimize()
  {
    const Chip& chip = scenario_.platform.node.chip;
    OptimizerOperators ops = optimizer_operators(*scenario_.workload, replicas_.updated());
    if (clips_together(scenario_)) {
      chain_.compute(add_work(job_, chip, ("gradient norm, " + program_.name).c_str(), ops.norm));
      chain_.collective(add_payload(job_, {"gradient norm all-reduce", Operation::all_reduce, Bytes(4), Category::data}), slot_clip, lane_data);
    } else {
      ops.update.insert(ops.update.begin(), ops.norm.begin(), ops.norm.end());
    }
    chain_.compute(add_work(job_, chip, ("optimizer, " + program_.name).c_str(), ops.update));
  }
  /// The loader of the first stage makes the next step's microbatches ready beside this step; the tokens' copy to the device is left out.
  void load_next_step()
  {
    const Seconds each = scenario_.workload->execution.loading_time;
    if (each == Seconds(0) || !pipeline_.holds(stage_, 0)) return;
    job_.works.push_back({"data loading", each * pipeline_.shape.microbatches, Flops{}, Flops{}, Category::other});
    program_.tasks.push_back({.kind = TaskKind::compute,
                              .lane = static_cast<std::uint8_t>(job_.lanes.size() - 1),
                              .what = static_cast<std::uint32_t>(job_.works.size() - 1)});
  }
  /// Two stages hold one table between them: their gradients are summed.
  void reduce_tied_embeddings()
  {
    const bool holds_one = pipeline_.holds(stage_, 0) != pipeline_.holds(stage_, pipeline_.parts() - 1);
    if (!shares_token_table(scenario_.workload->model) || !holds_one) return;
    const double shared = static_cast<double>(scenario_.workload->model.vocabulary) * scenario_.workload->model.hidden / plan_.tp;
    const Bytes bytes = bytes_of(scenario_.workload->gradients) * shared;
    chain_.collective(add_payload(job_, {"tied embedding gradients", Operation::all_reduce, bytes, Category::data}), slot_embedding,
                      lane_data);
  }

  Job& job_;
  const Scenario& scenario_;
  const Plan& plan_;
  const StepPayloads& payloads_;
  int stage_;
  Pipeline pipeline_;
  std::vector<int> chunk_layers_; ///< layers of each chunk
  bool tensor_, sequence_parallel_;
  StageParameters parameters_;
  Program program_;
  ChainWriter chain_;
  LayerWriter layers_;
  DataParallelWriter replicas_;
  std::array<std::uint32_t, 2> pass_ends_{no_task, no_task}; ///< ends of the pass before the previous, and of the previous
};

} // namespace

Program stage_program(Job& job, const Scenario& scenario, const StepWorks& works, const StepPayloads& payloads, int stage)
{
  return StageWriter(job, scenario, works, payloads, stage).write();
}

} // namespace weft
