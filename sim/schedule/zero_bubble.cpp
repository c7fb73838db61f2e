#include "schedule/zero_bubble.hpp"

#include "schedule/counts.hpp"

#include <algorithm>

namespace weft {

int zero_bubble_alive(const PipelineShape& shape, int depth) { return depth * shape.stages - (depth - 1); }

std::vector<Pass> zero_bubble_passes(const PipelineShape& shape, int stage, int depth)
{
  require_stage(shape, stage);
  const int lag = depth * stage;
  int forwards = std::min(zero_bubble_alive(shape, depth) - lag, shape.microbatches), weights = 0;
  std::vector<Pass> result;
  for (int microbatch = 0; microbatch < forwards; ++microbatch) result.push_back({Direction::forward, microbatch});
  for (int microbatch = 0; microbatch < shape.microbatches; ++microbatch) {
    result.push_back({Direction::backward_inputs, microbatch});
    if (microbatch >= lag) result.push_back({Direction::backward_weights, weights++});
    if (forwards < shape.microbatches) result.push_back({Direction::forward, forwards++});
  }
  while (weights < shape.microbatches) result.push_back({Direction::backward_weights, weights++});
  return result;
}

} // namespace weft
