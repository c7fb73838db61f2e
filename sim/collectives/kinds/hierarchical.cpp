// Hierarchical: reduce-scatter inside every domain, all-reduce across domains between members of the same position, all-gather inside.
#include "collectives/arrangement.hpp"
#include "collectives/edges.hpp"

namespace weft {

extern const CollectiveKind kind_hierarchical_collective_kinds;

namespace {

bool supports(Operation operation, const GroupShape& group)
{
  if (operation != Operation::all_reduce && operation != Operation::reduce_scatter && operation != Operation::all_gather) return false;
  const Arrangement arrangement = arrange(group);
  return arrangement.equal && arrangement.domain_count() > 1 && arrangement.largest > 1;
}

/// Rings within the domains: (g - 1)/g of the payload over every edge.
Phase within(const Arrangement& group)
{
  const std::uint32_t g = group.largest;
  Phase phase;
  for (const auto& members : group.domains)
    for (std::uint32_t j = 0; j < g; ++j) phase.edges.push_back({members[j], members[(j + 1) % g], (g - 1.0) / g});
  phase.edges = sum_by_pair(std::move(phase.edges));
  phase.scaleup_steps = g - 1;
  return phase;
}

/// Rings across the domains, one for each position: each has 1/g of the payload and passes (d - 1)/d of it over every edge, twice for
/// all-reduce.
Phase across(const Arrangement& group, double halves)
{
  const std::uint32_t g = group.largest, d = group.domain_count();
  Phase phase;
  for (std::uint32_t domain = 0; domain < d; ++domain)
    for (std::uint32_t j = 0; j < g; ++j)
      phase.edges.push_back({group.domains[domain][j], group.domains[(domain + 1) % d][j], halves * (d - 1.0) / d / g});
  phase.edges = sum_by_pair(std::move(phase.edges));
  phase.network_steps = halves * (d - 1);
  return phase;
}

std::vector<Phase> phases(Operation operation, const GroupShape& group)
{
  require_support(kind_hierarchical_collective_kinds, operation, group);
  const Arrangement arrangement = arrange(group);
  if (operation == Operation::reduce_scatter) return {within(arrangement), across(arrangement, 1)};
  if (operation == Operation::all_gather) return {across(arrangement, 1), within(arrangement)};
  return {within(arrangement), across(arrangement, 2), within(arrangement)};
}

enum class Half { reduce_scatter, all_gather };

/// Piece m belongs to member m. In a reduce-scatter the member at position p passes on, in round k, the pieces of the position k + 1 before
/// it; in an all-gather those of the position k before it.
std::uint32_t position_of_pieces(std::uint32_t p, std::uint32_t round, std::uint32_t n, Half half)
{
  return (p + 2 * n - round - (half == Half::reduce_scatter ? 1 : 0)) % n;
}

/// g - 1 rounds within every domain; what moves are the pieces of all members of one position, one of each domain.
void play_within(const Arrangement& group, Half half, const StepSink& sink)
{
  const std::uint32_t g = group.largest;
  std::vector<Message> step;
  for (std::uint32_t round = 0; round + 1 < g; ++round) {
    step.clear();
    for (const auto& members : group.domains)
      for (std::uint32_t p = 0; p < g; ++p)
        for (const auto& owners : group.domains)
          step.push_back({.from = members[p],
                          .to = members[(p + 1) % g],
                          .first_piece = owners[position_of_pieces(p, round, g, half)],
                          .pieces = 1,
                          .reduces = half == Half::reduce_scatter});
    sink(group.members, step);
  }
}

/// d - 1 rounds across the domains, each between members of the same position.
void play_across(const Arrangement& group, Half half, const StepSink& sink)
{
  const std::uint32_t d = group.domain_count();
  std::vector<Message> step;
  for (std::uint32_t round = 0; round + 1 < d; ++round) {
    step.clear();
    for (std::uint32_t domain = 0; domain < d; ++domain)
      for (std::uint32_t j = 0; j < group.largest; ++j)
        step.push_back({.from = group.domains[domain][j],
                        .to = group.domains[(domain + 1) % d][j],
                        .first_piece = group.domains[position_of_pieces(domain, round, d, half)][j],
                        .pieces = 1,
                        .reduces = half == Half::reduce_scatter});
    sink(group.members, step);
  }
}

void play(Operation operation, const GroupShape& group, const StepSink& sink)
{
  require_support(kind_hierarchical_collective_kinds, operation, group);
  const Arrangement arrangement = arrange(group);
  const std::uint64_t n = arrangement.members, d = arrangement.domain_count(), g = arrangement.largest;
  const std::uint64_t halves = operation == Operation::all_reduce ? 2 : 1;
  require_few_messages(halves * n * ((g - 1) * d + d - 1), "hierarchical", arrangement.members);
  if (operation != Operation::all_gather) {
    play_within(arrangement, Half::reduce_scatter, sink);
    play_across(arrangement, Half::reduce_scatter, sink);
  }
  if (operation != Operation::reduce_scatter) {
    play_across(arrangement, Half::all_gather, sink);
    play_within(arrangement, Half::all_gather, sink);
  }
}

} // namespace

const CollectiveKind kind_hierarchical_collective_kinds{
    .name = "hierarchical",
    .summary = "reduce-scatter inside each domain, rings across domains between members of the same position, all-gather inside: phases in "
               "sequence",
    .source = "Cho, Finkler, Serrano, Kung and Hunter 2019, BlueConnect: decomposing all-reduce for deep learning on heterogeneous network "
              "hierarchy, "
              "SysML 2019; Mikami et al. 2018, Massively distributed SGD, arXiv:1811.05233 (2D-torus all-reduce)",
    .latency = LatencyForm::ring,
    .selection = [](Operation) { return Selection::forced_only; }, // NCCL has no such algorithm
    .supports = supports,
    .phases = phases,
    .play = play,
};

} // namespace weft
