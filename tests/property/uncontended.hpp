// Lower bounds on a step that know nothing of flows: the longest chain of computations and of transfers that have every link for
// themselves, and the bytes that must leave a part of the machine whatever the algorithm.
#pragma once
#include "property/walk.hpp"
#include "traffic/machine.hpp"

#include <map>

namespace weft::folding_test {

/// Payloads a group exchanges, in order: what its first member issues through the slot that leads to it.
inline std::vector<std::uint32_t> plays_of(const Job& job, std::uint32_t group)
{
  const RankId first = job.groups[group].members.front();
  std::vector<std::uint32_t> result;
  for (const Task& task : job.programs[job.ranks[first.index()].role.index()].tasks)
    if (task.kind == TaskKind::communicate && job.group_of(first, task.slot) == group) result.push_back(task.what);
  return result;
}

/// Plays all programs with transfers that take the time they would take alone. Nothing is shared, so walking the tasks again and again
/// until all have an end is enough.
class LongestChain {
public:
  explicit LongestChain(const Built& built) : built_(built), job_(built.job)
  {
    for (const Rank& rank : job_.ranks) {
      ends_.emplace_back(job_.programs[rank.role.index()].tasks.size(), unknown);
      arrived_.emplace_back(ends_.back().size(), false);
    }
    bool more = true;
    while (more) {
      more = false;
      for (std::uint32_t r = 0; r < job_.ranks.size(); ++r) more = walk(r) || more;
    }
  }
  /// End of the last task; negative when some task never ran.
  [[nodiscard]] double seconds() const
  {
    double last = 0;
    for (const auto& ends : ends_)
      for (const double end : ends) {
        if (end == unknown) return unknown;
        last = std::max(last, end);
      }
    return last;
  }

private:
  static constexpr double unknown = -1;
  struct Meeting {
    std::size_t arrivals = 0;
    double latest = 0;
  };

  /// Whether anything came of it.
  bool walk(std::uint32_t r)
  {
    const Rank& rank = job_.ranks[r];
    const Program& program = job_.programs[rank.role.index()];
    std::vector<double> lane_end(job_.lanes.size(), 0.0);
    std::vector<std::uint32_t> ordinal(job_.slots.size(), 0);
    bool progress = false;
    for (std::uint32_t t = 0; t < program.tasks.size(); ++t) {
      const Task& task = program.tasks[t];
      const std::uint32_t number = task.kind == TaskKind::communicate ? ordinal[task.slot]++ : 0;
      double& end = ends_[r][t];
      if (end == unknown) {
        double ready = lane_end[task.lane];
        for (const std::uint32_t before : program.waits_of(task))
          ready = ready == unknown || ends_[r][before] == unknown ? unknown : std::max(ready, ends_[r][before]);
        if (ready != unknown) {
          end = task.kind == TaskKind::compute ? ready + job_.works[task.what].duration.base() * rank.slowdown
                                               : meet(r, t, number, ready, progress);
          progress = progress || end != unknown;
        }
      }
      lane_end[task.lane] = end;
    }
    return progress;
  }

  double meet(std::uint32_t r, std::uint32_t t, std::uint32_t number, double ready, bool& progress)
  {
    const Task& task = job_.programs[job_.ranks[r].role.index()].tasks[t];
    const std::uint32_t group = job_.group_of(RankId{r}, task.slot);
    Meeting& meeting = meetings_[{group, number}];
    if (!arrived_[r][t]) {
      arrived_[r][t] = progress = true;
      ++meeting.arrivals;
      meeting.latest = std::max(meeting.latest, ready);
    }
    if (meeting.arrivals < job_.groups[group].members.size()) return unknown;
    const Transfer& transfer = built_.traffic.transfers[built_.traffic.transfer(job_, group, task.what)];
    return meeting.latest + test::time_alone(built_.traffic, built_.fabric, transfer).base();
  }

  const Built& built_;
  const Job& job_;
  std::vector<std::vector<double>> ends_;
  std::vector<std::vector<bool>> arrived_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, Meeting> meetings_;
};

/// Bytes that must leave a set of members, of which `inside` are in it, for the operation to be right, whatever the algorithm. Payload as
/// in Steps; `root`: member 0 is inside, `last`: the last member is.
inline double least_bytes_out(const Payload& payload, double members, double inside, bool root, bool last)
{
  const double bytes = payload.bytes.base(), outside = members - inside;
  if (inside == 0 || outside == 0) return 0;
  switch (payload.operation) {
  case Operation::all_reduce:
    return bytes; // the sum of the inside
  case Operation::reduce_scatter:
    return bytes * outside / members; // the sum of the inside for each piece owned outside
  case Operation::all_gather:
    return bytes * inside / members; // the pieces owned inside
  case Operation::all_to_all:
    return bytes * inside * outside / members;
  case Operation::broadcast:
    return root ? bytes : 0;
  case Operation::send:
    return root && !last ? bytes : 0;
  }
  return 0;
}

} // namespace weft::folding_test
