// Communication among the replicas of a stage: gradients summed or scattered, parameters gathered, by degree of ZeRO
// (Rajbhandari et al. 2020, arXiv:1910.02054) and overlap. Called by the stage's writer before and after each layer.
#pragma once
#include "job/chain_writer.hpp"
#include "job/parameters.hpp"
#include "schedule/schedule.hpp"
#include "spec/scenario.hpp"

#include <cstdint>
#include <vector>

namespace weft {

/// Whether more microbatches add to the gradients of a chunk.
enum class Accumulation { goes_on, complete };

/// Writes the data-parallel tasks of one stage into its chain.
///
/// off: gradients are all-reduced once per step. optimizer (ZeRO-1): they are reduce-scattered once per step and the parameters gathered
/// after the update. gradients (ZeRO-2): scattered after every microbatch. parameters (ZeRO-3, FSDP): besides, each layer's parameters are
/// gathered before its forward and before its backward, one layer ahead when overlapped (PyTorch FSDP's prefetch, two gathers in flight).
class DataParallelWriter {
public:
  DataParallelWriter(Job& job, const Scenario& scenario, const StageParameters& parameters, std::vector<int> chunk_layers,
                     ChainWriter& chain);

  void begin_step();
  void begin_pass(const Pass& pass, Accumulation accumulation);
  /// Before the layer's forward or backward is written; `layer` counts within the pass's chunk.
  void begin_layer(const Pass& pass, int layer);
  /// After the layer's forward or backward.
  void end_layer(const Pass& pass, int layer);
  /// After all passes: what is left of the gradients, and the chain waits for all of them.
  void end_passes();
  /// After the optimizer.
  void end_step();
  /// Parameters this rank updates.
  [[nodiscard]] double updated() const;

private:
  [[nodiscard]] bool reduces_after(const Pass& pass) const;
  std::uint32_t gather(std::uint32_t after, double parameters, const char* what);
  void reduce(double parameters, const char* what);
  [[nodiscard]] Bytes gradient_bytes(double parameters) const;
  void start_gather(const Pass& pass, int layer, std::uint32_t after);

  Job& job_;
  const Scenario& scenario_;
  const Plan& plan_;
  StageParameters parameters_;
  std::vector<int> chunk_layers_;
  Accumulation accumulation_ = Accumulation::goes_on; ///< of the pass at hand
  ChainWriter& chain_;
  std::vector<std::vector<std::uint32_t>> gathered_; ///< per chunk and layer: the gather its first forward waits for (ZeRO-1)
  std::uint32_t next_gather_ = no_task;              ///< of the coming layer (ZeRO-3)
  std::uint32_t layer_end_ = no_task, earlier_layer_end_ = no_task; ///< ends of the layer before, and of the one before that
  std::vector<std::uint32_t> reductions_;
  int layers_per_bucket_ = 1, open_layers_ = 0;
};

} // namespace weft
