// The computations and messages a training step is made of, timed once and shared by all programs.
#pragma once
#include "job/job.hpp"
#include "model/decoder.hpp"
#include "spec/scenario.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace weft {

/// No work: the part has no operators.
constexpr std::uint32_t no_work = 0xffffffff;

/// Work indices of a Block's forward (see model/decoder.hpp). Core and tail are part of main unless context-parallel ranks meet around the
/// core.
struct BlockForward {
  std::uint32_t entry = no_work, main = no_work, core = no_work, tail = no_work, exit = no_work;
  std::uint32_t main_beside = no_work, tail_beside = no_work; ///< pieces of first and last product with a tensor collective beside them
  std::uint32_t last_core = no_work; ///< of a ring, whose `core` is one of cp equal pieces: the piece without an exchange beside it
};
/// Work indices of a Block; `again` is its forward run a second time, all of it under full recomputation, the core under selective.
struct BlockWorks {
  BlockForward forward, again;
  std::uint32_t exit_backward = no_work, column_data = no_work, column_weights = no_work, entry_backward = no_work;
  std::uint32_t tail_backward = no_work; ///< tail_data, tail_weights and, unless it stands apart, core_backward
  std::uint32_t tail_backward_beside = no_work; ///< its pieces with a tensor collective beside them
  std::uint32_t tail_data = no_work;     ///< of a split backward: the same without the weights
  std::uint32_t core_backward = no_work; ///< where it stands apart; of a ring: one piece
  std::uint32_t weights = no_work;       ///< of a split backward: tail_weights and column_weights
};
/// Work indices of an ExpertBlock's forward.
struct ExpertForward {
  std::uint32_t entry = no_work, route = no_work, experts = no_work, merge = no_work, shared = no_work, exit = no_work;
};
/// Work and payload indices of an ExpertBlock; backward parts as in BlockWorks.
struct ExpertWorks {
  ExpertForward forward, again;
  std::uint32_t exit_backward = no_work, merge_backward = no_work, entry_backward = no_work;
  std::uint32_t experts_data = no_work, route_data = no_work, shared_data = no_work;
  std::uint32_t experts_weights = no_work, route_weights = no_work, shared_weights = no_work;
  std::uint32_t weights = no_work;                             ///< of a split backward: all three
  std::uint32_t dispatch_across = no_work, dispatch = no_work; ///< payloads, no_work where there is nothing to send
  std::uint32_t combine_across = no_work, combine = no_work;
  std::uint32_t gather = no_work, scatter = no_work; ///< over the ranks that share an expert
};
/// Work indices of layers that are alike.
struct LayerWorks {
  BlockWorks attention, feedforward;
  std::optional<ExpertWorks> experts; ///< instead of feedforward
};
/// Work indices of what stands around a prediction module's layer.
struct PredictionWorks {
  std::uint32_t lookup = no_work, entry = no_work, main = no_work;
  std::uint32_t column_data = no_work, column_weights = no_work, entry_backward = no_work, lookup_backward = no_work;
};
/// Work indices of a training step.
struct StepWorks {
  std::vector<LayerWorks> layers;
  std::vector<std::size_t> of_layer; ///< per layer of the model and of its prediction modules: index into `layers`
  std::uint32_t embed = no_work, embed_backward = no_work;
  std::uint32_t head_entry = no_work, head_main = no_work, head_data = no_work, head_weights = no_work, head_entry_backward = no_work;
  PredictionWorks prediction;
};
/// Payload indices of a training step.
struct StepPayloads {
  std::uint32_t tensor_reduce = 0;                       ///< all-reduce, without sequence parallelism
  std::uint32_t tensor_gather = 0, tensor_scatter = 0;   ///< all-gather and reduce-scatter, with it
  std::uint32_t module_gather = 0, module_scatter = 0, module_reduce = 0; ///< of both inputs of a prediction module's projection
  std::uint32_t operand_gather = 0;                      ///< the all-gather of what a layer's products read, cast before it where scales allow
  std::uint32_t loss_reduce = 0;                         ///< cross entropy over the cut vocabulary
  std::uint32_t forward_message = 0;                     ///< activation to the next stage
  std::uint32_t backward_message = 0;                    ///< its gradient to the one before
  std::uint32_t stage_gather = 0;                        ///< putting a cut message together again on arrival
  std::uint32_t ring_keys = 0, ring_gradients = 0;       ///< one exchange of a ring: keys and values, or their gradients
  std::uint32_t ring_both = 0;                           ///< both at once
  std::uint32_t context_gather = 0, context_scatter = 0; ///< keys and values of all ranks; sum of their gradients
  std::uint32_t heads_in = 0, heads_out = 0;             ///< queries, keys and values by heads instead of tokens; the context likewise
};

/// The shard every rank of the scenario's job works on.
Shard shard_of(const Scenario& scenario);
/// The same in one layer: the busiest rank's experts may have more tokens than the mean.
Shard shard_of(const Scenario& scenario, int layer);
/// Whether a schedule runs every backward pass as one, or in some the gradients of inputs and of weights apart.
enum class Backward { whole, split };
/// Adds the works to the job, timed on the platform's chip, and the payloads that belong to single layers.
StepWorks add_works(Job& job, const Scenario& scenario, Backward backward);
StepPayloads add_payloads(Job& job, const Scenario& scenario);
/// Adds one computation, no_work when there is nothing to do; flops are those the operators count (`hardware_only` for repeated forwards).
enum class Counting { model_and_hardware, hardware_only };
std::uint32_t add_work(Job& job, const Chip& chip, const char* name, const std::vector<Operator>& ops,
                       Counting counting = Counting::model_and_hardware);
/// Adds one payload, or finds the equal one.
std::uint32_t add_payload(Job& job, Payload payload);

} // namespace weft
