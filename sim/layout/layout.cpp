#include "layout/layout.hpp"
#include "config/error.hpp"
#include "schedule/schedule.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

namespace weft {
namespace {

std::vector<Axis> order_of(const Plan& plan)
{
  std::vector<Axis> axes = axes_of(plan.order);
  if (axes.empty()) throw LogicError("layout: '" + plan.order + "' is not an order of tp, dp and pp");
  return axes;
}

/// What is left of a stage's ranks.
int expert_copies(const Plan& plan)
{
  const int stage = plan.tp * plan.cp * plan.dp, expert = expert_tensor(plan) * plan.ep;
  if (expert < 1 || stage % expert != 0) throw LogicError("layout: experts do not divide the ranks of a stage");
  return stage / expert;
}

/// With fewer ranks than the group asks for, all of them.
Replicas cut_over(int ranks, int zero_group) { return {ranks, zero_group > 0 ? std::min(zero_group, ranks) : ranks}; }

} // namespace

bool holds_model_twice(const Plan& plan)
{
  const ScheduleKind* schedule = find_schedule(plan.schedule);
  return schedule && schedule->path == PipelinePath::two_way;
}
Replicas dense_replicas(const Plan& plan) { return cut_over(plan.cp * plan.dp * (holds_model_twice(plan) ? 2 : 1), plan.zero_group); }
Replicas expert_replicas(const Plan& plan) { return cut_over(expert_copies(plan) * (holds_model_twice(plan) ? 2 : 1), plan.zero_group); }

RankGrid::RankGrid(std::vector<Axis> order, std::array<int, 5> extents) : order_(std::move(order)), extents_(extents)
{
  std::int64_t stride = 1;
  for (const Axis axis : order_) {
    if (extent(axis) < 1) throw LogicError("layout: a degree of " + std::to_string(extent(axis)) + ", must be at least 1");
    strides_[static_cast<std::size_t>(axis)] = static_cast<int>(stride);
    stride *= extent(axis);
    if (stride > std::numeric_limits<int>::max()) throw LogicError("layout: more ranks than can be numbered");
  }
  ranks_ = static_cast<int>(stride);
}

Coordinates RankGrid::coordinates(RankId rank) const
{
  if (rank.value >= static_cast<std::uint32_t>(ranks_))
    throw LogicError("layout: rank " + std::to_string(rank.value) + " of " + std::to_string(ranks_));
  Coordinates at;
  for (const Axis axis : order_) at[axis] = static_cast<int>(rank.value) / strides_[static_cast<std::size_t>(axis)] % extent(axis);
  return at;
}

RankId RankGrid::rank(const Coordinates& at) const
{
  int number = 0;
  for (const Axis axis : order_) {
    if (at[axis] < 0 || at[axis] >= extent(axis)) throw LogicError("layout: no rank at coordinate " + std::to_string(at[axis]));
    number += at[axis] * strides_[static_cast<std::size_t>(axis)];
  }
  return id_of<RankId>(static_cast<std::size_t>(number));
}

std::vector<RankId> RankGrid::along(std::initializer_list<Axis> axes, RankId of) const
{
  Coordinates start = coordinates(of);
  for (const Axis axis : axes) start[axis] = 0;
  std::vector<Coordinates> members{start};
  for (const Axis axis : order_) {
    if (std::find(axes.begin(), axes.end(), axis) == axes.end()) continue;
    std::vector<Coordinates> more;
    for (int step = 0; step < extent(axis); ++step)
      for (Coordinates at : members) {
        at[axis] = step;
        more.push_back(at);
      }
    members = std::move(more);
  }
  std::vector<RankId> ranks;
  for (const Coordinates& at : members) ranks.push_back(rank(at));
  return ranks;
}

bool RankGrid::leads(std::initializer_list<Axis> axes, RankId rank) const
{
  const Coordinates at = coordinates(rank);
  return std::all_of(axes.begin(), axes.end(), [&at](Axis axis) { return at[axis] == 0; });
}

Layout::Layout(const Plan& plan)
    : dense(order_of(plan), {plan.tp, plan.cp, 1, plan.dp, plan.pp}),
      expert(has_expert_grid(plan) ? RankGrid(order_of(plan), {expert_tensor(plan), 1, plan.ep, expert_copies(plan), plan.pp}) : dense)
{
}

} // namespace weft
