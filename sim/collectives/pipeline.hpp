// Pipelining: the payload is cut into chunks that follow one another through the same few hops, as NCCL does with trees and chains.
#pragma once
#include "collectives/collective.hpp"

#include <cstdint>
#include <vector>

namespace weft {

/// One message of every chunk: chunk k takes this hop in step k + stage.
struct Handover {
  std::uint32_t from = 0, to = 0;
  std::uint32_t stage = 0;
  std::uint32_t first_part = 0, parts = 1; ///< which of the chunk's parts it moves
  bool reduces = false;
};

/// How parts of chunks lie in the payload.
enum class PieceOrder : std::uint8_t {
  chunk_major, ///< chunk after chunk: piece = chunk * parts + part
  part_major,  ///< part after part, for operations whose parts belong to members: piece = part * chunks + chunk; hops move one part each
};

/// Plays the hops for as many chunks as keep the filling of the pipeline under 1/128 of the whole, as far as about four million messages
/// allow.
void pipelined(const std::vector<Handover>& hops, std::uint32_t parts, PieceOrder order, const char* kind, std::size_t members,
               const StepSink& sink);

} // namespace weft
