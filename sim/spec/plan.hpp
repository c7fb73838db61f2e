// The parallel plan: how the job is cut over the ranks and in which order things happen.
#pragma once
#include "config/record.hpp"

#include <array>
#include <map>
#include <string>
#include <vector>

namespace weft {

enum class Recompute { none, selective, full };
template <> struct Choices<Recompute> {
  static constexpr std::array<const char*, 3> names{"none", "selective", "full"};
};

enum class Zero { off, optimizer, gradients, parameters };
template <> struct Choices<Zero> {
  static constexpr std::array<const char*, 4> names{"off", "optimizer", "gradients", "parameters"};
};

/// Which communication runs beside computation, as in Megatron-LM.
struct Overlap {
  bool tensor = false;     ///< in backward, tensor-parallel collectives run beside weight gradients
  bool gradients = false;  ///< gradient buckets are reduced while backward goes on
  bool parameters = false; ///< with the distributed optimizer: parameters are gathered while forward goes on
  bool pipeline = false;   ///< stage-to-stage messages run beside the next pass
};
template <> const Record<Overlap>& record_of<Overlap>();

/// Degrees and order of parallelism.
struct Plan {
  int tp = 1, pp = 1, dp = 1;             ///< tensor, pipeline, data parallel
  int microbatch = 1;                     ///< samples per pass
  Word schedule = "1f1b";                 ///< schedule kind
  int virtual_stages = 1;                 ///< model chunks per stage (interleaved schedules)
  bool embedding_counts_as_layer = false; ///< the first part of the model holds one layer less
  bool head_counts_as_layer = false;      ///< the last part of the model holds one layer less
  bool sequence_parallel = false;         ///< Korthikanti et al. 2022, section 4.2.2
  Recompute recompute = Recompute::none;
  Zero zero = Zero::off;
  bool fused_gradient_accumulation = false; ///< weight gradients are accumulated inside the matrix kernel, not by a pass of their own
  bool scatter_gather = true; ///< stage-to-stage messages are cut over tp and gathered on arrival (Narayanan et al. 2021, section 4.1)
  Overlap overlap;
  int bucket_megabytes = 0;       ///< gradient bucket when gradients overlap, in MB of gradients; 0: one bucket per layer
  std::string order = "tp-dp-pp"; ///< which degree's neighbours sit closest, first fastest
};
template <> const Record<Plan>& record_of<Plan>();

} // namespace weft
