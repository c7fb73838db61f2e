#include "job/stage_program.hpp"

#include "config/error.hpp"
#include "job/chain_writer.hpp"
#include "job/parameters.hpp"
#include "job/ranks.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace weft {
namespace {

/// One stage's step, pass by pass.
class StageWriter {
public:
  StageWriter(Job& job, const Scenario& scenario, const StepWorks& works, const StepPayloads& payloads, int stage)
      : job_(job), scenario_(scenario), plan_(scenario.plan), works_(works), payloads_(payloads), stage_(stage),
        parts_(plan_.pp * plan_.virtual_stages), tensor_(plan_.tp > 1), sequence_parallel_(plan_.sequence_parallel && plan_.tp > 1),
        parameters_(stage_parameters(scenario, stage)), microbatches_(scenario.workload->batch / (plan_.dp * plan_.microbatch)),
        chain_(program_)
  {
    program_.name = "stage " + std::to_string(stage);
    for (int chunk = 0; chunk < plan_.virtual_stages; chunk++) {
      chunk_layers_.push_back(layers_of_part(scenario, chunk * plan_.pp + stage));
      chunk_first_.push_back(layer_ready_.size());
      layer_ready_.resize(layer_ready_.size() + static_cast<std::size_t>(chunk_layers_.back()), no_task);
    }
    make_buckets();
  }

  Program write(const ScheduleKind& schedule)
  {
    const PipelineShape shape{plan_.pp, microbatches_, plan_.virtual_stages};
    if (gathers_parameters()) gather_parameters();
    for (const Pass& pass : schedule.passes(shape, stage_)) {
      chain_.microbatch = static_cast<std::uint16_t>(std::min(pass.microbatch, 0xfffe));
      if (pass.direction == Direction::forward)
        forward(pass);
      else
        backward(pass);
      pass_ends_ = {pass_ends_[1], chain_.last()};
    }
    chain_.microbatch = 0xffff;
    finish();
    return std::move(program_);
  }

private:
  // --- passes --------------------------------------------------------------------------------------------------------
  void forward(const Pass& pass)
  {
    const int part = pass.chunk * plan_.pp + stage_;
    if (part > 0) receive(slot_forward_receive, lane_forward_receive);
    if (part == 0) embed();
    const auto chunk = static_cast<std::size_t>(pass.chunk);
    for (int layer = 0; layer < chunk_layers_[chunk]; layer++) {
      if (pass.microbatch == 0) chain_.wait_for(layer_ready_[chunk_first_[chunk] + static_cast<std::size_t>(layer)]);
      block_forward(works_.attention.entry, works_.attention.main, works_.attention.exit);
      block_forward(works_.feedforward.entry, works_.feedforward.main, works_.feedforward.exit);
    }
    if (part + 1 < parts_)
      send(slot_forward_send, lane_forward_send);
    else
      head_forward();
  }

  void backward(const Pass& pass)
  {
    const int part = pass.chunk * plan_.pp + stage_;
    if (part + 1 < parts_)
      receive(slot_backward_receive, lane_backward_receive);
    else
      head_backward();
    const bool last_microbatch = pass.microbatch == microbatches_ - 1;
    for (int layer = chunk_layers_[static_cast<std::size_t>(pass.chunk)] - 1; layer >= 0; layer--) {
      if (plan_.recompute == Recompute::full) {
        block_forward(works_.attention.entry_again, works_.attention.main_again, works_.attention.exit_again);
        block_forward(works_.feedforward.entry_again, works_.feedforward.main_again, works_.feedforward.exit_again);
      }
      block_backward(works_.feedforward);
      block_backward(works_.attention);
      if (last_microbatch && plan_.overlap.gradients) reduce_bucket(layer);
    }
    if (part > 0)
      send(slot_backward_send, lane_backward_send);
    else
      embed_backward();
  }

  void block_forward(std::uint32_t entry, std::uint32_t main, std::uint32_t exit)
  {
    chain_.compute(entry);
    if (sequence_parallel_) tensor_collective(payloads_.tensor_gather);
    chain_.compute(main);
    if (tensor_) tensor_collective(sequence_parallel_ ? payloads_.tensor_scatter : payloads_.tensor_reduce);
    chain_.compute(exit);
  }

  void block_backward(const BlockWorks& w)
  {
    chain_.compute(w.exit_backward);
    if (sequence_parallel_) tensor_collective(payloads_.tensor_gather);
    chain_.compute(w.main_backward);
    column_backward(w.column_data, w.column_weights);
    chain_.compute(w.entry_backward);
  }

