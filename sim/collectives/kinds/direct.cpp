// Direct: every member sends to every other without detour, in rounds of pairs.
#include "collectives/arrangement.hpp"
#include "collectives/edges.hpp"
#include "config/error.hpp"

#include <algorithm>

namespace weft {

extern const CollectiveKind kind_direct_collective_kinds;

namespace {

/// All-to-all has n (n - 1) edges; of more members than this they are not listed.
constexpr std::uint32_t most_listed = 256;

/// Rounds under way at the same time. Source: NCCL, src/include/device.h, NCCL_MAX_DEV_WORK_P2P_PER_BATCH.
constexpr std::uint32_t rounds_in_flight = 8;

bool supports(Operation operation, const GroupShape& group) { return operation == Operation::all_to_all && group.members() >= 1; }

std::uint32_t batches(std::uint32_t rounds) { return (rounds + rounds_in_flight - 1) / rounds_in_flight; }

/// One round: members of domain d send to domain d + `domain`, the j-th to the (j + `local`)-th, both modulo the count.
struct Round {
  std::uint32_t domain = 0, local = 0;
};

/// The rounds between domains and within them, in the order of NCCL's schedule (src/init.cc, ncclP2pSchedule). Groups whose domains are
/// unequal are treated as one domain: member i sends to i + k.
struct Rounds {
  std::vector<std::vector<std::uint32_t>> domains;
  std::vector<Round> between, within;
};

Rounds rounds_of(const Arrangement& group)
{
  Rounds rounds;
  rounds.domains = group.domains;
  if (!group.equal) {
    rounds.domains.assign(1, {});
    for (std::uint32_t member = 0; member < group.members; ++member) rounds.domains[0].push_back(member);
  }
  const auto count = static_cast<std::uint32_t>(rounds.domains.size());
  const auto size = static_cast<std::uint32_t>(rounds.domains[0].size());
  for (std::uint32_t domain = 0; domain < count; ++domain)
    for (std::uint32_t local = 0; local < size; ++local)
      if (domain > 0)
        rounds.between.push_back({domain, local});
      else if (local > 0)
        rounds.within.push_back({domain, local});
  return rounds;
}

std::vector<Phase> phases(Operation operation, const GroupShape& group)
{
  require_support(kind_direct_collective_kinds, operation, group);
  const auto n = static_cast<std::uint32_t>(group.members());
  if (n < 2) return {};
  const Arrangement arrangement = arrange(group);
  Phase phase;
  phase.every_pair = 1.0 / n;
  if (n <= most_listed) {
    std::vector<Edge> edges;
    edges.reserve(static_cast<std::size_t>(n) * (n - 1));
    for_each_edge(phase, n, [&](const Edge& edge) { edges.push_back(edge); });
    phase.edges = std::move(edges);
    phase.every_pair = 0;
  }
  // rounds within the domains run beside those between them
  const std::uint32_t size = arrangement.largest;
  const std::uint32_t network = arrangement.domain_count() == 1 ? 0 : arrangement.equal ? batches(n - size) : batches(n - 1);
  phase.network_steps = network;
  phase.scaleup_steps = std::max(network, batches(arrangement.equal ? size - 1 : 0)) - network;
  return {phase};
}

/// Messages of one round of all members.
void add_round(std::vector<Message>& step, const Rounds& rounds, const Round& round)
{
  const std::size_t count = rounds.domains.size(), size = rounds.domains[0].size();
  for (std::size_t d = 0; d < count; ++d)
    for (std::size_t j = 0; j < size; ++j) {
      const std::uint32_t to = rounds.domains[(d + round.domain) % count][(j + round.local) % size];
      step.push_back({.from = rounds.domains[d][j], .to = to, .first_piece = to, .pieces = 1, .reduces = false});
    }
}

void play(Operation operation, const GroupShape& group, const StepSink& sink)
{
  require_support(kind_direct_collective_kinds, operation, group);
  const auto n = static_cast<std::uint32_t>(group.members());
  if (n < 2) return;
  require_few_messages(static_cast<std::uint64_t>(n) * (n - 1), "direct", n);
  const Rounds rounds = rounds_of(arrange(group));
  const std::size_t most = std::max(rounds.between.size(), rounds.within.size());
  std::vector<Message> step;
  for (std::size_t first = 0; first < most; first += rounds_in_flight) {
    step.clear();
    for (const auto* list : {&rounds.between, &rounds.within})
      for (std::size_t k = first; k < std::min(first + rounds_in_flight, list->size()); ++k) add_round(step, rounds, (*list)[k]);
    sink(n, step);
  }
}

} // namespace

const CollectiveKind kind_direct_collective_kinds{
    .name = "direct",
    .summary = "all-to-all by messages between all pairs: pairwise exchange in rounds, eight rounds under way at a time",
    .source =
        "Thakur, Rabenseifner and Gropp 2005, Optimization of Collective Communication Operations in MPICH, Int. J. High Perform. Comput. "
        "Appl. 19(1), section 4.3 (pairwise exchange); rounds as in NCCL src/init.cc, ncclP2pSchedule",
    .latency = LatencyForm::direct,
    .supports = supports,
    .phases = phases,
    .play = play,
};

} // namespace weft
