// NVLS: the switch of a scale-up domain reduces and multicasts (NVLink SHARP). Across domains, all-reduce continues over double binary
// trees between members of the same position (NCCL's NVLSTree).
//
// Bytes on each member's link to its switch, n members in the domain, payload S cut into n pieces, piece m owned by member m:
// - Reduce-scatter: the owner of each piece loads it reduced (multimem.ld_reduce). The switch fetches the piece from every member, the
// owner
//   included, and returns one sum. A member's up-link carries its part of all n pieces, S; its down-link the sum of its own piece, S/n.
// - All-gather: the owner of each piece stores it multicast (multimem.st). Its up-link carries the piece once, S/n; the switch copies it to
//   every member, the owner included, so that each down-link carries all n pieces, S.
// - All-reduce: one after the other, piece by piece and pipelined: up S + S/n, down S/n + S, that is (1 + 1/n) S each way.
#include "collectives/arrangement.hpp"
#include "collectives/edges.hpp"
#include "collectives/tree_hops.hpp"

#include <algorithm>

namespace weft {

extern const CollectiveKind kind_nvls_collective_kinds;

namespace {

/// As NCCL: several domains only for all-reduce; every domain's switch must reduce and every position must exist in every domain.
bool supports(Operation operation, const GroupShape& group)
{
  if (operation != Operation::all_reduce && operation != Operation::reduce_scatter && operation != Operation::all_gather) return false;
  const Arrangement arrangement = arrange(group);
  if (!arrangement.equal || arrangement.largest < 2) return false;
  if (arrangement.domain_count() != group.domains()) return false;
  if (arrangement.domain_count() > 1 && operation != Operation::all_reduce) return false;
  return std::all_of(group.domain_reduces.begin(), group.domain_reduces.end(), [](std::uint8_t reduces) { return reduces != 0; });
}

/// The switch of a domain.
std::uint32_t switch_of(const Arrangement& group, std::uint32_t domain) { return group.members + domain; }

/// The members at one position of every domain.
std::vector<std::uint32_t> rail(const Arrangement& group, std::uint32_t position)
{
  std::vector<std::uint32_t> result;
  for (const auto& members : group.domains) result.push_back(members[position]);
  return result;
}

std::vector<Phase> phases(Operation operation, const GroupShape& group)
{
  require_support(kind_nvls_collective_kinds, operation, group);
  const Arrangement arrangement = arrange(group);
  const double piece = 1.0 / arrangement.largest;
  double up = 0, down = 0; // see the head of this file
  if (operation != Operation::all_gather) up += 1, down += piece;
  if (operation != Operation::reduce_scatter) up += piece, down += 1;
  Phase phase;
  for (std::uint32_t domain = 0; domain < arrangement.domain_count(); ++domain)
    for (const std::uint32_t member : arrangement.domains[domain]) {
      phase.edges.push_back({member, switch_of(arrangement, domain), up});
      phase.edges.push_back({switch_of(arrangement, domain), member, down});
    }
  if (arrangement.domain_count() > 1)
    for (std::uint32_t position = 0; position < arrangement.largest; ++position)
      add_tree_edges(phase.edges, rail(arrangement, position), piece);
  phase.edges = sum_by_pair(std::move(phase.edges));
  phase.switch_steps = 1;
  phase.switch_network_steps = 2.0 * tree_height(arrangement.domain_count()); // NCCL, src/graph/tuning.cc: intra + 2 log2(nodes) inter
  return {phase};
}

/// In a reduce-scatter or all-gather part m of a chunk belongs to member m.
void play_one_way(Operation operation, const Arrangement& group, const StepSink& sink)
{
  std::vector<Handover> hops;
  const std::uint32_t hub = switch_of(group, 0);
  for (std::uint32_t owner = 0; owner < group.members; ++owner) {
    if (operation == Operation::reduce_scatter) {
      for (std::uint32_t member = 0; member < group.members; ++member) hops.push_back({member, hub, 0, owner, 1, true});
      hops.push_back({hub, owner, 1, owner, 1, false});
    } else {
      hops.push_back({owner, hub, 0, owner, 1, false});
      for (std::uint32_t member = 0; member < group.members; ++member) hops.push_back({hub, member, 1, owner, 1, false});
    }
  }
  pipelined(hops, group.members, PieceOrder::part_major, "nvls", group.members, sink);
}

/// Up reduced, each position's parts to their member, over its trees, multicast back. A position's piece is cut once more for the two
/// trees.
void play_all_reduce(const Arrangement& group, const StepSink& sink)
{
  const std::uint32_t trees = tree_parts(group.domain_count());
  const std::uint32_t parts = group.largest * trees;
  const std::uint32_t up_again = 2 + 2 * tree_height(group.domain_count());
  std::vector<Handover> hops;
  for (std::uint32_t domain = 0; domain < group.domain_count(); ++domain)
    for (std::uint32_t position = 0; position < group.largest; ++position) {
      const std::uint32_t member = group.domains[domain][position], hub = switch_of(group, domain);
      hops.push_back({member, hub, 0, 0, parts, true});
      hops.push_back({hub, member, 1, position * trees, trees, false});
      hops.push_back({member, hub, up_again, position * trees, trees, false});
      hops.push_back({hub, member, up_again + 1, 0, parts, false});
    }
  for (std::uint32_t position = 0; position < group.largest; ++position) add_tree_hops(hops, rail(group, position), 2, position * trees);
  pipelined(hops, parts, PieceOrder::chunk_major, "nvls", group.members, sink);
}

void play(Operation operation, const GroupShape& group, const StepSink& sink)
{
  require_support(kind_nvls_collective_kinds, operation, group);
  const Arrangement arrangement = arrange(group);
  if (operation == Operation::all_reduce)
    play_all_reduce(arrangement, sink);
  else
    play_one_way(operation, arrangement, sink);
}

} // namespace

const CollectiveKind kind_nvls_collective_kinds{
    .name = "nvls",
    .summary = "the scale-up switch reduces and multicasts; across domains, double binary trees between members of the same position",
    .source = "Klenk, Jiang, Thorson and Dennison 2020, An In-Network Architecture for Accelerating Shared-Memory Multiprocessor "
              "Collectives, ISCA 2020; "
              "PTX ISA, multimem.ld_reduce and multimem.st; NCCL src/transport/nvls.cc and src/graph/tuning.cc (NVLS, NVLSTree)",
    .latency = LatencyForm::in_switch,
    .supports = supports,
    .phases = phases,
    .play = play,
};

} // namespace weft