  /// Gradients of a column-parallel layer. The sum of the input gradients may run beside the weight gradient, and under sequence
  /// parallelism the input is gathered again beside the input gradient (Megatron-LM, LinearWithGradAccumulationAndAsyncCommunication).
  void column_backward(std::uint32_t data, std::uint32_t weights)
  {
    const std::uint32_t reduce = sequence_parallel_ ? payloads_.tensor_scatter : payloads_.tensor_reduce;
    if (!tensor_) {
      chain_.compute(data);
      chain_.compute(weights);
    } else if (plan_.overlap.tensor) {
      const std::uint32_t gathered = sequence_parallel_ ? chain_.aside(payloads_.tensor_gather, slot_tensor, lane_tensor) : no_task;
      chain_.compute(data);
      const std::uint32_t reduced = chain_.aside(reduce, slot_tensor, lane_tensor);
      chain_.wait_for(gathered);
      chain_.compute(weights);
      chain_.wait_for(reduced);
    } else {
      chain_.compute(data);
      if (sequence_parallel_) tensor_collective(payloads_.tensor_gather);
      tensor_collective(reduce);
      chain_.compute(weights);
    }
  }

  void tensor_collective(std::uint32_t payload) { chain_.collective(payload, slot_tensor, lane_tensor); }

  // --- ends of the network -------------------------------------------------------------------------------------------
  void embed()
  {
    chain_.compute(works_.embed);
    if (tensor_) tensor_collective(sequence_parallel_ ? payloads_.tensor_scatter : payloads_.tensor_reduce);
  }
  void embed_backward()
  {
    if (sequence_parallel_) tensor_collective(payloads_.tensor_gather);
    chain_.compute(works_.embed_backward);
  }
  void head_forward()
  {
    chain_.compute(works_.head_entry);
    if (sequence_parallel_) tensor_collective(payloads_.tensor_gather);
    chain_.compute(works_.head_main);
    if (tensor_)
      for (int i = 0; i < 3; i++) tensor_collective(payloads_.loss_reduce);
  }
  void head_backward()
  {
    column_backward(works_.head_data, works_.head_weights);
    chain_.compute(works_.head_entry_backward);
  }

  // --- between stages ------------------------------------------------------------------------------------------------
  /// A receive is posted when the pass before has ended; one pass earlier when messages overlap with computation. With several chunks per
  /// stage it is posted ahead: their frameworks exchange the messages of a forward and a backward pass together, so none waits for the
  /// other.
  void receive(std::uint8_t slot, std::uint8_t lane)
  {
    const std::uint32_t posted = plan_.virtual_stages > 1 ? no_task : pass_ends_[plan_.overlap.pipeline ? 0 : 1];
    chain_.wait_for(chain_.after(posted, payloads_.stage_message, slot, lane));
    if (plan_.scatter_gather && tensor_ && !sequence_parallel_) chain_.collective(payloads_.stage_gather, slot_tensor, lane_tensor);
  }
  /// Without overlap the stage waits until its message is delivered.
  void send(std::uint8_t slot, std::uint8_t lane)
  {
    const std::uint32_t sent = chain_.aside(payloads_.stage_message, slot, lane);
    if (!plan_.overlap.pipeline) chain_.wait_for(sent);
  }

  // --- gradients and optimizer ---------------------------------------------------------------------------------------
  [[nodiscard]] bool gathers_parameters() const { return plan_.zero == Zero::optimizer && plan_.dp > 1 && plan_.overlap.parameters; }

  /// With the distributed optimizer the parameters the last step updated are gathered layer by layer ahead of their first use.
  void gather_parameters()
  {
    const std::uint32_t payload =
        add_payload(job_, {"parameter all-gather, one layer", Operation::all_gather, Bytes(2 * parameters_.per_layer), Category::data});
    for (std::uint32_t& ready : layer_ready_) ready = chain_.after(no_task, payload, slot_data, lane_data);
    const double ends = parameters_.embedding + parameters_.head;
    if (ends > 0)
      chain_.after(no_task, add_payload(job_, {"parameter all-gather, ends", Operation::all_gather, Bytes(2 * ends), Category::data}),
                   slot_data, lane_data);
  }

  [[nodiscard]] Operation gradient_operation() const
  {
    return plan_.zero == Zero::optimizer ? Operation::reduce_scatter : Operation::all_reduce;
  }
  [[nodiscard]] Bytes gradient_bytes(double parameters) const { return bytes_of(scenario_.workload->gradients) * parameters; }

