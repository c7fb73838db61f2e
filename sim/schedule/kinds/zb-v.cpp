// ZB-V: two chunks per stage, down the stages and back up, with a split backward: no bubble in the memory of 1F1B when forward, gradients of
// inputs and gradients of weights take equally long.
#include "schedule/counts.hpp"

#include <array>
#include <utility>

namespace weft {
namespace {

constexpr PipelinePath path = PipelinePath::vee;

std::string objection(const PipelineShape& shape) { return objection_to_two_chunks(shape, "zb-v"); }

/// Plays all stages in steps of one pass, each stage taking the first it can of: forward of the upward chunk, gradients of inputs
/// of the downward chunk, of the upward chunk, forward of the downward chunk, gradients of weights. At most 2p passes stay alive.
class Greedy {
public:
  explicit Greedy(const PipelineShape& shape) : shape_(shape), done_(static_cast<std::size_t>(2 * shape.stages)), alive_(done_.size() / 2) {}

  /// The passes of one stage.
  std::vector<Pass> play(int stage)
  {
    std::vector<Pass> result;
    while (result.size() < static_cast<std::size_t>(6 * shape_.microbatches)) {
      std::vector<std::pair<int, Pass>> step; // all stages decide on what was finished before
      for (int s = 0; s < shape_.stages; ++s)
        if (const std::optional<Pass> pass = choice(s)) step.emplace_back(s, *pass);
      for (const auto& [s, pass] : step) {
        count(s, pass.chunk, pass.direction)++;
        if (pass.direction == Direction::forward) alive_[static_cast<std::size_t>(s)]++;
        if (pass.direction == Direction::backward_weights) alive_[static_cast<std::size_t>(s)]--;
        if (s == stage) result.push_back(pass);
      }
    }
    return result;
  }

private:
  static std::size_t kind(Direction direction)
  {
    return direction == Direction::forward ? 0 : direction == Direction::backward_inputs ? 1 : 2;
  }
  int& count(int stage, int chunk, Direction direction)
  {
    return done_[static_cast<std::size_t>(part_of(path, shape_, {stage, chunk}))][kind(direction)];
  }
  bool ready(int stage, int chunk, Direction direction)
  {
    const int number = count(stage, chunk, direction);
    if (number == shape_.microbatches) return false;
    if (direction == Direction::backward_weights) return count(stage, chunk, Direction::backward_inputs) > number;
    if (direction == Direction::backward_inputs && count(stage, chunk, Direction::forward) <= number) return false;
    if (direction == Direction::forward && alive_[static_cast<std::size_t>(stage)] == 2 * shape_.stages) return false;
    if (direction == Direction::forward && chunk == 0 && // room is kept for the microbatches that come back up
        number - count(stage, 1, Direction::forward) >= 2 * (shape_.stages - stage) - 1)
      return false;
    const std::optional<ChunkPlace> from = direction == Direction::forward ? previous_place(path, shape_, {stage, chunk})
                                                                      : next_place(path, shape_, {stage, chunk});
    return !from || count(from->stage, from->chunk, direction) > number;
  }
  std::optional<Pass> choice(int stage)
  {
    static constexpr std::array<std::pair<Direction, int>, 6> order{{{Direction::forward, 1},
                                                                    {Direction::backward_inputs, 0},
                                                                    {Direction::backward_inputs, 1},
                                                                    {Direction::forward, 0},
                                                                    {Direction::backward_weights, 1},
                                                                    {Direction::backward_weights, 0}}};
    for (const auto& [direction, chunk] : order)
      if (ready(stage, chunk, direction)) return Pass{direction, count(stage, chunk, direction), chunk};
    return std::nullopt;
  }

  PipelineShape shape_;
  std::vector<std::array<int, 3>> done_; ///< per part: forwards, gradients of inputs, gradients of weights
  std::vector<int> alive_;
};

std::vector<Pass> passes(const PipelineShape& shape, int stage)
{
  require_stage(shape, stage);
  return Greedy(shape).play(stage);
}

int peak_alive(const PipelineShape& shape, int stage) { return count_alive(passes(shape, stage)); }

/// Without a bubble but the staggered start when all three passes take equally long (section 4.2 of the source).
std::optional<double> makespan(const PipelineShape& shape, const PassTimes& times)
{
  const bool equal = times.forward == times.inputs && times.inputs == times.weights;
  if (!equal || shape.microbatches < 2 * shape.stages) return std::nullopt;
  return (6 * shape.microbatches + shape.stages - 1) * times.forward;
}

} // namespace

extern const ScheduleKind kind_zb_v_schedule_kinds;
const ScheduleKind kind_zb_v_schedule_kinds{
    .name = "zb-v",
    .summary = "two chunks per stage, down and back up, with a split backward: hardly a bubble in the memory of 1F1B",
    .source = "Qi et al. 2024, Pipeline Parallelism with Controllable Memory, arXiv:2405.15362, section 4 (V-ZB); Qi et al. 2023, "
              "arXiv:2401.10241, section 6; the order is a greedy one that reaches their bound for equal passes",
    .objection = objection,
    .passes = passes,
    .peak_alive = peak_alive,
    .makespan = makespan,
    .path = path,
    .splits_backward = true,
};

} // namespace weft
