// Small tools the kinds share: adding up edges, guarding the number of messages, refusing what a kind does not support.
#pragma once
#include "collectives/collective.hpp"

#include <cstdint>
#include <vector>

namespace weft {

/// Sorted by (from, to), the bytes of equal pairs added up.
std::vector<Edge> sum_by_pair(std::vector<Edge> edges);

/// Calls `visit` with every edge of a phase of so many members, sorted by (from, to), listed or not.
template <class Visit> void for_each_edge(const Phase& phase, std::size_t members, Visit visit)
{
  for (const Edge& edge : phase.edges) visit(edge);
  if (phase.every_pair <= 0) return;
  for (std::uint32_t from = 0; from < members; ++from)
    for (std::uint32_t to = 0; to < members; ++to)
      if (from != to) visit(Edge{from, to, phase.every_pair});
}

/// How many they are.
double edges_of(const Phase& phase, std::size_t members);

/// Throws CannotFinish when a schedule of so many messages should not be written out.
void require_few_messages(std::uint64_t messages, const char* kind, std::size_t members);

/// Throws LogicError unless the kind supports the operation on the group: phases() and steps() may not be asked for anything else.
void require_support(const CollectiveKind& kind, Operation operation, const GroupShape& group);

} // namespace weft