  /// Overlapped gradients go out in buckets of whole layers, last layer first.
  void make_buckets()
  {
    if (!plan_.overlap.gradients || plan_.dp == 1) return;
    const Bytes target = Bytes(1e6 * plan_.bucket_megabytes);
    const int most = *std::max_element(chunk_layers_.begin(), chunk_layers_.end()); // an end of the model may hold fewer
    layers_per_bucket_ = 1;
    while (layers_per_bucket_ < most && gradient_bytes(parameters_.per_layer * layers_per_bucket_) < target) layers_per_bucket_++;
  }
  void reduce_bucket(int layer)
  {
    if (plan_.dp == 1) return;
    open_layers_++;
    if (open_layers_ < layers_per_bucket_ && layer > 0) return;
    const std::uint32_t payload = bucket_payload(open_layers_);
    open_layers_ = 0;
    reductions_.push_back(chain_.aside(payload, slot_data, lane_data));
  }
  std::uint32_t bucket_payload(int layers)
  {
    auto& known = bucket_payloads_;
    if (known.size() <= static_cast<std::size_t>(layers)) known.resize(static_cast<std::size_t>(layers) + 1, no_task);
    std::uint32_t& payload = known[static_cast<std::size_t>(layers)];
    if (payload == no_task)
      payload = add_payload(job_, {"gradients of " + std::to_string(layers) + " layer(s)", gradient_operation(),
                                   gradient_bytes(parameters_.per_layer * layers), Category::data});
    return payload;
  }

  void finish()
  {
    if (plan_.dp > 1) {
      const double left = plan_.overlap.gradients ? parameters_.embedding + parameters_.head : parameters_.total();
      if (left > 0)
        reductions_.push_back(chain_.aside(add_payload(job_, {"gradients", gradient_operation(), gradient_bytes(left), Category::data}),
                                           slot_data, lane_data));
      for (const std::uint32_t reduction : reductions_) chain_.wait_for(reduction);
    }
    const bool has_embedding = stage_ == 0 || stage_ == plan_.pp - 1;
    if (plan_.pp > 1 && scenario_.workload->model.tied_embeddings && has_embedding) {
      const double shared = static_cast<double>(scenario_.workload->model.vocabulary) * scenario_.workload->model.hidden / plan_.tp;
      chain_.collective(add_payload(job_, {"tied embedding gradients", Operation::all_reduce, gradient_bytes(shared), Category::data}),
                        slot_embedding, lane_data);
    }
    const bool shared_optimizer = plan_.zero == Zero::optimizer && plan_.dp > 1;
    const double updated = parameters_.total() / (shared_optimizer ? plan_.dp : 1);
    chain_.compute(add_work(job_, scenario_.platform.node.chip, ("optimizer, " + program_.name).c_str(),
                            optimizer_operators(*scenario_.workload, updated)));
    if (shared_optimizer && !plan_.overlap.parameters)
      chain_.collective(add_payload(job_, {"parameter all-gather", Operation::all_gather, Bytes(2 * parameters_.total()), Category::data}),
                        slot_data, lane_data);
  }

  Job& job_;
  const Scenario& scenario_;
  const Plan& plan_;
  const StepWorks& works_;
  const StepPayloads& payloads_;
  int stage_, parts_;
  std::vector<int> chunk_layers_;        ///< layers of each chunk
  std::vector<std::size_t> chunk_first_; ///< their first entry in layer_ready_
  bool tensor_, sequence_parallel_;
  StageParameters parameters_;
  int microbatches_;
  Program program_;
  ChainWriter chain_;
  std::array<std::uint32_t, 2> pass_ends_{no_task, no_task}; ///< ends of the pass before the previous, and of the previous
  std::vector<std::uint32_t> layer_ready_;                   ///< per chunk and layer: the gather of its parameters
  std::vector<std::uint32_t> reductions_, bucket_payloads_;
  int layers_per_bucket_ = 1, open_layers_ = 0;
};

} // namespace

Program stage_program(Job& job, const Scenario& scenario, const StepWorks& works, const StepPayloads& payloads, int stage)
{
  const ScheduleKind* schedule = find_schedule(scenario.plan.schedule);
  if (!schedule) throw LogicError("schedule " + scenario.plan.schedule + " does not exist");
  return StageWriter(job, scenario, works, payloads, stage).write(*schedule);
}

} // namespace weft
