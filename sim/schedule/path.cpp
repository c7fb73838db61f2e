#include "schedule/path.hpp"

namespace weft {
namespace {

/// The place of a part on a path that visits every part once.
ChunkPlace place_of(PipelinePath path, const PipelineShape& shape, int part)
{
  const int lap = part / shape.stages, step = part % shape.stages;
  const bool upwards = path == PipelinePath::vee && lap % 2 == 1;
  return {upwards ? shape.stages - 1 - step : step, lap};
}

/// The place `steps` parts further on, in the direction microbatches travel.
std::optional<ChunkPlace> moved(PipelinePath path, const PipelineShape& shape, ChunkPlace place, int steps)
{
  const int part = part_of(path, shape, place) + steps;
  if (part < 0 || part >= part_count(path, shape)) return std::nullopt;
  if (path == PipelinePath::two_way) return ChunkPlace{place.chunk == 0 ? part : shape.stages - 1 - part, place.chunk};
  return place_of(path, shape, part);
}

} // namespace

int part_count(PipelinePath path, const PipelineShape& shape)
{
  return path == PipelinePath::two_way ? shape.stages : shape.stages * shape.chunks;
}

int part_of(PipelinePath path, const PipelineShape& shape, ChunkPlace place)
{
  const int from_far_end = shape.stages - 1 - place.stage;
  if (path == PipelinePath::two_way) return place.chunk == 0 ? place.stage : from_far_end;
  const bool upwards = path == PipelinePath::vee && place.chunk % 2 == 1;
  return place.chunk * shape.stages + (upwards ? from_far_end : place.stage);
}

std::optional<ChunkPlace> next_place(PipelinePath path, const PipelineShape& shape, ChunkPlace place) { return moved(path, shape, place, 1); }

std::optional<ChunkPlace> previous_place(PipelinePath path, const PipelineShape& shape, ChunkPlace place) { return moved(path, shape, place, -1); }

MicrobatchRange microbatches_of(PipelinePath path, const PipelineShape& shape, int chunk)
{
  if (path != PipelinePath::two_way) return {0, shape.microbatches};
  const int half = shape.microbatches / 2;
  return {chunk == 0 ? 0 : half, half};
}

} // namespace weft
