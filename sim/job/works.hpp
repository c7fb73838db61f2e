// The computations and messages a training step is made of, timed once and shared by all programs.
#pragma once
#include "job/job.hpp"
#include "model/decoder.hpp"
#include "spec/scenario.hpp"

#include <cstdint>

namespace weft {

/// Work indices of a Block (see model/decoder.hpp); `again` are its forward parts run a second time under full recomputation.
struct BlockWorks {
  std::uint32_t entry = 0, main = 0, exit = 0;
  std::uint32_t entry_again = 0, main_again = 0, exit_again = 0;
  std::uint32_t exit_backward = 0, main_backward = 0, column_data = 0, column_weights = 0, entry_backward = 0;
};
/// Work indices of a training step.
struct StepWorks {
  BlockWorks attention, feedforward;
  std::uint32_t embed = 0, embed_backward = 0;
  std::uint32_t head_entry = 0, head_main = 0, head_data = 0, head_weights = 0, head_entry_backward = 0;
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
/// Adds the works to the job, timed on the platform's chip.
StepWorks add_works(Job& job, const Scenario& scenario);
StepPayloads add_payloads(Job& job, const Scenario& scenario);
/// Adds one computation; flops are those the operators count (`hardware_only` for repeated forwards).
enum class Counting { model_and_hardware, hardware_only };
std::uint32_t add_work(Job& job, const Chip& chip, const char* name, const std::vector<Operator>& ops,
                       Counting counting = Counting::model_and_hardware);
/// Adds one payload, or finds the equal one.
std::uint32_t add_payload(Job& job, Payload payload);

} // namespace weft
