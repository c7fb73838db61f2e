// Programs to scripts: durations filled in, chains of tasks joined into single actions where the times provably stay the same.
#pragma once
#include "fold/folding.hpp"
#include "fold/privacy.hpp"

#include <vector>

namespace weft {

/// Fills Folding::scripts and RankClass::script. `groups`: per group class what find_private_groups says, or all not private to fuse
/// computations only. FuseMode::off keeps one action per task.
void write_scripts(Folding& folding, const std::vector<PrivateGroup>& groups, FuseMode fuse);

} // namespace weft
