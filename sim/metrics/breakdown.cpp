#include "metrics/breakdown.hpp"

#include "metrics/intervals.hpp"

#include <algorithm>
#include <array>

namespace weft {
namespace {

/// A stretch of time in seconds.
struct Stretch {
  double begin = 0, end = 0;
};
using Stretches = std::vector<Stretch>;

/// What a moment can count as, the strongest claim first.
enum Claim : std::size_t { compute, tensor, context, expert, data, pipeline, bubble, claims };

/// Sorts and joins what overlaps or touches.
void normalise(Stretches& stretches)
{
  const auto earlier = [](const Stretch& a, const Stretch& b) { return a.begin < b.begin; };
  if (!std::is_sorted(stretches.begin(), stretches.end(), earlier)) std::stable_sort(stretches.begin(), stretches.end(), earlier);
  std::size_t kept = 0;
  for (const Stretch& stretch : stretches) {
    if (stretch.end <= stretch.begin) continue;
    if (kept > 0 && stretch.begin <= stretches[kept - 1].end)
      stretches[kept - 1].end = std::max(stretches[kept - 1].end, stretch.end);
    else
      stretches[kept++] = stretch;
  }
  stretches.resize(kept);
}

/// Whether the members of a task's group play more than one role: then waiting for them is waiting for another stage.
std::vector<bool> slots_across_roles(const Folding& folding, const RankClass& rank_class)
{
  const Job& job = *folding.job;
  std::vector<bool> across(job.slots.size(), false);
  for (std::size_t slot = 0; slot < across.size(); ++slot) {
    const std::uint32_t group = rank_class.group_of_slot[slot];
    if (group == Job::no_group) continue;
    const auto& members = job.groups[folding.groups[group].representative.index()].members;
    across[slot] = std::any_of(members.begin(), members.end(),
                               [&](RankId r) { return job.ranks[r.index()].role != job.ranks[members.front().index()].role; });
  }
  return across;
}

std::array<Stretches, claims> claims_of(const Folding& folding, const Trace& trace, std::size_t rank_class)
{
  const Job& job = *folding.job;
  const Program& program = program_of(folding, rank_class);
  const std::vector<bool> across = slots_across_roles(folding, folding.ranks[rank_class]);
  const double step = trace.end.base();
  double first = step, last = 0;
  std::array<Stretches, claims> claimed;
  for (const TaskInterval& interval : task_intervals(folding, trace, rank_class)) {
    const Task& task = program.tasks[interval.task];
    const Stretch run{interval.begin.base(), interval.end.base()};
    switch (category_of(job, task)) {
    case Category::compute:
      claimed[compute].push_back(run);
      break;
    case Category::tensor:
      claimed[tensor].push_back(run);
      break;
    case Category::context:
      claimed[context].push_back(run);
      break;
    case Category::expert:
      claimed[expert].push_back(run);
      break;
    case Category::data:
      claimed[data].push_back(run);
      break;
    case Category::pipeline:
      claimed[pipeline].push_back(run);
      break;
    case Category::other:
      break;
    }
    if (task.kind == TaskKind::communicate && across[task.slot]) claimed[bubble].push_back({interval.ready.base(), interval.begin.base()});
    first = std::min(first, interval.ready.base());
    last = std::max(last, interval.end.base());
  }
  claimed[bubble].push_back({0, first});
  claimed[bubble].push_back({last, step});
  for (Stretches& stretches : claimed) normalise(stretches);
  return claimed;
}

/// Gives every moment of [0, step] to the strongest claim on it; the last entry is what nobody claims.
std::array<double, claims + 1> share_out(const std::array<Stretches, claims>& claimed, double step)
{
  std::array<double, claims + 1> seconds{};
  std::array<std::size_t, claims> at{};
  double now = 0;
  while (now < step) {
    std::size_t winner = claims;
    double next = step;
    for (std::size_t c = claims; c-- > 0;) {
      while (at[c] < claimed[c].size() && claimed[c][at[c]].end <= now) ++at[c];
      if (at[c] == claimed[c].size()) continue;
      const Stretch& stretch = claimed[c][at[c]];
      if (stretch.begin <= now) {
        winner = c;
        next = std::min(next, stretch.end);
      } else {
        next = std::min(next, stretch.begin);
      }
    }
    seconds[winner] += next - now;
    now = next;
  }
  return seconds;
}

} // namespace

Breakdown breakdown_of(const Folding& folding, const Trace& trace, std::size_t rank_class)
{
  const double step = trace.end.base();
  if (step <= 0) return Breakdown{.other = 1};
  const auto seconds = share_out(claims_of(folding, trace, rank_class), step);
  return {.compute = seconds[compute] / step,
          .tensor = seconds[tensor] / step,
          .context = seconds[context] / step,
          .expert = seconds[expert] / step,
          .data = seconds[data] / step,
          .pipeline = seconds[pipeline] / step,
          .bubble = seconds[bubble] / step,
          .other = seconds[claims] / step};
}

Breakdown mean_breakdown(const Folding& folding, const std::vector<Breakdown>& by_class)
{
  constexpr std::array shares{&Breakdown::compute, &Breakdown::tensor,   &Breakdown::context, &Breakdown::expert,
                              &Breakdown::data,    &Breakdown::pipeline, &Breakdown::bubble,  &Breakdown::other};
  Breakdown mean;
  double ranks = 0;
  for (std::size_t c = 0; c < by_class.size(); ++c) {
    const double weight = folding.ranks[c].ranks;
    for (const auto share : shares) mean.*share += weight * by_class[c].*share;
    ranks += weight;
  }
  if (ranks <= 0) return Breakdown{.other = 1};
  for (const auto share : shares) mean.*share /= ranks;
  return mean;
}

std::size_t slowest_class(const std::vector<Breakdown>& by_class)
{
  const auto slowest = std::max_element(by_class.begin(), by_class.end(),
                                        [](const Breakdown& a, const Breakdown& b) { return busy_share(a) < busy_share(b); });
  return static_cast<std::size_t>(slowest - by_class.begin());
}

} // namespace weft
