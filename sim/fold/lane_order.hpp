// What a program's lanes and waits say about order: which tasks have certainly ended when a task starts.
#pragma once
#include "job/job.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace weft {

/// Precedence among the tasks of one program. A task follows the previous task of its lane and all tasks it waits for.
/// Since each lane is a total order, one number per lane tells everything a task comes after (a vector clock: Fidge 1988, Mattern 1989).
struct LaneOrder {
  std::size_t lanes = 0;
  std::vector<std::uint32_t> position;        ///< per task: its place on its lane
  std::vector<std::uint32_t> lane_previous;   ///< per task: the task before it on its lane, or none
  std::vector<std::uint32_t> ended;           ///< per task and lane: how many tasks of that lane have ended when it starts
  std::vector<std::uint32_t> first_successor; ///< per task, and one more: rows of `successors`
  std::vector<std::uint32_t> successors;      ///< tasks that directly follow: next on the lane, or waiting
  static constexpr std::uint32_t none = 0xffffffff;

  /// Whether `earlier` has ended whenever `later` starts.
  [[nodiscard]] bool precedes(const Program& program, std::uint32_t earlier, std::uint32_t later) const
  {
    return ended[later * lanes + program.tasks[earlier].lane] > position[earlier];
  }
  [[nodiscard]] std::span<const std::uint32_t> successors_of(std::uint32_t task) const
  {
    return {successors.data() + first_successor[task], first_successor[task + 1] - first_successor[task]};
  }
};

LaneOrder lane_order(const Program& program, std::size_t lanes);

/// Tasks that run one directly after the other, whatever else happens: each starts the moment its predecessor ends, and whoever else
/// follows an inner one also follows the last. Every task is in exactly one chain; chains are ordered by first task.
/// Any run of neighbours within a chain has the same two properties.
std::vector<std::vector<std::uint32_t>> find_chains(const Program& program, const LaneOrder& order);

} // namespace weft
