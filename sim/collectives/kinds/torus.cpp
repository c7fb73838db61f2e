// Torus: the payload is cut into as many parts as the box has dimensions, and all parts move at once, each along a dimension of its own.
//
// Part p is reduced and scattered along dimension p, what is left of it along dimension p + 1, and so on round the dimensions, then
// gathered back in the opposite order. Along a ring both directions are used: sums travel to their owner from both sides and meet there,
// and of the two halves of a piece one comes further from one side, one from the other where the ring is even. Along a line (a dimension
// that does not wrap, or part of one) every hop carries the pieces whose owners lie beyond it.
#include "collectives/edges.hpp"

#include <algorithm>
#include <numeric>

namespace weft {

extern const CollectiveKind kind_torus_collective_kinds;

namespace {

bool supports(Operation operation, const GroupShape& group)
{
  if (operation != Operation::all_reduce && operation != Operation::reduce_scatter && operation != Operation::all_gather) return false;
  const std::vector<BoxDimension>& dimensions = group.box.dimensions;
  return !dimensions.empty() && group.domains() == 1 &&
         std::none_of(dimensions.begin(), dimensions.end(), [](const BoxDimension& d) { return d.join == BoxJoin::complete; });
}

enum class Way { up, down };

/// The box with what the stages ask of it.
struct Parted {
  const std::vector<BoxDimension>& dimensions;
  const std::vector<std::uint32_t>& member_at;
  std::vector<std::uint32_t> stride; ///< positions from one coordinate to the next
  std::vector<std::uint32_t> weight; ///< of the part that starts with each dimension
  std::uint32_t weights = 0;         ///< together
  [[nodiscard]] std::uint32_t count() const { return static_cast<std::uint32_t>(dimensions.size()); }
  [[nodiscard]] std::uint32_t along(std::uint32_t part, std::uint32_t stage) const { return (part + stage) % count(); }
  [[nodiscard]] std::uint32_t coordinate(std::uint32_t position, std::uint32_t d) const
  {
    return position / stride[d] % dimensions[d].size;
  }
  /// The position next to this one; itself at the end of a line.
  [[nodiscard]] std::uint32_t next(std::uint32_t position, std::uint32_t d, Way way) const
  {
    const std::uint32_t n = dimensions[d].size, c = coordinate(position, d);
    const std::uint32_t end = way == Way::up ? n - 1 : 0;
    if (c == end)
      return dimensions[d].join == BoxJoin::line ? position : way == Way::up ? position - c * stride[d] : position + (n - 1) * stride[d];
    return way == Way::up ? position + stride[d] : position - stride[d];
  }
};

/// Parts are as large as their first dimension is fast: a ring scatters (n - 1)/n over two ways at (n - 1)/2n each, a line of two as well
/// as a long ring, a longer line half as fast.
Parted parted(const Box& box)
{
  Parted result{box.dimensions, box.member_at, std::vector<std::uint32_t>(box.dimensions.size(), 1), {}, 0};
  for (std::size_t d = box.dimensions.size(); d-- > 1;) result.stride[d - 1] = result.stride[d] * box.dimensions[d].size;
  std::uint32_t common = 0;
  for (const BoxDimension& d : box.dimensions) {
    result.weight.push_back(d.rate * (d.join == BoxJoin::ring || d.size == 2 ? 2 : 1));
    common = std::gcd(common, result.weight.back());
  }
  for (std::uint32_t& weight : result.weight) result.weights += weight /= common;
  return result;
}

enum class Half { reduce_scatter, all_gather };

/// Adds what one stage of one half puts on the hops along a dimension: `share` of the payload is what every member holds before it is
/// scattered, or after it is gathered.
void add_stage(std::vector<Edge>& edges, const Parted& box, std::uint32_t d, double share, Half half)
{
  const double n = box.dimensions[d].size;
  for (std::uint32_t position = 0; position < box.member_at.size(); ++position) {
    const std::uint32_t above = box.next(position, d, Way::up);
    if (above == position) continue;
    // pieces whose owners lie above the hop go up to be reduced; those owned below it come up when they are gathered
    const double below = box.coordinate(position, d) + 1, beyond = n - below;
    const bool ring = box.dimensions[d].join == BoxJoin::ring;
    const double up = ring ? (n - 1) / 2 : half == Half::reduce_scatter ? beyond : below;
    const double down = ring ? (n - 1) / 2 : half == Half::reduce_scatter ? below : beyond;
    edges.push_back({box.member_at[position], box.member_at[above], share * up / n});
    edges.push_back({box.member_at[above], box.member_at[position], share * down / n});
  }
}

/// All parts' edges in stage `stage` of a half.
void add_stage(std::vector<Edge>& edges, const Parted& box, std::uint32_t stage, Half half)
{
  for (std::uint32_t part = 0; part < box.count(); ++part) {
    double share = static_cast<double>(box.weight[part]) / box.weights;
    for (std::uint32_t done = 0; done < stage; ++done) share /= box.dimensions[box.along(part, done)].size;
    add_stage(edges, box, box.along(part, stage), share, half);
  }
}

/// Dependent messages of a stage: from the furthest member to the owner.
double depth(const Parted& box)
{
  std::uint32_t most = 0;
  for (const BoxDimension& d : box.dimensions) most = std::max(most, d.join == BoxJoin::ring ? d.size / 2 : d.size - 1);
  return most;
}

/// Whether hops carry as much when pieces are gathered as when they are reduced: the last stage of one half and the first of the other then
/// are one flow. Along a line the ends are the busiest for the one and the middle waits for them, so that the halves come one after the
/// other.
bool halves_alike(const Parted& box)
{
  return std::all_of(box.dimensions.begin(), box.dimensions.end(),
                     [](const BoxDimension& d) { return d.join == BoxJoin::ring || d.size == 2; });
}

std::vector<Phase> phases(Operation operation, const GroupShape& group)
{
  require_support(kind_torus_collective_kinds, operation, group);
  const Parted box = parted(group.box);
  std::vector<Phase> result;
  const auto add = [&](std::uint32_t stage, std::initializer_list<Half> halves) {
    Phase phase;
    for (const Half half : halves) add_stage(phase.edges, box, stage, half);
    phase.edges = sum_by_pair(std::move(phase.edges));
    phase.scaleup_steps = depth(box) * static_cast<double>(halves.size());
    result.push_back(std::move(phase));
  };
  const std::uint32_t last = box.count() - 1;
  if (operation == Operation::reduce_scatter)
    for (std::uint32_t stage = 0; stage <= last; ++stage) add(stage, {Half::reduce_scatter});
  if (operation == Operation::all_gather)
    for (std::uint32_t stage = last + 1; stage-- > 0;) add(stage, {Half::all_gather});
  if (operation == Operation::all_reduce) {
    for (std::uint32_t stage = 0; stage < last; ++stage) add(stage, {Half::reduce_scatter});
    if (halves_alike(box))
      add(last, {Half::reduce_scatter, Half::all_gather});
    else {
      add(last, {Half::reduce_scatter});
      add(last, {Half::all_gather});
    }
    for (std::uint32_t stage = last; stage-- > 0;) add(stage, {Half::all_gather});
  }
  return result;
}

/// How a stage is played: every dimension takes the same number of rounds, as its pieces are cut as finely as that needs, so that parts on
/// long and on short dimensions move evenly beside one another.
struct Rounds {
  std::uint32_t count = 1;                 ///< of every stage
  std::uint32_t unit = 1;                  ///< pieces of the payload to a weight of a member's own run
  std::vector<std::uint32_t> halves, cuts; ///< per dimension: parts of a piece, and cuts of such a part
};

Rounds rounds_of(const Parted& box)
{
  Rounds rounds;
  for (const BoxDimension& d : box.dimensions) rounds.count = std::lcm(rounds.count, d.size - 1);
  for (const BoxDimension& d : box.dimensions) {
    rounds.halves.push_back(d.join == BoxJoin::ring ? 2 : 1);
    rounds.cuts.push_back(rounds.count / (d.size - 1));
    rounds.unit = std::lcm(rounds.unit, rounds.halves.back() * rounds.cuts.back());
  }
  return rounds;
}

/// What moves over a hop in a round: the half of a piece and how far the sender is from the piece's owner.
struct Moving {
  std::uint32_t half = 0, distance = 0;
};

/// Of n - 1 turns. A line has whole pieces, the furthest first. An odd ring's halves take turns; an even ring's second half comes one hop
/// further going up, its first half going down.
Moving moving(const BoxDimension& dimension, std::uint32_t turn, Way way)
{
  const std::uint32_t n = dimension.size;
  if (dimension.join == BoxJoin::line) return {0, n - 1 - turn};
  const std::uint32_t distance = n % 2 == 0 ? n / 2 - (turn + 1) / 2 : (n - 1) / 2 - turn / 2;
  return {way == Way::up ? 1 - turn % 2 : turn % 2, distance};
}

/// Positions that differ from one with coordinates 0 there in the dimensions not scattered along yet, after this stage.
std::vector<std::uint32_t> open_offsets(const Parted& box, std::uint32_t part, std::uint32_t stage)
{
  std::vector<std::uint32_t> offsets{0};
  for (std::uint32_t later = stage + 1; later < box.count(); ++later) {
    const std::uint32_t d = box.along(part, later);
    const std::size_t before = offsets.size();
    for (std::uint32_t c = 1; c < box.dimensions[d].size; ++c)
      for (std::size_t i = 0; i < before; ++i) offsets.push_back(offsets[i] + c * box.stride[d]);
  }
  return offsets;
}

/// Messages of one part in one round of a reduce-scatter stage; of an all-gather, in the same places from receiver to sender.
void add_round(std::vector<Message>& step, const Parted& box, const Rounds& rounds, std::uint32_t part, std::uint32_t stage,
               std::uint32_t round, Half half)
{
  const std::uint32_t d = box.along(part, stage), n = box.dimensions[d].size;
  const std::uint32_t length = box.weight[part] * rounds.unit / (rounds.halves[d] * rounds.cuts[d]);
  const std::uint32_t start = rounds.unit * std::accumulate(box.weight.begin(), box.weight.begin() + part, 0u);
  const std::vector<std::uint32_t> open = open_offsets(box, part, stage);
  for (std::uint32_t position = 0; position < box.member_at.size(); ++position)
    for (const Way way : {Way::up, Way::down}) {
      const Moving move = moving(box.dimensions[d], round / rounds.cuts[d], way);
      const std::uint32_t c = box.coordinate(position, d), to = box.next(position, d, way);
      const bool beyond_end = way == Way::up ? c + move.distance >= n : c < move.distance;
      if (box.dimensions[d].join == BoxJoin::line && beyond_end) continue;
      const std::uint32_t owner_coordinate = (c + (way == Way::up ? move.distance : n - move.distance)) % n;
      std::uint32_t base = position - c * box.stride[d] + owner_coordinate * box.stride[d];
      for (std::uint32_t later = stage + 1; later < box.count(); ++later)
        base -= box.coordinate(base, box.along(part, later)) * box.stride[box.along(part, later)];
      const std::uint32_t within = start + (move.half * rounds.cuts[d] + round % rounds.cuts[d]) * length;
      const bool reduces = half == Half::reduce_scatter;
      for (const std::uint32_t offset : open)
        step.push_back({.from = box.member_at[reduces ? position : to],
                        .to = box.member_at[reduces ? to : position],
                        .first_piece = box.member_at[base + offset] * box.weights * rounds.unit + within,
                        .pieces = length,
                        .reduces = reduces});
    }
}

/// One half; an all-gather is a reduce-scatter backwards.
void play_half(const Parted& box, const Rounds& rounds, Half half, const StepSink& sink)
{
  const std::uint32_t pieces = static_cast<std::uint32_t>(box.member_at.size()) * box.weights * rounds.unit;
  const std::uint32_t all = box.count() * rounds.count;
  std::vector<Message> step;
  for (std::uint32_t k = 0; k < all; ++k) {
    const std::uint32_t at = half == Half::reduce_scatter ? k : all - 1 - k;
    step.clear();
    for (std::uint32_t part = 0; part < box.count(); ++part) add_round(step, box, rounds, part, at / rounds.count, at % rounds.count, half);
    sink(pieces, step);
  }
}

/// Most messages a half may have: both ways from every member, for every open position.
std::uint64_t messages_of_half(const Parted& box, const Rounds& rounds)
{
  std::uint64_t open = 0;
  for (std::uint32_t part = 0; part < box.count(); ++part)
    for (std::uint32_t stage = 0; stage < box.count(); ++stage) {
      std::uint64_t positions = 1;
      for (std::uint32_t later = stage + 1; later < box.count(); ++later) positions *= box.dimensions[box.along(part, later)].size;
      open += positions;
    }
  return 2 * box.member_at.size() * rounds.count * open;
}

void play(Operation operation, const GroupShape& group, const StepSink& sink)
{
  require_support(kind_torus_collective_kinds, operation, group);
  const Parted box = parted(group.box);
  const Rounds rounds = rounds_of(box);
  require_few_messages((operation == Operation::all_reduce ? 2 : 1) * messages_of_half(box, rounds), "torus", group.members());
  if (operation != Operation::all_gather) play_half(box, rounds, Half::reduce_scatter, sink);
  if (operation != Operation::reduce_scatter) play_half(box, rounds, Half::all_gather, sink);
}

} // namespace

const CollectiveKind kind_torus_collective_kinds{
    .name = "torus",
    .summary =
        "where members stand in a box of a torus or mesh: one part of the payload per dimension, all dimensions and directions at once",
    .source =
        "Sack and Gropp 2015, Collective algorithms for multiported torus networks, ACM Trans. Parallel Comput. 1(2), article 12 (one "
        "part per port, dimensions in rotated order); Chan et al. 2007, Concurrency Computat.: Pract. Exper. 19(13) (buckets along a "
        "dimension); Kumar and Jouppi 2020, arXiv:2011.03605, and Jouppi et al. 2023, arXiv:2304.01433 (TPU)",
    .latency = LatencyForm::ring,
    .supports = supports,
    .phases = phases,
    .play = play,
};

} // namespace weft
