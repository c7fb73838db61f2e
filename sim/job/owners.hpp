// Which rank owns which weight tensors when a sharded optimizer deals whole tensors to its ranks instead of slices of a flat buffer.
#pragma once
#include <cstddef>
#include <vector>

namespace weft {

/// What one owner holds: a run of tensors.
struct Ownership {
  double parameters = 0;
  std::size_t first_part = 0; ///< the part of the network its first tensor belongs to
};

/// Deals the tensors of the parts, in order, to at most `owners`: an owner gets tensors until the next one would take it beyond its even
/// share (with 1 % to spare). That one opens the next owner, on top of that owner's own share. The last owner takes what is left. Ranks
/// may stay without tensors.
/// Source: InternLM, ParamBcastSyncHandler (internlm/solver/optimizer/utils.py); InternEvo likewise.
std::vector<Ownership> deal_tensors(const std::vector<std::vector<double>>& parts, int owners);

} // namespace weft
