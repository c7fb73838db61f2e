// The computations and messages a training step is made of, timed once and shared by all programs.
#pragma once
#include "job/job.hpp"
#include "model/decoder.hpp"
#include "spec/scenario.hpp"

#include <cstdint>
#include <vector>

namespace weft {

/// No work: the part has no operators.
constexpr std::uint32_t no_work = 0xffffffff;

/// Work indices of a Block (see model/decoder.hpp); `again` are its forward parts run a second time under full recomputation.
struct BlockWorks {
  std::uint32_t entry = no_work, main = no_work, exit = no_work; ///< main with core and tail
  std::uint32_t entry_again = no_work, main_again = no_work, exit_again = no_work;
  std::uint32_t exit_backward = no_work, column_data = no_work, column_weights = no_work, entry_backward = no_work;
  std::uint32_t main_backward = no_work; ///< tail_data, tail_weights and core_backward in one
  std::uint32_t main_data = no_work;     ///< of a split backward: the same without the weights
  std::uint32_t weights = no_work;       ///< of a split backward: tail_weights and column_weights
};
/// Work indices of one kind of layer.
struct LayerWorks {
  BlockWorks attention, feedforward;
};
/// Work indices of a training step.
struct StepWorks {
  std::vector<LayerWorks> kinds; ///< by layer_kind
  std::uint32_t embed = no_work, embed_backward = no_work;
  std::uint32_t head_entry = no_work, head_main = no_work, head_data = no_work, head_weights = no_work, head_entry_backward = no_work;
};
/// Payload indices of a training step.
struct StepPayloads {
  std::uint32_t tensor_reduce = 0;                     ///< all-reduce, without sequence parallelism
  std::uint32_t tensor_gather = 0, tensor_scatter = 0; ///< all-gather and reduce-scatter, with it
  std::uint32_t loss_reduce = 0;                       ///< cross entropy over the cut vocabulary
  std::uint32_t stage_message = 0;                     ///< activation or its gradient to the neighbour stage
  std::uint32_t stage_gather = 0;                      ///< putting a cut message together again on arrival
};

/// The shard every rank of the scenario's job works on.
Shard shard_of(const Scenario& scenario);
/// Whether a schedule runs every backward pass as one, or in some the gradients of inputs and of weights apart.
enum class Backward { whole, split };
/// Adds the works to the job, timed on the platform's chip.
StepWorks add_works(Job& job, const Scenario& scenario, Backward backward);
StepPayloads add_payloads(Job& job, const Scenario& scenario);
/// Adds one computation, no_work when there is nothing to do; flops are those the operators count (`hardware_only` for repeated forwards).
enum class Counting { model_and_hardware, hardware_only };
std::uint32_t add_work(Job& job, const Chip& chip, const char* name, const std::vector<Operator>& ops,
                       Counting counting = Counting::model_and_hardware);
/// Adds one payload, or finds the equal one.
std::uint32_t add_payload(Job& job, Payload payload);

} // namespace weft
