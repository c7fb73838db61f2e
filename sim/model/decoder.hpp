// A network cut over ranks: operators forward and backward, parameters, flops, activations.
// Formulas: Narayanan et al. 2021 (arXiv:2104.04473) section 5 and appendix; Korthikanti et al. 2022 (arXiv:2205.05198) equations 1-9.
#pragma once
#include "model/operator.hpp"
#include "spec/plan.hpp"
#include "spec/workload.hpp"

#include <optional>
#include <vector>

namespace weft {

/// The part of a workload one rank works on.
struct Shard {
  const Workload* workload = nullptr;
  int tp = 1;
  bool sequence_parallel = false;
  Recompute recompute = Recompute::none;
  int microbatch = 1;
  bool fused_gradient_accumulation = false; ///< weight gradients are added to the accumulator inside the matrix kernel
  int cp = 1;                               ///< the rank holds sequence / cp tokens of each sample
  ContextExchange context = ContextExchange::ring;
  int ep = 1, etp = 1;    ///< the rank holds count / ep experts, each cut over etp
  double expert_load = 1; ///< tokens of the busiest rank's experts over the mean
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

/// One layer. Blocks without operators are skipped: a convolutional layer has a feed-forward block only, and where attention and
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

/// The ends of the network for one microbatch. The head's column_data / column_weights split is that of a Block.
struct EndOperators {
  std::vector<Operator> embed_forward, embed_backward;
  std::vector<Operator> head_entry, head_main; ///< final norm; logits and vocabulary-parallel cross entropy
  std::vector<Operator> head_data, head_weights, head_entry_backward;
};
/// Prediction modules run before the head's collective, their logits with the head's; backward, their layers run in head_entry_backward and
/// their weight gradients among head_weights. The communication of their layers is left out.
EndOperators end_operators(const Shard& shard);
/// Optimizer step over `parameters` held in full precision by this rank: gradient norm, Adam with fp32 master weights.
std::vector<Operator> optimizer_operators(const Workload& workload, double parameters);

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
/// Parameters one rank holds of the output head, the final norm and the prediction modules.
HeldParameters held_head_parameters(const Shard& shard, OutputMatrix matrix);

/// Model flops of one sample, forward and backward, without recomputation (matrix products only): 72 s l h^2 (1 + s/6h + V/12lh) for a GPT.
Flops model_flops_per_sample(const Workload& workload);
/// The same plus what recomputation repeats.
Flops hardware_flops_per_sample(const Workload& workload, Recompute recompute);

/// Activation bytes of one layer and one microbatch on one rank, as Korthikanti equations 1-6; selective and full per Recompute.
Bytes layer_activation_bytes(const Shard& shard, int layer);
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
