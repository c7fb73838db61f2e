// The parallel plan: how the job is cut over the ranks and in which order things happen.
#pragma once
#include "config/record.hpp"
#include "spec/recompute.hpp"
#include "units/quantity.hpp"

#include <array>
#include <map>
#include <string>
#include <vector>

namespace weft {

enum class Zero { off, optimizer, gradients, parameters };
template <> struct Choices<Zero> {
  static constexpr std::array<const char*, 4> names{"off", "optimizer", "gradients", "parameters"};
};

/// How gradients reach the ranks that own the optimizer state (ZeRO-1): each its part, or all of them everywhere.
enum class ZeroReduce { scatter, all_reduce };
template <> struct Choices<ZeroReduce> {
  static constexpr std::array<const char*, 2> names{"scatter", "all-reduce"};
};
/// How updated parameters come back from their owners: equal slices in one all-gather, or whole tensors that every owner broadcasts.
enum class ZeroSpread { all_gather, broadcasts };
template <> struct Choices<ZeroSpread> {
  static constexpr std::array<const char*, 2> names{"all-gather", "broadcasts"};
};
/// When what ZeRO cuts is cut again after it was made whole: behind every layer's pass, or once per step.
enum class Reshard { pass, step };
template <> struct Choices<Reshard> {
  static constexpr std::array<const char*, 2> names{"pass", "step"};
};

/// A degree of parallelism.
enum class Axis { tp, cp, ep, dp, pp };
/// The axes of an order such as "tp-cp-ep-dp-pp", nearest neighbours first. Where they are not written, cp stands behind tp and ep before
/// dp. Empty unless tp, dp and pp stand there once and nothing else than the five.
std::vector<Axis> axes_of(const std::string& order);

/// Which stage-to-stage messages are cut over tp and gathered on arrival (Narayanan et al. 2021, arXiv:2104.04473, section 4.1): all, or the
/// activations alone (DeepSpeed's pipeline engine sends gradients whole).
enum class ScatterGather { off, activations, all };
template <> struct Choices<ScatterGather> {
  static constexpr std::array<const char*, 3> names{"false", "activations", "true"};
};

/// How the ranks of a context-parallel group meet in attention.
enum class ContextExchange { ring, all_gather, all_to_all, gathered_ring };
template <> struct Choices<ContextExchange> {
  static constexpr std::array<const char*, 4> names{"ring", "all-gather", "all-to-all", "gathered-ring"};
};
/// Whether attention runs in pieces, one for the keys of each rank, whose results are merged.
constexpr bool attends_in_pieces(ContextExchange c) { return c == ContextExchange::ring || c == ContextExchange::gathered_ring; }

/// How tokens travel to their experts.
enum class Dispatch { direct, node_limited };
template <> struct Choices<Dispatch> {
  static constexpr std::array<const char*, 2> names{"direct", "node-limited"};
};

/// Which tensor-parallel collectives run beside products: none; those of backward beside weight gradients, which need nothing from them; or
/// also those that products wait for, both cut in pieces (Transformer Engine's user buffers). PyTorch's asynchronous tensor
/// parallelism gains what `backward` gains: torchtitan publishes 5 to 9 % where hiding everything would gain twice as much.
enum class TensorOverlap { off, backward, pipelined };
template <> struct Choices<TensorOverlap> {
  static constexpr std::array<const char*, 3> names{"false", "true", "pipelined"};
};

/// Which communication runs beside computation, as in Megatron-LM.
struct Overlap {
  TensorOverlap tensor = TensorOverlap::off;
  bool gradients = false;  ///< gradient buckets are reduced while backward goes on
  bool parameters = false; ///< with the distributed optimizer: parameters are gathered while forward goes on
  bool pipeline = false;   ///< stage-to-stage messages run beside the next pass
  bool experts = false;    ///< shared experts run beside dispatch and combine; paired passes hide them behind one another
};
template <> const Record<Overlap>& record_of<Overlap>();

/// Degrees and order of parallelism.
struct Plan {
  int tp = 1, pp = 1, dp = 1;             ///< tensor, pipeline, data parallel
  int cp = 1;                             ///< context parallel: one sample's tokens cut over ranks
  int ep = 1;                             ///< expert parallel: routed experts spread over ranks of cp x dp (and tp, when etp is smaller)
  int etp = 0;                            ///< tensor parallel within an expert; 0: as tp
  ContextExchange context = ContextExchange::ring;
  Dispatch dispatch = Dispatch::direct;
  int dispatch_nodes = 0;                 ///< nodes a token is sent to at most (node-limited); 0: no limit
  int microbatch = 1;                     ///< samples per pass
  Word schedule = "1f1b";                 ///< schedule kind
  int virtual_stages = 1;                 ///< model chunks per stage (interleaved schedules)
  bool embedding_counts_as_layer = false; ///< the first part of the model holds one layer less
  bool head_counts_as_layer = false;      ///< the last part of the model holds one layer less
  bool sequence_parallel = false;         ///< Korthikanti et al. 2022, section 4.2.2
  Recomputation recompute{};
  Zero zero = Zero::off;
  Reshard reshard = Reshard::pass;        ///< of gathered parameters and whole gradients
  int zero_group = 0;                     ///< neighbours in cp x dp the state is cut over (hybrid sharding); 0: all of them
  ZeroReduce zero_reduce = ZeroReduce::scatter;
  ZeroSpread zero_spread = ZeroSpread::all_gather;
  std::vector<int> stage_layers;          ///< layers of each part of the model, first to last; empty: even
  bool fused_gradient_accumulation = false; ///< weight gradients are accumulated inside the matrix kernel, not by a pass of their own
  ScatterGather scatter_gather = ScatterGather::all;
  Overlap overlap;
  int bucket_megabytes = 0;       ///< gradient bucket when gradients overlap, in MB of gradients; 0: one bucket per layer
  bool keep_stage_outputs = false;      ///< a stage's output stays until its microbatch's backward (DeepSpeed, PyTorch)
  Bytes reduction_buffer;               ///< gradients are copied into a flat buffer of that size to be reduced; 0: reduced where they are
  std::string order = "tp-cp-ep-dp-pp"; ///< which degree's neighbours sit closest, first fastest
};
template <> const Record<Plan>& record_of<Plan>();
/// Tensor-parallel degree within an expert.
constexpr int expert_tensor(const Plan& plan) { return plan.etp > 0 ? plan.etp : plan.tp; }
/// Whether the routed experts are cut over the ranks of a stage in another way than the rest of the model.
constexpr bool has_expert_grid(const Plan& plan) { return plan.ep > 1 || expert_tensor(plan) != plan.tp; }

} // namespace weft
