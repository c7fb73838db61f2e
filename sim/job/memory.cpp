// The passes of a stage in order, with what is alive while each runs and behind it. The peak is the most of them; the same levels in time are
// metrics/memory_timeline.
#include "job/memory.hpp"

#include "job/stage_memory.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace weft {
namespace {

/// Activations and what else comes and goes, at one moment.
struct Alive {
  Bytes activations, gradients, weights;
  [[nodiscard]] Bytes total() const { return activations + gradients + weights; }
};

/// Microbatches in flight while the passes of a stage are gone through: counted, so that nothing is left of them in the end.
class Flight {
public:
  explicit Flight(const StageHoldings& holdings) : holdings_(holdings), alive_(holdings.chunks.size()), heads_(holdings.chunks.size()) {}

  /// What the pass adds for as long as it runs.
  [[nodiscard]] Bytes at_hand(const Pass& pass) const
  {
    const ChunkMemory& chunk = holdings_.chunks[static_cast<std::size_t>(pass.chunk)];
    if (pass.direction == Direction::forward) return chunk.head;
    return pass.direction == Direction::backward_weights ? Bytes(0) : std::max(chunk.head, chunk.backward);
  }
  void begin(const Pass& pass)
  {
    const auto chunk = static_cast<std::size_t>(pass.chunk);
    if (pass.direction == Direction::forward) alive_[chunk]++, heads_[chunk]++;
  }
  void end(const Pass& pass)
  {
    const auto chunk = static_cast<std::size_t>(pass.chunk);
    if (pass.direction == Direction::backward || pass.direction == Direction::backward_inputs) heads_[chunk]--;
    if (gives_weight_gradients(pass)) alive_[chunk]--;
  }
  [[nodiscard]] Bytes kept() const
  {
    Bytes total{};
    for (std::size_t c = 0; c < alive_.size(); c++) total += holdings_.chunks[c].kept * alive_[c] + holdings_.chunks[c].logits * heads_[c];
    return total;
  }

private:
  const StageHoldings& holdings_;
  std::vector<int> alive_, heads_; ///< per chunk
};

/// Goes through the passes; `visit(index, running, after)`. Two passes in company need at once what each needs.
template <typename Visit> void go_through(const StageHoldings& holdings, const std::vector<Pass>& passes, Visit visit)
{
  Flight flight(holdings);
  for (std::size_t i = 0; i < passes.size();) {
    const std::size_t end = std::min(passes.size(), i + (passes[i].company == Company::alone ? 1 : 2));
    Alive running{.activations = {}, .gradients = {}, .weights = holdings.gathered};
    for (std::size_t p = i; p < end; p++) {
      flight.begin(passes[p]);
      running.activations += flight.at_hand(passes[p]);
      if (gives_weight_gradients(passes[p])) running.gradients = holdings.unscattered;
    }
    running.activations += flight.kept();
    for (std::size_t p = i; p < end; p++) flight.end(passes[p]);
    const Alive after{.activations = flight.kept(), .gradients = {}, .weights = holdings.gathered};
    for (; i < end; i++) visit(i, running, after);
  }
}

MemoryNeed level(const StageHoldings& holdings, const Alive& alive, Bytes fragmentation)
{
  MemoryNeed need = holdings.whole_step;
  need.activations = alive.activations;
  need.gradients += alive.gradients;
  need.weights += alive.weights;
  need.fragmentation = fragmentation;
  return need;
}

/// Of an allocator's memory M for what comes and goes the share f lies idle: f M = f / (1 - f) x what is in use.
Bytes fragmentation_of(const StageHoldings& holdings, const Alive& peak)
{
  const double share = holdings.fragmentation;
  return (peak.total() + holdings.whole_step.buffers) * (share / (1 - share));
}

std::string words(const Pass& pass, const Pipeline& pipeline, int stage)
{
  const char* direction = pass.direction == Direction::forward           ? "forward"
                          : pass.direction == Direction::backward        ? "backward"
                          : pass.direction == Direction::backward_inputs ? "backward (inputs)"
                                                                         : "backward (weights)";
  return std::string(direction) + " of microbatch " + std::to_string(pass.microbatch) +
         (pipeline.shape.chunks > 1 ? ", chunk " + std::to_string(pass.chunk) : "") + " on stage " + std::to_string(stage);
}

/// The moment with the most, the first of equals; nothing: the update.
struct Peak {
  Alive alive;
  std::optional<std::size_t> pass;
};
Peak peak_of(const StageHoldings& holdings, const std::vector<Pass>& passes)
{
  Peak peak;
  go_through(holdings, passes, [&peak](std::size_t i, const Alive& running, const Alive&) {
    if (running.total() > peak.alive.total()) peak = {running, i};
  });
  return peak;
}

MemoryNeed peak_need(const StageHoldings& holdings, const std::vector<Pass>& passes, const Pipeline& pipeline, int stage)
{
  const Peak peak = peak_of(holdings, passes);
  MemoryNeed need = level(holdings, peak.alive, fragmentation_of(holdings, peak.alive));
  need.moment = peak.pass ? words(passes[*peak.pass], pipeline, stage) : "update of the weights on stage " + std::to_string(stage);
  return need;
}

} // namespace

std::vector<MemoryNeed> memory_needs(const Scenario& scenario)
{
  if (!scenario.workload) return {MemoryNeed{}};
  const Pipeline pipeline = pipeline_of(scenario);
  std::vector<MemoryNeed> needs;
  for (int stage = 0; stage < scenario.plan.pp; stage++)
    needs.push_back(peak_need(stage_holdings(scenario, pipeline, stage), pipeline.schedule->passes(pipeline.shape, stage), pipeline, stage));
  return needs;
}

StageMemory stage_memory(const Scenario& scenario, int stage)
{
  const Pipeline pipeline = pipeline_of(scenario);
  const StageHoldings holdings = stage_holdings(scenario, pipeline, stage);
  const std::vector<Pass> passes = pipeline.schedule->passes(pipeline.shape, stage);
  const Bytes fragmentation = fragmentation_of(holdings, peak_of(holdings, passes).alive);
  StageMemory memory{.idle = level(holdings, {}, fragmentation), .passes = {}, .update = level(holdings, {}, fragmentation)};
  memory.idle.moment = "start of the step";
  memory.update.moment = "update of the weights on stage " + std::to_string(stage);
  go_through(holdings, passes, [&](std::size_t i, const Alive& running, const Alive& after) {
    memory.passes.push_back({passes[i], level(holdings, running, fragmentation), level(holdings, after, fragmentation)});
    memory.passes.back().running.moment = words(passes[i], pipeline, stage);
    memory.passes.back().after.moment = "after " + memory.passes.back().running.moment;
  });
  return memory;
}

} // namespace weft
