// How microbatches travel over the stages of a pipeline: which part of the model a chunk of a stage is, and where its output goes.
#pragma once
#include <optional>

namespace weft {

/// What a schedule is asked about.
struct PipelineShape {
  int stages = 1, microbatches = 1, chunks = 1;
};

enum class PipelinePath {
  loop,   ///< chunk c of stage s is part c x stages + s: after the last stage a microbatch goes on at the first (Narayanan et al. 2021)
  vee,    ///< two chunks: down the stages and back up again, the last part on the first stage (Qi et al. 2024, arXiv:2405.15362)
  two_way ///< two chunks: the whole model twice, once in each direction; half of the microbatches each way (Li & Hoefler 2021,
          ///< arXiv:2107.06925, DualPipe)
};

/// A chunk of a stage.
struct ChunkPlace {
  int stage = 0, chunk = 0;
  auto operator<=>(const ChunkPlace&) const = default;
};

/// Parts the model is cut into.
int part_count(PipelinePath path, const PipelineShape& shape);
/// The part a place holds.
int part_of(PipelinePath path, const PipelineShape& shape, ChunkPlace place);
/// Where the output of a place goes; nothing behind the last part.
std::optional<ChunkPlace> next_place(PipelinePath path, const PipelineShape& shape, ChunkPlace place);
/// Where the input of a place comes from; nothing before the first part.
std::optional<ChunkPlace> previous_place(PipelinePath path, const PipelineShape& shape, ChunkPlace place);
/// Microbatches that enter at chunk `chunk`'s first part: all of them at chunk 0, or one half in each direction.
struct MicrobatchRange {
  int first = 0, count = 0;
};
MicrobatchRange microbatches_of(PipelinePath path, const PipelineShape& shape, int chunk);

} // namespace weft
