// Small tools the kinds share: adding up edges, guarding the number of messages, refusing what a kind does not support.
#pragma once
#include "collectives/collective.hpp"

#include <cstdint>
#include <vector>

namespace weft {

/// Sorted by (from, to), the bytes of equal pairs added up.
std::vector<Edge> sum_by_pair(std::vector<Edge> edges);

/// Throws CannotFinish when a schedule of so many messages should not be written out.
void require_few_messages(std::uint64_t messages, const char* kind, std::size_t members);

/// Throws LogicError unless the kind supports the operation on the group: phases() and steps() may not be asked for anything else.
void require_support(const CollectiveKind& kind, Operation operation, const GroupShape& group);

} // namespace weft
