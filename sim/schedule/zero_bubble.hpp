// What ZB-H1 and ZB-H2 share (Qi et al. 2023, arXiv:2401.10241, section 2): gradients of weights lag behind those of inputs by `depth` x stage
// microbatches, and `depth` times the warm-up of 1F1B goes first.
#pragma once
#include "schedule/schedule.hpp"

namespace weft {

std::vector<Pass> zero_bubble_passes(const PipelineShape& shape, int stage, int depth);
/// Microbatches alive on every stage once the pipeline is full: warm-up and lag add up to the same everywhere.
int zero_bubble_alive(const PipelineShape& shape, int depth);

} // namespace weft
