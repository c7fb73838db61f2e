// A decoder transformer cut over tensor-parallel ranks: operators forward and backward, parameters, flops, activations.
// Formulas: Narayanan et al. 2021 (arXiv:2104.04473) section 5 and appendix; Korthikanti et al. 2022 (arXiv:2205.05198) equations 1-9.
#pragma once
#include "model/operator.hpp"
#include "spec/plan.hpp"
#include "spec/workload.hpp"

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
};

/// Half a layer (attention or feed-forward) around its tensor-parallel collectives. Forward:
///   entry, [all-gather when sequence parallel], main, [all-reduce or reduce-scatter], exit.
/// Backward:
///   exit_backward, [all-gather], recomputed, main_backward, column_data, [all-reduce or reduce-scatter], column_weights, entry_backward.
/// The collective after column_data may run beside column_weights.
struct Block {
  std::vector<Operator> entry, main, exit;
  std::vector<Operator> recomputed; ///< forward operators that run again under selective recompute: the attention core
  std::vector<Operator> exit_backward, main_backward, column_data, column_weights, entry_backward;
};
struct LayerOperators {
  Block attention, feedforward;
};
LayerOperators layer_operators(const Shard& shard);

/// The ends of the network for one microbatch. The head's column_data / column_weights split is that of a Block.
struct EndOperators {
  std::vector<Operator> embed_forward, embed_backward;
  std::vector<Operator> head_entry, head_main; ///< final norm; logits and vocabulary-parallel cross entropy
  std::vector<Operator> head_data, head_weights, head_entry_backward;
};
EndOperators end_operators(const Shard& shard);
/// Optimizer step over `parameters` held in full precision by this rank: gradient norm, Adam with fp32 master weights.
std::vector<Operator> optimizer_operators(const Workload& workload, double parameters);

/// Parameters of one layer / of the embeddings / of the output head and final norm / of everything, before cutting.
double layer_parameters(const ModelShape& model);
double embedding_parameters(const Workload& workload);
double head_parameters(const Workload& workload);
double total_parameters(const Workload& workload);
/// Parameters one tensor-parallel rank holds of a layer (norms and row-parallel biases are replicated).
double layer_parameters_per_rank(const ModelShape& model, int tp);

/// Model flops of one sample, forward and backward, without recomputation (matrix products only): 72 s l h^2 (1 + s/6h + V/12lh) for a GPT.
Flops model_flops_per_sample(const Workload& workload);
/// The same plus what recomputation repeats.
Flops hardware_flops_per_sample(const Workload& workload, Recompute recompute);

/// Activation bytes of one layer and one microbatch on one rank, as Korthikanti equations 1-6; selective and full per Recompute.
Bytes layer_activation_bytes(const Shard& shard);
/// Bytes of the activation handed from stage to stage for one microbatch, whole (not cut over tp).
Bytes boundary_bytes(const Shard& shard);
/// Extra activations of the first stage (embedding dropout) and of the last (final norm, logits), per microbatch.
Bytes embedding_activation_bytes(const Shard& shard);
Bytes head_activation_bytes(const Shard& shard);

} // namespace weft
