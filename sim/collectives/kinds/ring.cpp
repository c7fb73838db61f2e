// Ring: every member passes pieces to the next one. Several rings side by side when several nodes take part (see arrangement.hpp).
#include "collectives/arrangement.hpp"
#include "collectives/edges.hpp"
#include "collectives/pipeline.hpp"

namespace weft {

extern const CollectiveKind kind_ring_collective_kinds;

namespace {

bool supports(Operation operation, const GroupShape& group)
{
  if (group.members() < 1) return false;
  switch (operation) {
  case Operation::all_reduce:
  case Operation::reduce_scatter:
  case Operation::all_gather:
  case Operation::broadcast:
    return true;
  case Operation::all_to_all:
  case Operation::send:
    return false;
  }
  return false;
}

/// Broadcast runs along the rings, each cut open before member 0. NCCL counts n - 1 steps, one of each domain but the first over the
/// network; a ring that passes member 0 inside its domain comes back to that domain at its end, hence one more.
Phase broadcast_phase(const Arrangement& ring)
{
  Phase phase;
  phase.edges = ring_edges(ring, 1.0 / ring.channels);
  std::erase_if(phase.edges, [](const Edge& edge) { return edge.to == 0; });
  phase.network_steps = ring.domain_count() == 1 ? 0 : ring.channels == 1 ? ring.domain_count() - 1 : ring.domain_count();
  phase.scaleup_steps = ring.members - 1 - phase.network_steps;
  phase.chain_hops = ring.domain_count() - 1;
  phase.chain_channels = ring.channels;
  return phase;
}

std::vector<Phase> phases(Operation operation, const GroupShape& group)
{
  require_support(kind_ring_collective_kinds, operation, group);
  const Arrangement ring = arrange(group);
  if (ring.members < 2) return {};
  if (operation == Operation::broadcast) return {broadcast_phase(ring)};
  // Patarasuk and Yuan 2009: each half of an all-reduce moves (n - 1)/n of the payload over every edge in n - 1 steps.
  const double halves = operation == Operation::all_reduce ? 2 : 1;
  const double n = ring.members;
  Phase phase;
  phase.edges = ring_edges(ring, halves * (n - 1) / n / ring.channels);
  phase.network_steps = halves * (ring.domain_count() - 1); // NCCL, src/graph/tuning.cc, nInterSteps
  phase.scaleup_steps = halves * (n - 1) - phase.network_steps;
  return {phase};
}

/// The n - 1 steps of all channels' rings. In step k the member at position p passes on the piece of the member k + `lag` positions before
/// it. lag 1: a reduce-scatter, after which everybody has its own piece summed; lag 0: an all-gather of own pieces.
void play_rounds(const std::vector<std::vector<std::uint32_t>>& orders, bool reduces, const StepSink& sink)
{
  const auto channels = static_cast<std::uint32_t>(orders.size()), n = static_cast<std::uint32_t>(orders[0].size());
  const std::uint32_t lag = reduces ? 1 : 0;
  std::vector<Message> step;
  for (std::uint32_t k = 0; k + 1 < n; ++k) {
    step.clear();
    for (std::uint32_t channel = 0; channel < channels; ++channel)
      for (std::uint32_t p = 0; p < n; ++p) {
        const std::vector<std::uint32_t>& order = orders[channel];
        const std::uint32_t owner = order[(p + 2 * n - k - lag) % n];
        step.push_back(
            {.from = order[p], .to = order[(p + 1) % n], .first_piece = owner * channels + channel, .pieces = 1, .reduces = reduces});
      }
    sink(n * channels, step);
  }
}

void play_broadcast(const Arrangement& ring, const StepSink& sink)
{
  std::vector<Handover> hops;
  for (std::uint32_t channel = 0; channel < ring.channels; ++channel) {
    const std::vector<std::uint32_t> order = ring_order(ring, channel);
    std::uint32_t start = 0;
    while (order[start] != 0) ++start;
    for (std::uint32_t k = 0; k + 1 < ring.members; ++k)
      hops.push_back(
          {.from = order[(start + k) % ring.members], .to = order[(start + k + 1) % ring.members], .stage = k, .first_part = channel});
  }
  pipelined(hops, ring.channels, PieceOrder::chunk_major, "ring", ring.members, sink);
}

void play(Operation operation, const GroupShape& group, const StepSink& sink)
{
  require_support(kind_ring_collective_kinds, operation, group);
  const Arrangement ring = arrange(group);
  if (ring.members < 2) return;
  if (operation == Operation::broadcast) return play_broadcast(ring, sink);
  const std::uint64_t rounds = ring.members - 1, halves = operation == Operation::all_reduce ? 2 : 1;
  require_few_messages(halves * rounds * ring.members * ring.channels, "ring", ring.members);
  std::vector<std::vector<std::uint32_t>> orders;
  for (std::uint32_t channel = 0; channel < ring.channels; ++channel) orders.push_back(ring_order(ring, channel));
  if (operation != Operation::all_gather) play_rounds(orders, true, sink);
  if (operation != Operation::reduce_scatter) play_rounds(orders, false, sink);
}

} // namespace

const CollectiveKind kind_ring_collective_kinds{
    .name = "ring",
    .summary = "every member passes pieces to the next: least bytes per edge, steps linear in the members; one ring per adapter of a node",
    .source = "Patarasuk and Yuan 2009, Bandwidth optimal all-reduce algorithms for clusters of workstations, J. Parallel Distrib. Comput. "
              "69(2); "
              "all-gather: Thakur, Rabenseifner and Gropp 2005, section 4.1; channels and step counts: NCCL src/graph/connect.cc, "
              "src/graph/tuning.cc",
    .latency = LatencyForm::ring,
    .supports = supports,
    .phases = phases,
    .play = play,
};

} // namespace weft
