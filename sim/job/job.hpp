// The job: one program per role, ranks that play a role, groups of ranks that communicate. Small whatever the size of the fleet:
// ranks that do the same share one program, and nothing is expanded per rank and microbatch. See docs/architecture.md.
#pragma once
#include "collectives/collective.hpp"
#include "units/id.hpp"
#include "units/quantity.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace weft {

/// What a task's time counts as in the breakdown.
enum class Category : std::uint8_t { compute, tensor, context, expert, data, pipeline, other };
constexpr std::array<const char*, 7> category_names{"compute", "tensor", "context", "expert", "data", "pipeline", "other"};

enum class TaskKind : std::uint8_t { compute, communicate };

/// A piece of computation that programs refer to: one entry serves all microbatches and all equal stages.
struct Work {
  std::string name;     ///< "layer forward: attention", "optimizer"
  Seconds duration;     ///< on the chip at nominal speed
  Flops model_flops;    ///< counted for MFU
  Flops hardware_flops; ///< counted for HFU: with recomputation
  Category category = Category::compute; ///< other: of the host
};
/// A communication that programs refer to.
struct Payload {
  std::string name; ///< "layer forward all-reduce"
  Operation operation = Operation::all_reduce;
  Bytes bytes; ///< as Steps defines it; of a send: the message
  Category category = Category::other;
};

/// How a rank takes part in a group: the slot its program names. A rank has at most one group per slot.
/// Directed pairs use two slots, one of the sender, one of the receiver.
struct Slot {
  std::string name; ///< "tp", "dp", "embedding", "pp forward send", "pp forward receive", ...
};

/// One task of a program. It starts when it is the head of its lane and all tasks it waits for have ended.
struct Task {
  TaskKind kind = TaskKind::compute;
  std::uint8_t lane = 0;
  std::uint8_t slot = 0;                   ///< of a communication
  std::uint32_t what = 0;                  ///< index into works or payloads
  std::uint32_t first_wait = 0, waits = 0; ///< earlier tasks of this program, in Program::waits
  std::uint16_t microbatch = 0xffff;       ///< 0xffff: none
};

/// The tasks [first, end) of a program that are one pass of its schedule; two passes that run together share theirs.
struct PassTasks {
  std::uint32_t first = 0, end = 0;
};

/// What one role does in a step. Lanes are streams: tasks of one lane run in order.
struct Program {
  std::string name; ///< "stage 3"
  std::vector<Task> tasks;
  std::vector<std::uint32_t> waits;
  std::vector<PassTasks> passes{}; ///< in the schedule's order; empty where there is no schedule
  [[nodiscard]] std::span<const std::uint32_t> waits_of(const Task& task) const { return {waits.data() + task.first_wait, task.waits}; }
};

struct Rank {
  RoleId role;
  AcceleratorId device;
  double slowdown = 1; ///< stragglers: computations take this many times as long
};

/// A communicator (members in ring order) or an ordered pair (sender, receiver).
struct Group {
  std::uint8_t kind = 0; ///< index into Job::group_kinds
  std::vector<RankId> members;
};

/// Everything that will be played. Built by build_job, constant afterwards.
struct Job {
  std::vector<std::string> lanes; ///< lane names, shared by all programs: "compute", "tp", "dp", ...
  std::vector<Slot> slots;
  std::vector<std::string> group_kinds; ///< "tp", "dp", "pp forward", ...
  std::vector<Work> works;
  std::vector<Payload> payloads;
  std::vector<Program> programs; ///< by RoleId
  std::vector<Rank> ranks;       ///< by RankId
  std::vector<Group> groups;     ///< by GroupId
  /// groups_of[rank * slots.size() + slot]: the group, or no_group.
  std::vector<std::uint32_t> groups_of;
  static constexpr std::uint32_t no_group = 0xffffffff;

  [[nodiscard]] std::uint32_t group_of(RankId rank, std::size_t slot) const { return groups_of[rank.index() * slots.size() + slot]; }
};

/// Checks what every consumer relies on: indices in range, waits point backwards, each communication has a group in its slot,
/// and members of a group issue equal operations in the same order. Throws LogicError.
void check(const Job& job);

/// Text form for --dump job: diffable, one task per line.
std::string to_text(const Job& job);

} // namespace weft
