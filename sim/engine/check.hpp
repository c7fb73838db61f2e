// What the engine relies on, checked before SimGrid sees any of it: it would abort, or accept what is wrong in silence.
#pragma once
#include "fold/folding.hpp"

namespace weft {

/// Throws LogicError naming the first broken promise: an index out of range, a wait for a later action, a capacity, weight, size or
/// duration that is not finite or has the wrong sign.
void check_playable(const Folding& folding);

} // namespace weft
