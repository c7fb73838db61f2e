// Communication among the replicas of a stage: gradients summed or scattered, parameters gathered, by degree of ZeRO
// (Rajbhandari et al. 2020, arXiv:1910.02054), its group and overlap. Called by the stage's writer before and after each layer.
#pragma once
#include "job/chain_writer.hpp"
#include "job/owners.hpp"
#include "job/parameters.hpp"
#include "layout/layout.hpp"
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
/// With Reshard::step parameters are gathered once, in the order of their first use, and gradients scattered once, behind the last microbatch.
/// Where state is cut over neighbours only (Plan::zero_group; PyTorch HSDP, InternEvo's zero1 groups), parameters are gathered and
/// gradients scattered among them, and what is scattered is all-reduced with the same part of the other neighbourhoods. Routed experts have
/// fewer replicas than the dense weights: they are summed and gathered in groups of their own. Owners of the optimizer state may hold whole
/// tensors and broadcast them one after another (Plan::zero_spread), and gradients may be summed everywhere (Plan::zero_reduce).
class DataParallelWriter {
public:
  DataParallelWriter(Job& job, const Scenario& scenario, const StageParameters& parameters, ChainWriter& chain);

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
  /// The coming pass runs beside the one before it: what it prefetches need not wait for that one's layers, only for `task`.
  void go_on_behind(std::uint32_t task) { layer_end_ = earlier_layer_end_ = task; }
  /// Tasks from `first` on have new numbers: numbers[i] is that of first + i.
  void renumber(std::uint32_t first, const std::vector<std::uint32_t>& numbers);
  /// Parameters this rank updates.
  [[nodiscard]] double updated() const;

private:
  /// Groups of the ranks that hold the same weights.
  struct Copies {
    Replicas replicas;
    std::uint8_t whole = 0, shard = 0, replica = 0; ///< slots
    const char* words = "";                         ///< in names of payloads
    std::vector<Ownership> owners = {};             ///< of whole tensors, where they are dealt
    [[nodiscard]] bool several() const { return replicas.ranks > 1; }
    [[nodiscard]] std::uint8_t cut_slot() const { return replicas.copies() > 1 ? shard : whole; }
  };
  [[nodiscard]] bool alone() const { return !dense_.several() && !routed_.several(); }
  [[nodiscard]] bool gathers_every_pass() const;
  [[nodiscard]] bool scatters_every_pass() const;
  [[nodiscard]] bool reduces_after(const Pass& pass) const;
  std::uint32_t gather(std::uint32_t after, const HeldParameters& parameters, const char* what);
  void gather_part(const Copies& copies, double parameters, const std::string& what, std::uint32_t after, std::uint32_t& last);
  void begin_broadcasts();
  template <class Write> std::uint32_t broadcast_part(std::size_t part, const Write& write);
  void reduce(const HeldParameters& parameters, const std::string& what);
  void reduce_part(const Copies& copies, double parameters, const std::string& what);
  void communicate(std::uint32_t payload, std::uint8_t slot);
  [[nodiscard]] Bytes gradient_bytes(double parameters) const;
  [[nodiscard]] const HeldParameters& layer_of(const Pass& pass, int layer) const;
  [[nodiscard]] int layers_of(const Pass& pass) const; ///< those of prediction modules among them
  [[nodiscard]] int layers_before_head(const Pass& pass) const;
  [[nodiscard]] HeldParameters ends_of(int chunk) const;
  void wait_for_head(const Pass& pass);

  Job& job_;
  const Scenario& scenario_;
  const Plan& plan_;
  StageParameters parameters_;
  Accumulation accumulation_ = Accumulation::goes_on; ///< of the pass at hand
  ChainWriter& chain_;
  Copies dense_, routed_;
  std::vector<std::vector<std::uint32_t>> gathered_; ///< per chunk and layer: the gather its first forward waits for (ZeRO-1)
  std::uint32_t gathered_embedding_ = no_task, gathered_head_ = no_task;
  std::uint32_t next_gather_ = no_task;                             ///< of the coming layer (ZeRO-3)
  std::uint32_t layer_end_ = no_task, earlier_layer_end_ = no_task; ///< ends of the layer before, and of the one before that
  std::vector<std::uint32_t> reductions_;
  Bytes bucket_; ///< gradients go out once so many have gathered
  HeldParameters open_;
  int open_layers_ = 0;
};

} // namespace weft
