// A Mamba-2 layer's widths on one rank and the flops of its recurrence. Internal to the room.
#pragma once
#include "model/decoder.hpp"

namespace weft {

/// In values; heads and groups are those of the rank.
struct StateSpaceWidths {
  double tokens, chunk, chunks; ///< tokens of the microbatch, in chunks of `chunk`
  double heads, head, groups, state;
  [[nodiscard]] double inner() const { return heads * head; }
  [[nodiscard]] double convolved() const { return inner() + 2 * groups * state; }          ///< input, B and C
  [[nodiscard]] double projected() const { return inner() + convolved() + heads; } ///< and the gate and time steps
};
StateSpaceWidths state_space_widths(const Shard& shard);

/// Forward of the recurrence: 2 T (Q N G + Q P H + 2 N P H) for T tokens in chunks of Q, H heads of P values, G groups, states of N values a
/// head (arXiv:2405.21060, section 6).
Flops recurrence_flops(const Shard& shard);

} // namespace weft
