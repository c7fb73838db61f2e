#include "engine/fused_use.hpp"

#include "config/error.hpp"
#include "engine/alone.hpp"
#include "engine/link_account.hpp"

#include <algorithm>
#include <map>

namespace weft {
namespace {

/// What one play of a segment by one rank class adds, in time since the fused action began.
struct SegmentUse {
  std::vector<LinkInterval> intervals;
  std::vector<LinkUse> total;       ///< sum per link of the intervals
  std::vector<std::uint32_t> links; ///< of total
  Seconds end;
};

/// Group classes are counted once, by the first (rank class, slot) that is a member.
std::vector<std::pair<std::uint32_t, std::uint32_t>> first_members(const Folding& folding)
{
  constexpr std::uint32_t nobody = 0xffffffff;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> first(folding.groups.size(), {nobody, nobody});
  for (std::uint32_t r = 0; r < folding.ranks.size(); r++)
    for (std::uint32_t s = 0; s < folding.ranks[r].group_of_slot.size(); s++)
      if (const std::uint32_t group = folding.ranks[r].group_of_slot[s]; group != Job::no_group)
        first[group] = std::min(first[group], {r, s});
  return first;
}

class FusedUse {
  const Folding& folding_;
  Trace& trace_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> first_;

  SegmentUse use_of(std::uint32_t rank_class, const Script& script, const Action& action)
  {
    SegmentUse use;
    const Program& program = folding_.job->programs[script.role];
    std::map<std::uint32_t, LinkUse> sums;
    for (const SegmentPart& part : script.segments[action.segment].parts) {
      const Task& task = program.tasks[action.task + part.task];
      if (task.kind != TaskKind::communicate) continue;
      const std::uint32_t group = folding_.ranks[rank_class].group_of_slot[task.slot];
      if (group == Job::no_group || first_[group] != std::pair<std::uint32_t, std::uint32_t>{rank_class, task.slot}) continue;
      const Transfer& transfer = folding_.traffic.transfers[transfer_of(folding_, group, task.what)];
      for (LinkInterval interval : play_alone(folding_, transfer, part.duration)) {
        LinkUse& sum = sums[interval.link];
        sum.bytes += interval.load * (interval.end - interval.begin);
        sum.busy += interval.end - interval.begin;
        sum.peak = std::max(sum.peak, interval.load / folding_.links[interval.link].capacity);
        interval.begin += part.offset;
        interval.end += part.offset;
        use.end = std::max(use.end, interval.end);
        use.intervals.push_back(interval);
      }
    }
    for (const auto& [link, sum] : sums) {
      use.links.push_back(link);
      use.total.push_back(sum);
    }
    return use;
  }

  void add_series(const SegmentUse& use, Seconds begin)
  {
    if (trace_.utilisation.empty() || trace_.end.base() <= 0) return;
    const std::size_t bins = trace_.utilisation.front().size();
    const double width = trace_.end.base() / static_cast<double>(bins);
    const auto bin_of = [&](Seconds date) { return std::min(bins - 1, static_cast<std::size_t>(date.base() / width)); };
    const std::size_t first = bin_of(begin);
    if (first == bin_of(begin + use.end)) { // the usual case: all of it within one bin
      for (std::size_t i = 0; i < use.links.size(); i++)
        trace_.utilisation[use.links[i]][first] +=
            static_cast<float>(use.total[i].bytes / (folding_.links[use.links[i]].capacity * Seconds(width)));
      return;
    }
    for (const LinkInterval& interval : use.intervals)
      deposit(trace_.utilisation[interval.link], width, interval.load / folding_.links[interval.link].capacity / width,
              (begin + interval.begin).base(), (begin + interval.end).base());
  }

public:
  FusedUse(const Folding& folding, Trace& trace) : folding_(folding), trace_(trace), first_(first_members(folding)) {}

  void add(std::uint32_t rank_class)
  {
    const Script& script = folding_.scripts[folding_.ranks[rank_class].script];
    std::vector<std::pair<bool, SegmentUse>> uses(script.segments.size());
    for (std::size_t i = 0; i < script.actions.size(); i++) {
      const Action& action = script.actions[i];
      if (action.segment == Action::no_segment) continue;
      auto& [known, use] = uses[action.segment];
      if (!known) use = use_of(rank_class, script, action);
      known = true;
      for (std::size_t k = 0; k < use.links.size(); k++) {
        LinkUse& link = trace_.links[use.links[k]];
        link.bytes += use.total[k].bytes;
        link.busy += use.total[k].busy;
        link.peak = std::max(link.peak, use.total[k].peak);
      }
      if (!use.links.empty()) add_series(use, trace_.spans[rank_class][i].begin);
    }
  }
};

} // namespace

void add_fused_use(const Folding& folding, Trace& trace)
{
  FusedUse fused(folding, trace);
  for (std::uint32_t i = 0; i < folding.ranks.size(); i++) fused.add(i);
}

} // namespace weft
