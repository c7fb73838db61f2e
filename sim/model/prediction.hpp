// Multi-token prediction modules at the end of the network. Internal to the room.
#pragma once
#include "model/decoder.hpp"

namespace weft {

/// Appends one module without its logits: it runs before the head's collective and, backward, behind it.
void add_prediction_module(EndOperators& ends, const Shard& shard);

} // namespace weft
