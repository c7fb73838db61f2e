// A multi-token prediction module (DeepSeek-V3, arXiv:2412.19437, section 2.2): the state and the next token's embedding, each normalised,
// are joined, projected to the model's width and passed through a layer like the last one; the head runs again. Internal to the room.
#pragma once
#include "model/decoder.hpp"

namespace weft {

/// What stands around the module's layer.
PredictionOperators prediction_operators(const Shard& shard);

} // namespace weft
