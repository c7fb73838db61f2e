// Whether two foldings of one job tell the same story: every task of every rank, every byte on every link.
#pragma once
#include "fold/folding.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace weft::folding_test {

/// When things happened, per action of each rank class, in seconds; and bytes per link class.
struct Times {
  std::vector<std::vector<double>> begin, end;
  std::vector<double> link_bytes;
};

/// End of each task of one rank class's program.
inline std::vector<double> task_ends(const Folding& folding, const Times& times, std::uint32_t rank_class)
{
  const Script& script = folding.scripts[folding.ranks[rank_class].script];
  std::vector<double> ends(folding.job->programs[script.role].tasks.size(), -1.0);
  for (std::size_t a = 0; a < script.actions.size(); ++a) {
    const Action& action = script.actions[a];
    if (action.segment == Action::no_segment) {
      ends[action.task] = times.end[rank_class][a];
      continue;
    }
    for (const SegmentPart& part : script.segments[action.segment].parts) {
      ends[action.task + part.task] = times.begin[rank_class][a] + (part.offset + part.duration).base();
    }
  }
  return ends;
}

/// Seconds of computation of one rank class.
inline double busy(const Folding& folding, std::uint32_t rank_class)
{
  const Script& script = folding.scripts[folding.ranks[rank_class].script];
  const Program& program = folding.job->programs[script.role];
  double total = 0;
  for (const Action& action : script.actions) {
    if (action.segment == Action::no_segment) {
      total += action.kind == Action::Kind::timer ? action.duration.base() : 0;
      continue;
    }
    for (const SegmentPart& part : script.segments[action.segment].parts) {
      if (program.tasks[action.task + part.task].kind == TaskKind::compute) total += part.duration.base();
    }
  }
  return total;
}

inline double step(const Times& times)
{
  double last = 0;
  for (const auto& ends : times.end) {
    for (const double end : ends) last = std::max(last, end);
  }
  return last;
}

/// Relative difference, measured against the larger of the two and `scale`.
inline double difference(double a, double b, double scale = 0)
{
  const double largest = std::max({std::abs(a), std::abs(b), scale});
  return largest == 0 ? 0 : std::abs(a - b) / largest;
}

/// Empty when equal to `tolerance`, else the first thing that differs. Times are measured against the step, bytes against themselves.
inline std::string first_difference(const Folding& a, const Times& times_a, const Folding& b, const Times& times_b, double tolerance)
{
  if (difference(step(times_a), step(times_b)) > tolerance) {
    return "step " + std::to_string(step(times_a)) + " and " + std::to_string(step(times_b));
  }
  const double scale = step(times_a);
  for (std::size_t rank = 0; rank < a.rank_class.size(); ++rank) {
    const std::uint32_t ca = a.rank_class[rank], cb = b.rank_class[rank];
    if (difference(busy(a, ca), busy(b, cb)) > tolerance) return "busy time of rank " + std::to_string(rank);
    const auto ends_a = task_ends(a, times_a, ca), ends_b = task_ends(b, times_b, cb);
    for (std::size_t t = 0; t < ends_a.size(); ++t) {
      if (difference(ends_a[t], ends_b[t], scale) > tolerance) {
        return "end of task " + std::to_string(t) + " of rank " + std::to_string(rank) + ": " + std::to_string(ends_a[t]) + " and " +
               std::to_string(ends_b[t]);
      }
    }
  }
  for (std::size_t link = 0; link < a.link_class.size(); ++link) {
    const std::uint32_t ca = a.link_class[link], cb = b.link_class[link];
    const double bytes_a = ca == Folding::no_class ? 0 : times_a.link_bytes[ca],
                 bytes_b = cb == Folding::no_class ? 0 : times_b.link_bytes[cb];
    if (difference(bytes_a, bytes_b) > tolerance) return "bytes of link " + std::to_string(link);
  }
  return {};
}

} // namespace weft::folding_test
