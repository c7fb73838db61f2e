// The parallel plan: how the job is cut over the ranks and in which order things happen.
#pragma once
#include "config/record.hpp"
#include "spec/recompute.hpp"

#include <array>
#include <map>
#include <string>
#include <vector>

namespace weft {

enum class Zero { off, optimizer, gradients, parameters };
template <> struct Choices<Zero> {
  static constexpr std::array<const char*, 4> names{"off", "optimizer", "gradients", "parameters"};
};

/// A degree of parallelism.
enum class Axis { tp, cp, ep, dp, pp };
/// The axes of an order such as "tp-cp-ep-dp-pp", nearest neighbours first. Where they are not written, cp stands behind tp and ep before
/// dp. Empty unless tp, dp and pp stand there once and nothing else than the five.
std::vector<Axis> axes_of(const std::string& order);

/// How the ranks of a context-parallel group meet in attention.
enum class ContextExchange { ring, all_gather, all_to_all };
template <> struct Choices<ContextExchange> {
  static constexpr std::array<const char*, 3> names{"ring", "all-gather", "all-to-all"};
};

/// How tokens travel to their experts.
enum class Dispatch { direct, node_limited };
template <> struct Choices<Dispatch> {
  static constexpr std::array<const char*, 2> names{"direct", "node-limited"};
};

/// Which communication runs beside computation, as in Megatron-LM.
struct Overlap {
  bool tensor = false;     ///< in backward, tensor-parallel collectives run beside weight gradients
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
  int zero_group = 0;                     ///< neighbours in cp x dp the state is cut over (hybrid sharding); 0: all of them
  std::vector<int> stage_layers;          ///< layers of each part of the model, first to last; empty: even
  bool fused_gradient_accumulation = false; ///< weight gradients are accumulated inside the matrix kernel, not by a pass of their own
  bool scatter_gather = true; ///< stage-to-stage messages are cut over tp and gathered on arrival (Narayanan et al. 2021, section 4.1)
  Overlap overlap;
  int bucket_megabytes = 0;       ///< gradient bucket when gradients overlap, in MB of gradients; 0: one bucket per layer
  std::string order = "tp-cp-ep-dp-pp"; ///< which degree's neighbours sit closest, first fastest
};
template <> const Record<Plan>& record_of<Plan>();
/// Tensor-parallel degree within an expert.
constexpr int expert_tensor(const Plan& plan) { return plan.etp > 0 ? plan.etp : plan.tp; }
/// Whether the routed experts are cut over the ranks of a stage in another way than the rest of the model.
constexpr bool has_expert_grid(const Plan& plan) { return plan.ep > 1 || expert_tensor(plan) != plan.tp; }

} // namespace weft
