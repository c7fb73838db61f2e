// Vector clocks over the lanes of a program, and the chains they prove.
#include "fold/lane_order.hpp"

#include <algorithm>
#include <numeric>

namespace weft {
namespace {

/// Calls `visit` for each direct predecessor of a task.
template <class Visit> void for_predecessors(const Program& program, const LaneOrder& order, std::uint32_t task, Visit&& visit)
{
  if (order.lane_previous[task] != LaneOrder::none) visit(order.lane_previous[task]);
  for (const std::uint32_t wait : program.waits_of(program.tasks[task])) visit(wait);
}

void find_successors(const Program& program, LaneOrder& order)
{
  const auto tasks = static_cast<std::uint32_t>(program.tasks.size());
  order.first_successor.assign(tasks + 1, 0);
  for (std::uint32_t t = 0; t < tasks; ++t) for_predecessors(program, order, t, [&](std::uint32_t p) { ++order.first_successor[p + 1]; });
  std::partial_sum(order.first_successor.begin(), order.first_successor.end(), order.first_successor.begin());
  order.successors.resize(order.first_successor.back());
  std::vector<std::uint32_t> next(order.first_successor.begin(), order.first_successor.end() - 1);
  for (std::uint32_t t = 0; t < tasks; ++t) for_predecessors(program, order, t, [&](std::uint32_t p) { order.successors[next[p]++] = t; });
}

/// A chain while it grows.
class Chain {
public:
  Chain(const Program& program, const LaneOrder& order, std::uint32_t first) : program_(program), order_(order), tasks_{first} {}

  /// Appends a successor of the last task, if one qualifies.
  bool grow(const std::vector<std::uint8_t>& taken)
  {
    const std::uint32_t last = tasks_.back();
    if (order_.successors_of(last).size() > most_outside) return false;
    for (const std::uint32_t next : order_.successors_of(last)) {
      if (taken[next] || !starts_at_end_of(last, next) || !precedes_all_outside(last, next)) continue;
      for (const std::uint32_t other : order_.successors_of(last)) add_outside(other);
      outside_.erase(std::remove(outside_.begin(), outside_.end(), next), outside_.end());
      tasks_.push_back(next);
      return outside_.size() <= most_outside;
    }
    return false;
  }
  [[nodiscard]] std::vector<std::uint32_t> release() { return std::move(tasks_); }

private:
  /// All that `next` waits for has ended before `last` starts, or is `last`.
  [[nodiscard]] bool starts_at_end_of(std::uint32_t last, std::uint32_t next) const
  {
    bool proven = true;
    for_predecessors(program_, order_, next,
                     [&](std::uint32_t p) { proven = proven && (p == last || order_.precedes(program_, p, last)); });
    return proven;
  }
  /// Those outside the chain that follow its inner tasks (once `last` is one) also follow `next`.
  [[nodiscard]] bool precedes_all_outside(std::uint32_t last, std::uint32_t next) const
  {
    const auto follows = [&](std::uint32_t other) { return other == next || order_.precedes(program_, next, other); };
    const auto direct = order_.successors_of(last);
    return std::all_of(outside_.begin(), outside_.end(), follows) && std::all_of(direct.begin(), direct.end(), follows);
  }
  void add_outside(std::uint32_t task)
  {
    if (std::find(outside_.begin(), outside_.end(), task) == outside_.end()) outside_.push_back(task);
  }

  static constexpr std::size_t most_outside = 32; // keeps odd programs linear: a chain just ends there
  const Program& program_;
  const LaneOrder& order_;
  std::vector<std::uint32_t> tasks_;
  std::vector<std::uint32_t> outside_;
};

} // namespace

LaneOrder lane_order(const Program& program, std::size_t lanes)
{
  LaneOrder order;
  order.lanes = lanes;
  const auto tasks = static_cast<std::uint32_t>(program.tasks.size());
  order.position.resize(tasks);
  order.lane_previous.resize(tasks);
  order.ended.assign(tasks * lanes, 0);
  std::vector<std::uint32_t> last(lanes, LaneOrder::none), length(lanes, 0);
  for (std::uint32_t t = 0; t < tasks; ++t) {
    const std::uint8_t lane = program.tasks[t].lane;
    order.position[t] = length[lane]++;
    order.lane_previous[t] = last[lane];
    last[lane] = t;
    std::uint32_t* own = &order.ended[t * lanes];
    for_predecessors(program, order, t, [&](std::uint32_t p) {
      const std::uint32_t* theirs = &order.ended[p * lanes];
      for (std::size_t l = 0; l < lanes; ++l) own[l] = std::max(own[l], theirs[l]);
      std::uint32_t& of_lane = own[program.tasks[p].lane];
      of_lane = std::max(of_lane, order.position[p] + 1);
    });
  }
  find_successors(program, order);
  return order;
}

std::vector<std::vector<std::uint32_t>> find_chains(const Program& program, const LaneOrder& order)
{
  std::vector<std::vector<std::uint32_t>> chains;
  std::vector<std::uint8_t> taken(program.tasks.size(), 0);
  for (std::uint32_t t = 0; t < program.tasks.size(); ++t) {
    if (taken[t]) continue;
    Chain chain(program, order, t);
    while (chain.grow(taken)) {}
    chains.push_back(chain.release());
    for (const std::uint32_t task : chains.back()) taken[task] = 1;
  }
  return chains;
}

} // namespace weft
