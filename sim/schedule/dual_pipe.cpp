#include "schedule/dual_pipe.hpp"

#include <array>
#include <deque>

namespace weft {
namespace {

/// Whether a backward pass leaves the gradients of the weights for later.
enum class Weights { now, later };

/// Writes passes and numbers their microbatches. Chunks 0 and 1 mean the seat's own direction and the other.
class DualPipeWriter {
public:
  explicit DualPipeWriter(int own_chunk) : own_chunk_(own_chunk) {}

  void forward(int way, Company company = Company::alone) { add(Direction::forward, forwards_[index(way)]++, way, company); }
  void backward(int way, Weights weights = Weights::now)
  {
    const int microbatch = backwards_[index(way)]++;
    add(weights == Weights::now ? Direction::backward : Direction::backward_inputs, microbatch, way, Company::alone);
    if (weights == Weights::later) waiting_.push_back({Direction::backward_weights, microbatch, chunk(way)});
  }
  void pair(int forward_way, int backward_way)
  {
    forward(forward_way, Company::with_next);
    backward(backward_way);
  }
  void weights()
  {
    passes_.push_back(waiting_.front());
    waiting_.pop_front();
  }
  [[nodiscard]] std::vector<Pass> take() { return std::move(passes_); }

private:
  static std::size_t index(int way) { return static_cast<std::size_t>(way); }
  [[nodiscard]] int chunk(int way) const { return way == 0 ? own_chunk_ : 1 - own_chunk_; }
  void add(Direction direction, int microbatch, int way, Company company)
  {
    passes_.push_back({direction, microbatch, chunk(way), company});
  }

  int own_chunk_;
  std::array<int, 2> forwards_{}, backwards_{};
  std::deque<Pass> waiting_;
  std::vector<Pass> passes_;
};

} // namespace

std::vector<Pass> dual_pipe_passes(const DualPipeSeat& seat)
{
  DualPipeWriter write(seat.own_chunk);
  const int inner = seat.position + 1, outer = seat.ranks - inner; // ranks up to this one, and behind it
  for (int i = 0; i < 2 * outer; ++i) write.forward(0);
  for (int i = 0; i < inner; ++i) write.forward(0), write.forward(1);
  for (int i = 0; i < outer; ++i) write.backward(1, Weights::later), write.weights(), write.forward(1);
  for (int i = 0; i < seat.microbatches - 2 * seat.ranks + inner; ++i) {
    if (i == 0 && outer == 0)
      write.forward(0), write.backward(1); // the innermost rank does not pair the first two
    else
      write.pair(0, 1);
    write.pair(1, 0);
  }
  for (int i = 0; i < outer; ++i) write.backward(1), write.pair(1, 0);
  for (int i = 0; i < inner; ++i) { // the second half leaves its weights for the end
    const bool late_other = i > inner / 2 || (i == inner / 2 && seat.position % 2 == 1);
    write.backward(1, late_other ? Weights::later : Weights::now);
    write.backward(0, i >= inner / 2 ? Weights::later : Weights::now);
  }
  for (int i = 0; i < outer; ++i) write.weights(), write.backward(0, Weights::later);
  for (int i = 0; i < inner; ++i) write.weights();
  return write.take();
}

std::optional<double> dual_pipe_makespan(int ranks, int microbatches, const PassTimes& times)
{
  if (times.forward != times.inputs || times.inputs != times.weights) return std::nullopt;
  return (6 * microbatches + ranks - 1) * times.forward;
}

} // namespace weft
