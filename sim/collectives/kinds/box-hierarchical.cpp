// Box-hierarchical: where the members of every domain stand in a box of a torus, mesh or full mesh, they reduce and scatter over the links
// of that box, the members of a position all-reduce across the domains, and what is whole is gathered in the boxes again.
#include "collectives/edges.hpp"

namespace weft {

extern const CollectiveKind kind_box_hierarchical_collective_kinds;

namespace {

/// One of the boxes as a group of its own, its members numbered by position.
GroupShape one_box(const GroupShape& group)
{
  const auto size = static_cast<std::uint32_t>(group.members() / group.domains());
  GroupShape box{.domain = std::vector<std::uint32_t>(size, 0), .domain_reduces = {0}, .box = {group.box.dimensions, {}}};
  for (std::uint32_t position = 0; position < size; ++position) box.box.member_at.push_back(position);
  return box;
}

/// The kind that uses the links of such a box.
const CollectiveKind* inner_kind(const GroupShape& box)
{
  for (const char* name : {"torus", "full-mesh"})
    if (const CollectiveKind* kind = find_collective(name); kind->supports(Operation::all_reduce, box)) return kind;
  return nullptr;
}

bool supports(Operation operation, const GroupShape& group)
{
  if (operation != Operation::all_reduce && operation != Operation::reduce_scatter && operation != Operation::all_gather) return false;
  return group.domains() > 1 && !group.box.dimensions.empty() && inner_kind(one_box(group)) != nullptr;
}

/// The boxes side by side: which member stands where.
struct Boxes {
  const std::vector<std::uint32_t>& member_at;
  std::uint32_t size = 0, count = 0;
  [[nodiscard]] std::uint32_t member(std::uint32_t domain, std::uint32_t position) const { return member_at[domain * size + position]; }
};

Boxes boxes_of(const GroupShape& group)
{
  const auto count = static_cast<std::uint32_t>(group.domains());
  return {group.box.member_at, static_cast<std::uint32_t>(group.members()) / count, count};
}

/// The phases of one half of one box, in all of them at once.
void add_within(std::vector<Phase>& phases, const GroupShape& group, Operation half)
{
  const Boxes boxes = boxes_of(group);
  const GroupShape box = one_box(group);
  for (Phase phase : inner_kind(box)->phases(half, box)) {
    std::vector<Edge> edges;
    edges.reserve(phase.edges.size() * boxes.count);
    for (std::uint32_t domain = 0; domain < boxes.count; ++domain)
      for (const Edge& edge : phase.edges)
        edges.push_back({boxes.member(domain, edge.from), boxes.member(domain, edge.to), edge.bytes_per_byte});
    phase.edges = sum_by_pair(std::move(edges));
    phases.push_back(std::move(phase));
  }
}

/// Rings across the domains, one for each position: each has 1/size of the payload and passes (d - 1)/d of it over every edge, twice for
/// all-reduce.
Phase across(const GroupShape& group, double halves)
{
  const Boxes boxes = boxes_of(group);
  const double d = boxes.count;
  Phase phase;
  for (std::uint32_t domain = 0; domain < boxes.count; ++domain)
    for (std::uint32_t position = 0; position < boxes.size; ++position)
      phase.edges.push_back(
          {boxes.member(domain, position), boxes.member((domain + 1) % boxes.count, position), halves * (d - 1) / d / boxes.size});
  phase.edges = sum_by_pair(std::move(phase.edges));
  phase.network_steps = halves * (d - 1);
  return phase;
}

std::vector<Phase> phases(Operation operation, const GroupShape& group)
{
  require_support(kind_box_hierarchical_collective_kinds, operation, group);
  std::vector<Phase> result;
  if (operation != Operation::all_gather) add_within(result, group, Operation::reduce_scatter);
  result.push_back(across(group, operation == Operation::all_reduce ? 2 : 1));
  if (operation != Operation::reduce_scatter) add_within(result, group, Operation::all_gather);
  return result;
}

/// Plays one half in all boxes at once. What a box takes for the run of a position are the runs of the members of that position, one of
/// each domain.
void play_within(const GroupShape& group, Operation half, const StepSink& sink)
{
  const Boxes boxes = boxes_of(group);
  const GroupShape box = one_box(group);
  std::vector<Message> all;
  inner_kind(box)->play(half, box, [&](std::uint32_t pieces, const std::vector<Message>& step) {
    const std::uint32_t run = pieces / boxes.size;
    all.clear();
    for (std::uint32_t domain = 0; domain < boxes.count; ++domain)
      for (const Message& message : step)
        for (std::uint32_t owner = 0; owner < boxes.count; ++owner)
          all.push_back({.from = boxes.member(domain, message.from),
                         .to = boxes.member(domain, message.to),
                         .first_piece = boxes.member(owner, message.first_piece / run) * run + message.first_piece % run,
                         .pieces = message.pieces,
                         .reduces = message.reduces});
    sink(pieces * boxes.count, all);
  });
}

/// d - 1 rounds round the domains. In a reduce-scatter a member passes on, in round k, the run of the domain k + 1 before its own, in an
/// all-gather that of the domain k before it.
void play_across(const GroupShape& group, std::uint32_t run, bool reduces, const StepSink& sink)
{
  const Boxes boxes = boxes_of(group);
  std::vector<Message> step;
  for (std::uint32_t round = 0; round + 1 < boxes.count; ++round) {
    step.clear();
    for (std::uint32_t domain = 0; domain < boxes.count; ++domain)
      for (std::uint32_t position = 0; position < boxes.size; ++position) {
        const std::uint32_t owner = (domain + 2 * boxes.count - round - (reduces ? 1 : 0)) % boxes.count;
        step.push_back({.from = boxes.member(domain, position),
                        .to = boxes.member((domain + 1) % boxes.count, position),
                        .first_piece = boxes.member(owner, position) * run,
                        .pieces = run,
                        .reduces = reduces});
      }
    sink(run * static_cast<std::uint32_t>(group.members()), step);
  }
}

/// Pieces that the inner kind cuts a member's run into.
std::uint32_t run_of(const GroupShape& box)
{
  std::uint32_t pieces = 0;
  inner_kind(box)->play(Operation::all_gather, box, [&](std::uint32_t cut, const std::vector<Message>&) { pieces = cut; });
  return pieces / static_cast<std::uint32_t>(box.members());
}

/// Messages of one half of one box.
std::uint64_t messages_within(const GroupShape& box)
{
  std::uint64_t messages = 0;
  inner_kind(box)->play(Operation::all_gather, box, [&](std::uint32_t, const std::vector<Message>& step) { messages += step.size(); });
  return messages;
}

void play(Operation operation, const GroupShape& group, const StepSink& sink)
{
  require_support(kind_box_hierarchical_collective_kinds, operation, group);
  const GroupShape box = one_box(group);
  const std::uint64_t halves = operation == Operation::all_reduce ? 2 : 1, domains = group.domains();
  require_few_messages(halves * (messages_within(box) * domains * domains + group.members() * (domains - 1)), "box-hierarchical",
                       group.members());
  const std::uint32_t run = run_of(box);
  if (operation != Operation::all_gather) {
    play_within(group, Operation::reduce_scatter, sink);
    play_across(group, run, true, sink);
  }
  if (operation != Operation::reduce_scatter) {
    play_across(group, run, false, sink);
    play_within(group, Operation::all_gather, sink);
  }
}

} // namespace

const CollectiveKind kind_box_hierarchical_collective_kinds{
    .name = "box-hierarchical",
    .summary =
        "groups over several tori, meshes or full meshes: reduce-scatter over all links of each, rings across them between members of a "
        "position, all-gather over all links again",
    .source = "Huawei HCCL user guide, hierarchical communication (all-reduce: reduce-scatter in the server, all-reduce between servers, "
              "all-gather in the server; Mesh inside); Kumar and Jouppi 2020, Highly available data parallel ML training on mesh networks, "
              "arXiv:2011.03605",
    .latency = LatencyForm::ring,
    .supports = supports,
    .phases = phases,
    .play = play,
};

} // namespace weft
