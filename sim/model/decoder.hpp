// A network cut over ranks: operators forward and backward, parameters, flops, activations.
// Formulas: Narayanan et al. 2021 (arXiv:2104.04473) section 5 and appendix; Korthikanti et al. 2022 (arXiv:2205.05198) equations 1-9.
#pragma once
#include "model/operator.hpp"
#include "spec/plan.hpp"
#include "spec/workload.hpp"

#include <optional>
#include <vector>

namespace weft {

/// Tokens of a rank's experts over the mean of all tokens' copies, in one layer.
struct ExpertLoad {
  double busiest = 1;  ///< of the rank that has most: what lasts as long, travels and is kept
  double kept = 1;     ///< on average, without the tokens that a capacity drops
  double computed = 1; ///< on average, with the rows that fill experts up to their capacity
};

/// The part of a workload one rank works on.
struct Shard {
  const Workload* workload = nullptr;
  int tp = 1;
  bool sequence_parallel = false;
  Recomputation recompute{};
  int microbatch = 1;
  bool fused_gradient_accumulation = false; ///< weight gradients are added to the accumulator inside the matrix kernel
  int cp = 1;                               ///< the rank holds sequence / cp tokens of each sample
  ContextExchange context = ContextExchange::ring;
  int ep = 1, etp = 1;    ///< the rank holds count / ep experts, each cut over etp
  ExpertLoad expert_load{};
  Dispatch dispatch = Dispatch::direct;
};

/// Half a layer (attention or feed-forward) around its collectives. Forward:
///   entry, [all-gather when sequence parallel], main, [context exchange] core [exchange], tail, [all-reduce or reduce-scatter], exit.
/// Backward:
///   exit_backward, [all-gather], tail_data, tail_weights, core again under selective recompute, core_backward, column_data,
///   [all-reduce or reduce-scatter], column_weights, entry_backward.
/// The collective after column_data may run beside column_weights; tail_weights and column_weights may run any time later (split backward).
struct Block {
  std::vector<Operator> entry, main, core, tail, exit;
  std::vector<Operator> exit_backward, tail_data, tail_weights, core_backward, column_data, column_weights, entry_backward;
};

/// A routed feed-forward block. Forward:
///   entry, route, [dispatch: all-to-all over ep], [all-gather over etp], experts, [reduce-scatter over etp], [combine: all-to-all], merge,
///   exit;
/// shared runs any time between entry and merge (under tensor parallelism inside its own all-gather and reduce-scatter).
/// Backward:
///   exit_backward, merge_backward, [all-to-all], [all-gather], experts_data, experts_weights, [reduce-scatter], [all-to-all], route_data,
///   route_weights, entry_backward; shared_data and shared_weights any time between.
/// Tokens are cut over tp when sequence parallel: every rank routes its own.
struct ExpertBlock {
  std::vector<Operator> entry, route, experts, merge, shared, exit;
  std::vector<Operator> exit_backward, merge_backward, experts_data, experts_weights, route_data, route_weights, entry_backward;
  std::vector<Operator> shared_data, shared_weights;
};

/// One layer. Blocks without operators are skipped: a convolutional layer has a feed-forward block only, a hybrid's layer one of the two (a
/// state-space block in the place of attention), and where attention and
/// feed-forward stand side by side (parallel-block) both are in the attention block, with one norm and one reduction.
struct LayerOperators {
  Block attention, feedforward;
  std::optional<ExpertBlock> experts; ///< instead of feedforward
};
/// Layers of the network that pipelines cut: transformer layers, or the entries of a convolutional network.
int layer_count(const ModelShape& model);
/// Layers with the same number have the same operators, parameters and activations. Counted from 0 without gaps.
int layer_kind(const ModelShape& model, int layer);
/// Operators of layer `layer`, 0-based; from layer_count on, those of the prediction modules' layers.
LayerOperators layer_operators(const Shard& shard, int layer);
/// Payload of the all-to-all that takes tokens to their experts, and of the one that brings them back: bytes one rank sends, its own
/// included.
Bytes dispatch_bytes(const Shard& shard);
Bytes combine_bytes(const Shard& shard);
/// Keys and values of the tokens one rank holds, for one layer and microbatch: what context-parallel ranks exchange.
Bytes context_bytes(const Shard& shard);

/// What stands around the layer of a multi-token prediction module (DeepSeek-V3, arXiv:2412.19437, section 2.2). Forward:
///   lookup (of the next tokens' embeddings), [all-reduce or reduce-scatter, the table being cut over tp], entry (a norm of the state and of
///   the embeddings), [all-gather of both when sequence parallel], main (projection, cut by columns), [all-gather], the layer, the head again.
/// Backward, behind the head's and the layer's: column_data, [all-reduce or reduce-scatter], column_weights, entry_backward, [all-gather],
/// lookup_backward.
struct PredictionOperators {
  std::vector<Operator> lookup, entry, main;
  std::vector<Operator> column_data, column_weights, entry_backward, lookup_backward;
};

/// The ends of the network for one microbatch. The head's column_data / column_weights split is that of a Block.
struct EndOperators {
  std::vector<Operator> embed_forward, embed_backward;
  std::vector<Operator> head_entry, head_main; ///< final norm; logits and vocabulary-parallel cross entropy
  std::vector<Operator> head_data, head_weights, head_entry_backward;
  PredictionOperators prediction; ///< of one module; empty where there are none
};
EndOperators end_operators(const Shard& shard);
/// Optimizer step over `parameters` held in full precision by this rank: the norm of its gradients, [all-reduce of its square where the norm is
/// that of all ranks], then clipping and the update of fp32 master weights.
struct OptimizerOperators {
  std::vector<Operator> norm, update;
};
OptimizerOperators optimizer_operators(const Workload& workload, double parameters);

/// Parameters of one layer / of the embeddings / of the output head, final norm and prediction modules / of everything, before cutting.
double layer_parameters(const ModelShape& model, int layer);
double embedding_parameters(const Workload& workload);
double head_parameters(const Workload& workload);
double total_parameters(const Workload& workload);
/// Parameters a token passes: of the routed experts only the active ones.
double active_parameters(const Workload& workload);
/// Parameters one rank holds of a layer: those it shares with the ranks of cp x dp (norms and row-parallel biases are held by all of tp),
/// and of routed experts, whose replicas are fewer.
struct HeldParameters {
  double dense = 0, experts = 0;
  [[nodiscard]] double total() const { return dense + experts; }
};
HeldParameters held_parameters(const Shard& shard, int layer);
/// The weight tensors of held_parameters, in the order forward passes them; norms and biases count with their first matrix.
struct HeldTensors {
  std::vector<double> dense = {}, experts = {};
};
HeldTensors held_tensors(const Shard& shard, int layer);
/// Parameters one rank holds of the embeddings, of which the token table is cut over tp.
double held_embedding_parameters(const Shard& shard);
/// Whether a rank with the head has the token table of a tied embedding at hand, or must hold a copy of it (on another stage).
enum class OutputMatrix { at_hand, own_copy };
/// Parameters one rank holds of the output head, the final norm and what stands around the layers of prediction modules; those layers are held
/// like others (held_parameters of layer_count and on). Modules look tokens up: where no table is at hand the rank holds a copy.
double held_head_parameters(const Shard& shard, OutputMatrix matrix);
/// Multi-token prediction modules behind the last layer.
int prediction_modules(const ModelShape& model);
/// Whether the ends of the network share the token table: tied embeddings, or prediction modules that look tokens up.
inline bool shares_token_table(const ModelShape& model) { return model.tied_embeddings || prediction_modules(model) > 0; }

/// Model flops of one sample, forward and backward, without recomputation (matrix products only): 72 s l h^2 (1 + s/6h + V/12lh) for a GPT.
Flops model_flops_per_sample(const Workload& workload);
/// Forward of the routed experts of one layer and sample, none of its tokens dropped; 0 where there are none.
Flops expert_flops_per_sample(const Workload& workload, int layer);
/// Model flops plus what recomputation repeats.
Flops hardware_flops_per_sample(const Workload& workload, const Recomputation& recompute);

/// Activation bytes of one layer and one microbatch on one rank, as Korthikanti equations 1-6, without what recomputation runs again.
Bytes layer_activation_bytes(const Shard& shard, int layer);
/// What recomputation brings back while the layer runs backward: of whole layers everything, else the larger of the layer's halves. The scores
/// of a repeated attention core are left out, as in equation 6.
Bytes repeated_activation_bytes(const Shard& shard, int layer);
/// Bytes of the activation handed from stage to stage for one microbatch, whole (not cut over tp).
Bytes boundary_bytes(const Shard& shard);
/// Extra activations of the first stage (embedding norm and dropout) and of the last (final norm, logits), per microbatch.
Bytes embedding_activation_bytes(const Shard& shard);
/// Of the last: at most while the head runs, and from its forward to its backward.
Bytes head_activation_bytes(const Shard& shard);
Bytes head_kept_bytes(const Shard& shard);
/// What a layer has besides while its backward runs: activations computed again, gradients of activations, gathered inputs. Left out: the
/// core that selective recomputation repeats, workspaces of kernels.
Bytes layer_workspace_bytes(const Shard& shard, int layer);

} // namespace weft
