// What one transfer puts on links when nothing else is on them.
#pragma once
#include "fold/folding.hpp"

#include <cstdint>
#include <vector>

namespace weft {

/// A constant load on a link, in time since the transfer began.
struct LinkInterval {
  std::uint32_t link = 0;
  Bandwidth load;
  Seconds begin, end;
};

/// Plays the transfer alone, phase by phase. A transfer in steps is taken as evenly spread over `duration` (its bytes are exact).
std::vector<LinkInterval> play_alone(const Folding& folding, const Transfer& transfer, Seconds duration);

} // namespace weft
