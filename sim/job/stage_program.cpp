#include "job/stage_program.hpp"

#include "config/error.hpp"
#include "job/chain_writer.hpp"
#include "job/data_parallel.hpp"
#include "job/layer_writer.hpp"
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
      : job_(job), scenario_(scenario), plan_(scenario.plan), payloads_(payloads), stage_(stage),
        parts_(plan_.pp * plan_.virtual_stages), chunk_layers_(layers_of_chunks(scenario, stage)), tensor_(plan_.tp > 1),
        sequence_parallel_(plan_.sequence_parallel && plan_.tp > 1), parameters_(stage_parameters(scenario, stage)),
        microbatches_(scenario.workload->batch / (plan_.dp * plan_.microbatch)), chain_(program_),
        layers_(scenario, works, payloads, chain_), replicas_(job, scenario, parameters_, microbatches_, chain_)
  {
    program_.name = "stage " + std::to_string(stage);
  }

  Program write(const ScheduleKind& schedule)
  {
    const PipelineShape shape{plan_.pp, microbatches_, plan_.virtual_stages};
    replicas_.begin_step();
    for (const Pass& pass : schedule.passes(shape, stage_)) {
      chain_.microbatch = static_cast<std::uint16_t>(std::min(pass.microbatch, 0xfffe));
      replicas_.begin_pass(pass);
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
    if (part == 0) layers_.embed();
    const int first = first_layer_of_part(scenario_, part);
    for (int layer = 0; layer < chunk_layers_[static_cast<std::size_t>(pass.chunk)]; layer++) {
      replicas_.begin_layer(pass, layer);
      layers_.forward(first + layer);
      replicas_.end_layer(pass, layer);
    }
    if (part + 1 < parts_)
      send(slot_forward_send, lane_forward_send);
    else
      layers_.head_forward();
  }

  void backward(const Pass& pass)
  {
    const int part = pass.chunk * plan_.pp + stage_;
    if (part + 1 < parts_)
      receive(slot_backward_receive, lane_backward_receive);
    else
      layers_.head_backward(Gradients::all);
    const int first = first_layer_of_part(scenario_, part);
    for (int layer = chunk_layers_[static_cast<std::size_t>(pass.chunk)] - 1; layer >= 0; layer--) {
      replicas_.begin_layer(pass, layer);
      layers_.backward(first + layer, Gradients::all);
      replicas_.end_layer(pass, layer);
    }
    if (part > 0)
      send(slot_backward_send, lane_backward_send);
    else
      layers_.embed_backward();
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

  // --- end of the step -----------------------------------------------------------------------------------------------
  void finish()
  {
    replicas_.end_passes();
    reduce_tied_embeddings();
    chain_.compute(add_work(job_, scenario_.platform.node.chip, ("optimizer, " + program_.name).c_str(),
                            optimizer_operators(*scenario_.workload, replicas_.updated())));
    replicas_.end_step();
  }
  /// First and last stage hold one matrix between them: their gradients are summed.
  void reduce_tied_embeddings()
  {
    const bool holds_one = stage_ == 0 || stage_ == plan_.pp - 1;
    if (plan_.pp == 1 || !scenario_.workload->model.tied_embeddings || !holds_one) return;
    const double shared = static_cast<double>(scenario_.workload->model.vocabulary) * scenario_.workload->model.hidden / plan_.tp;
    const Bytes bytes = bytes_of(scenario_.workload->gradients) * shared;
    chain_.collective(add_payload(job_, {"tied embedding gradients", Operation::all_reduce, bytes, Category::data}), slot_embedding,
                      lane_data);
  }

  Job& job_;
  const Scenario& scenario_;
  const Plan& plan_;
  const StepPayloads& payloads_;
  int stage_, parts_;
  std::vector<int> chunk_layers_; ///< layers of each chunk
  bool tensor_, sequence_parallel_;
  StageParameters parameters_;
  int microbatches_;
  Program program_;
  ChainWriter chain_;
  LayerWriter layers_;
  DataParallelWriter replicas_;
  std::array<std::uint32_t, 2> pass_ends_{no_task, no_task}; ///< ends of the pass before the previous, and of the previous
};

} // namespace

Program stage_program(Job& job, const Scenario& scenario, const StepWorks& works, const StepPayloads& payloads, int stage)
{
  const ScheduleKind* schedule = find_schedule(scenario.plan.schedule);
  if (!schedule) throw LogicError("schedule " + scenario.plan.schedule + " does not exist");
  return StageWriter(job, scenario, works, payloads, stage).write(*schedule);
}

} // namespace weft
