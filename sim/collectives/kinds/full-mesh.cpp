// Full mesh: every member sends every other its part at once, over the link the two have for themselves.
#include "collectives/edges.hpp"

namespace weft {

extern const CollectiveKind kind_full_mesh_collective_kinds;

namespace {

bool supports(Operation operation, const GroupShape& group)
{
  if (operation != Operation::all_reduce && operation != Operation::reduce_scatter && operation != Operation::all_gather) return false;
  return group.domains() == 1 && group.box.dimensions.size() == 1 && group.box.dimensions[0].join == BoxJoin::complete;
}

/// A reduce-scatter or all-gather is one step, an all-reduce both.
double halves_of(Operation operation) { return operation == Operation::all_reduce ? 2 : 1; }

std::vector<Phase> phases(Operation operation, const GroupShape& group)
{
  require_support(kind_full_mesh_collective_kinds, operation, group);
  const auto n = static_cast<std::uint32_t>(group.members());
  Phase phase;
  phase.edges.reserve(std::size_t{n} * (n - 1));
  for (std::uint32_t from = 0; from < n; ++from)
    for (std::uint32_t to = 0; to < n; ++to)
      if (from != to) phase.edges.push_back({from, to, halves_of(operation) / n});
  phase.scaleup_steps = halves_of(operation);
  return {phase};
}

/// Piece m belongs to member m: in a reduce-scatter it is sent to m, in an all-gather by m.
void play_step(std::uint32_t n, bool reduces, const StepSink& sink)
{
  std::vector<Message> step;
  for (std::uint32_t from = 0; from < n; ++from)
    for (std::uint32_t to = 0; to < n; ++to)
      if (from != to) step.push_back({.from = from, .to = to, .first_piece = reduces ? to : from, .pieces = 1, .reduces = reduces});
  sink(n, step);
}

void play(Operation operation, const GroupShape& group, const StepSink& sink)
{
  require_support(kind_full_mesh_collective_kinds, operation, group);
  const auto n = static_cast<std::uint32_t>(group.members());
  require_few_messages(std::uint64_t{2} * n * n, "full-mesh", n);
  if (operation != Operation::all_gather) play_step(n, true, sink);
  if (operation != Operation::reduce_scatter) play_step(n, false, sink);
}

} // namespace

const CollectiveKind kind_full_mesh_collective_kinds{
    .name = "full-mesh",
    .summary = "where every two members have a link of their own: each sends every other its part at once, over all links",
    .source = "Chan, Heimlich, Purkayastha and van de Geijn 2007, Collective communication: theory, practice, and experience, Concurrency "
              "Computat.: Pract. Exper. 19(13) (reduce-scatter and all-gather); Thakur, Rabenseifner and Gropp 2005, Int. J. High Perform. "
              "Comput. Appl. 19(1), section 4 (direct exchange)",
    .latency = LatencyForm::ring,
    .supports = supports,
    .phases = phases,
    .play = play,
};

} // namespace weft
