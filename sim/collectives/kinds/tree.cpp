// Tree: chains to a leader inside every domain, double binary trees between the leaders. Several side by side when several nodes of equal
// size take part: channel c has local member c as leader of every domain, so that every adapter of a node is used (see arrangement.hpp).
#include "collectives/arrangement.hpp"
#include "collectives/edges.hpp"
#include "collectives/tree_hops.hpp"

namespace weft {

extern const CollectiveKind kind_tree_collective_kinds;

namespace {

bool supports(Operation operation, const GroupShape& group)
{
  return (operation == Operation::all_reduce || operation == Operation::broadcast) && group.members() > 1;
}

/// The member at `position` of the chain of a channel in a domain; position 0 is the leader.
std::uint32_t chain_member(const Arrangement& group, std::uint32_t domain, std::uint32_t channel, std::uint32_t position)
{
  const auto& members = group.domains[domain];
  return members[(channel + position) % members.size()];
}

/// Leaders of a channel in the domains from `first` on.
std::vector<std::uint32_t> leaders(const Arrangement& group, std::uint32_t channel, std::uint32_t first)
{
  std::vector<std::uint32_t> result;
  for (std::uint32_t domain = first; domain < group.domain_count(); ++domain) result.push_back(chain_member(group, domain, channel, 0));
  return result;
}

enum class Along { to_leader, from_leader };

/// Edges of all channels' chains in one domain together. The chain of channel c misses the link that would close it, from its end to local
/// member c: with a channel for each member every link of the circle is in all channels but one.
void add_chain_edges(std::vector<Edge>& edges, const Arrangement& group, std::uint32_t domain, Along along)
{
  const auto& members = group.domains[domain];
  const auto size = static_cast<std::uint32_t>(members.size());
  const double share = group.channels == 1 ? 1.0 : (size - 1.0) / size;
  const std::uint32_t links = group.channels == 1 ? size - 1 : size;
  for (std::uint32_t j = 0; j < links; ++j) {
    const std::uint32_t near = members[j], far = members[(j + 1) % size];
    edges.push_back(along == Along::to_leader ? Edge{far, near, share} : Edge{near, far, share});
  }
}

/// The hops of one channel's chain in one domain, from stage `first` on; `parts` parts from first_part on.
void add_chain_hops(std::vector<Handover>& hops, const Arrangement& group, std::uint32_t domain, std::uint32_t channel, Along along,
                    std::uint32_t first, std::uint32_t first_part, std::uint32_t parts)
{
  const auto size = static_cast<std::uint32_t>(group.domains[domain].size());
  for (std::uint32_t position = 0; position + 1 < size; ++position) {
    const std::uint32_t near = chain_member(group, domain, channel, position), far = chain_member(group, domain, channel, position + 1);
    if (along == Along::from_leader)
      hops.push_back({near, far, first + position, first_part, parts, false});
    else
      hops.push_back({far, near, first + group.largest - 2 - position, first_part, parts, true}); // all chains arrive together
  }
}

/// Sanders et al. 2009, section 3: reduce up, broadcast down; every edge of a tree moves half of the channel's payload each way.
Phase all_reduce_phase(const Arrangement& group)
{
  Phase phase;
  for (std::uint32_t domain = 0; domain < group.domain_count(); ++domain) {
    add_chain_edges(phase.edges, group, domain, Along::to_leader);
    add_chain_edges(phase.edges, group, domain, Along::from_leader);
  }
  for (std::uint32_t channel = 0; channel < group.channels; ++channel)
    add_tree_edges(phase.edges, leaders(group, channel, 0), 1.0 / group.channels);
  phase.edges = sum_by_pair(std::move(phase.edges));
  phase.scaleup_steps = 2.0 * (group.largest - 1); // NCCL, src/graph/tuning.cc: 2 ((ranks / nodes - 1) intra + log2(nodes) inter)
  phase.network_steps = 2.0 * tree_height(group.domain_count());
  return phase;
}

void play_all_reduce(const Arrangement& group, const StepSink& sink)
{
  const std::uint32_t parts = tree_parts(group.domain_count());
  const std::uint32_t gathered = group.largest - 1, spread = gathered + 2 * tree_height(group.domain_count());
  std::vector<Handover> hops;
  for (std::uint32_t channel = 0; channel < group.channels; ++channel) {
    for (std::uint32_t domain = 0; domain < group.domain_count(); ++domain) {
      add_chain_hops(hops, group, domain, channel, Along::to_leader, 0, channel * parts, parts);
      add_chain_hops(hops, group, domain, channel, Along::from_leader, spread, channel * parts, parts);
    }
    add_tree_hops(hops, leaders(group, channel, 0), gathered, channel * parts);
  }
  pipelined(hops, group.channels * parts, PieceOrder::chunk_major, "tree", group.members, sink);
}

/// The two trees of a broadcast span the other domains; the root's domain feeds the roots of both (Sanders et al. 2009, section 3).
/// Inside the root's domain one chain starts at member 0 and passes every leader.
struct BroadcastTrees {
  std::vector<Tree> trees;
  std::uint32_t height = 0;
};

BroadcastTrees broadcast_trees(const Arrangement& group)
{
  BroadcastTrees result;
  if (group.domain_count() < 2) return result;
  for (Tree& tree : double_binary_tree(group.domain_count() - 1)) result.trees.push_back(std::move(tree));
  result.height = result.trees[0].height;
  return result;
}

Phase broadcast_phase(const Arrangement& group)
{
  Phase phase;
  const auto& home = group.domains[0];
  for (std::size_t j = 0; j + 1 < home.size(); ++j) phase.edges.push_back({home[j], home[j + 1], 1.0});
  for (std::uint32_t domain = 1; domain < group.domain_count(); ++domain) add_chain_edges(phase.edges, group, domain, Along::from_leader);
  const BroadcastTrees trees = broadcast_trees(group);
  const double share = 0.5 / group.channels;
  for (std::uint32_t channel = 0; channel < group.channels; ++channel) {
    const std::vector<std::uint32_t> others = leaders(group, channel, 1);
    for (const Tree& tree : trees.trees)
      for (std::uint32_t node = 0; node < others.size(); ++node)
        phase.edges.push_back({node == tree.root ? home[channel] : others[tree.parent[node]], others[node], share});
  }
  phase.edges = sum_by_pair(std::move(phase.edges));
  phase.network_steps = group.domain_count() > 1 ? 1.0 + trees.height : 0.0;
  phase.scaleup_steps = group.domain_count() > 1 ? 2.0 * (group.largest - 1) : group.largest - 1.0;
  return phase;
}

void play_broadcast(const Arrangement& group, const StepSink& sink)
{
  const BroadcastTrees trees = broadcast_trees(group);
  const std::uint32_t parts = trees.trees.empty() ? 1 : 2;
  const auto& home = group.domains[0];
  std::vector<Handover> hops;
  for (std::uint32_t j = 0; j + 1 < home.size(); ++j) hops.push_back({home[j], home[j + 1], j, 0, group.channels * parts, false});
  const std::uint32_t leave = group.largest - 1, spread = leave + 1 + trees.height;
  for (std::uint32_t channel = 0; channel < group.channels; ++channel) {
    const std::vector<std::uint32_t> others = leaders(group, channel, 1);
    for (std::uint32_t t = 0; t < trees.trees.size(); ++t)
      for (std::uint32_t node = 0; node < others.size(); ++node) {
        const Tree& tree = trees.trees[t];
        hops.push_back({node == tree.root ? home[channel] : others[tree.parent[node]], others[node], leave + tree.depth[node],
                        channel * parts + t, 1, false});
      }
    for (std::uint32_t domain = 1; domain < group.domain_count(); ++domain)
      add_chain_hops(hops, group, domain, channel, Along::from_leader, spread, channel * parts, parts);
  }
  pipelined(hops, group.channels * parts, PieceOrder::chunk_major, "tree", group.members, sink);
}

std::vector<Phase> phases(Operation operation, const GroupShape& group)
{
  require_support(kind_tree_collective_kinds, operation, group);
  const Arrangement arrangement = arrange(group);
  return {operation == Operation::all_reduce ? all_reduce_phase(arrangement) : broadcast_phase(arrangement)};
}

void play(Operation operation, const GroupShape& group, const StepSink& sink)
{
  require_support(kind_tree_collective_kinds, operation, group);
  const Arrangement arrangement = arrange(group);
  if (operation == Operation::all_reduce)
    play_all_reduce(arrangement, sink);
  else
    play_broadcast(arrangement, sink);
}

} // namespace

const CollectiveKind kind_tree_collective_kinds{
    .name = "tree",
    .summary = "chains inside each domain, double binary trees between domains: pipelined, steps logarithmic in the domains",
    .source =
        "Sanders, Speck and Traeff 2009, Two-tree algorithms for full bandwidth broadcast, reduction and scan, Parallel Computing 35(12), "
        "section 3; Jeaugey 2019, Massively scale your deep learning training with NCCL 2.4; NCCL src/graph/trees.cc",
    .latency = LatencyForm::tree,
    // NCCL broadcasts along rings only (src/graph/tuning.cc)
    .selection = [](Operation operation) { return operation == Operation::broadcast ? Selection::forced_only : Selection::automatic; },
    .supports = supports,
    .phases = phases,
    .play = play,
};

} // namespace weft
