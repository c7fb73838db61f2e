// Cuts the chains of a program into actions and writes one script per distinct way of playing it.
// A chain starts each task the moment the one before it ends (lane_order.hpp), so
// - computations that follow one another are one timer;
// - meetings of one private group with computations in between are one meeting: after the first arrival of all, everything is fixed.
//   Between two meetings the group waits for its slowest member, so a run of computations takes its time times the largest slowdown.
// What an action leaves out is that it holds one lane only: whoever follows on another lane waits for it explicitly.
#include "fold/script.hpp"

#include "config/error.hpp"
#include "fold/lane_order.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <optional>
#include <span>

namespace weft {
namespace {

using Key = std::vector<std::uint64_t>;

/// The group a rank class holds in a slot, if it is private.
struct SlotGroup {
  const PrivateGroup* group = nullptr;
  const std::vector<std::uint32_t>* payloads = nullptr; ///< payload of each of the group's durations
  [[nodiscard]] Seconds duration(std::uint32_t payload) const
  {
    const auto at = std::lower_bound(payloads->begin(), payloads->end(), payload);
    if (at == payloads->end() || *at != payload)
      throw LogicError("payload " + std::to_string(payload) + " is not used by its group's kind");
    return group->durations[static_cast<std::size_t>(at - payloads->begin())];
  }
};

/// A run of neighbours of a chain that becomes one action.
struct Piece {
  std::span<const std::uint32_t> tasks;
  bool fused_meeting = false;
};

/// A program with what fusion knows of it, shared by all its scripts.
struct Analysis {
  LaneOrder order;
  std::vector<std::vector<std::uint32_t>> chains;
};

Analysis analyse(const Program& program, std::size_t lanes)
{
  Analysis analysis{lane_order(program, lanes), {}};
  analysis.chains = find_chains(program, analysis.order);
  return analysis;
}

/// Writes one script.
class ScriptWriter {
public:
  ScriptWriter(const Job& job, std::uint32_t role, double slowdown, std::span<const SlotGroup> slots)
      : job_(job), program_(job.programs[role]), slots_(slots)
  {
    script_.role = role;
    script_.slowdown = slowdown;
  }

  /// One action per task, waits as the program has them.
  Script plain()
  {
    script_.waits = program_.waits;
    for (std::uint32_t t = 0; t < program_.tasks.size(); ++t) {
      Action action = action_of_task(t);
      action.first_wait = program_.tasks[t].first_wait;
      action.waits = program_.tasks[t].waits;
      script_.actions.push_back(action);
    }
    return std::move(script_);
  }

  Script fused(const Analysis& analysis)
  {
    std::vector<Piece> pieces;
    for (const auto& chain : analysis.chains) cut(chain, pieces);
    // Where its first task stood: all that a piece waits for then stands before it.
    std::sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) { return a.tasks.front() < b.tasks.front(); });
    action_of_.resize(program_.tasks.size());
    for (std::uint32_t i = 0; i < pieces.size(); ++i) {
      for (const std::uint32_t task : pieces[i].tasks) action_of_[task] = i;
    }
    for (const Piece& piece : pieces) {
      Action action = action_of_task(piece.tasks.front());
      add_waits(analysis.order, piece.tasks.front(), action);
      if (piece.fused_meeting)
        fill_meeting(piece.tasks, action);
      else if (piece.tasks.size() > 1)
        fill_timer(piece.tasks, action);
      script_.actions.push_back(action);
    }
    return std::move(script_);
  }

private:
  [[nodiscard]] bool computes(std::uint32_t task) const { return program_.tasks[task].kind == TaskKind::compute; }
  [[nodiscard]] Seconds own_duration(std::uint32_t task) const { return job_.works[program_.tasks[task].what].duration * script_.slowdown; }

  [[nodiscard]] Action action_of_task(std::uint32_t t) const
  {
    const Task& task = program_.tasks[t];
    Action action;
    action.lane = task.lane;
    action.task = t;
    if (computes(t)) {
      action.duration = own_duration(t);
    } else {
      action.kind = Action::Kind::meet;
      action.slot = task.slot;
      action.payload = task.what;
    }
    return action;
  }

  /// The longest runs: of computations, and from a private meeting to the last one of the same group before another group's.
  void cut(std::span<const std::uint32_t> chain, std::vector<Piece>& pieces) const
  {
    for (std::size_t i = 0; i < chain.size();) {
      std::size_t end = i + 1;
      bool fused = false;
      if (computes(chain[i])) {
        while (end < chain.size() && computes(chain[end])) ++end;
      } else if (const std::uint8_t slot = program_.tasks[chain[i]].slot; slots_[slot].group != nullptr) {
        fused = true;
        for (std::size_t j = end; j < chain.size(); ++j) {
          if (computes(chain[j])) continue;
          if (program_.tasks[chain[j]].slot != slot) break;
          end = j + 1;
        }
      }
      pieces.push_back({chain.subspan(i, end - i), fused});
      i = end;
    }
  }

  void add_waits(const LaneOrder& order, std::uint32_t task, Action& action)
  {
    std::vector<std::uint32_t> before(program_.waits_of(program_.tasks[task]).begin(), program_.waits_of(program_.tasks[task]).end());
    if (order.lane_previous[task] != LaneOrder::none) before.push_back(order.lane_previous[task]);
    action.first_wait = static_cast<std::uint32_t>(script_.waits.size());
    for (const std::uint32_t p : before) {
      const std::uint32_t on = action_of_[p];
      const bool implied = script_.actions[on].lane == action.lane ||
                           std::any_of(before.begin(), before.end(), [&](std::uint32_t q) { return order.precedes(program_, p, q); });
      const auto own = script_.waits.begin() + action.first_wait;
      if (!implied && std::find(own, script_.waits.end(), on) == script_.waits.end()) script_.waits.push_back(on);
    }
    action.waits = static_cast<std::uint32_t>(script_.waits.size()) - action.first_wait;
  }

  void fill_timer(std::span<const std::uint32_t> tasks, Action& action)
  {
    std::vector<SegmentPart> parts;
    Seconds offset;
    for (const std::uint32_t task : tasks) {
      parts.push_back({offset, own_duration(task), task - tasks.front(), program_.tasks[task].lane});
      offset += own_duration(task);
    }
    action.duration = offset;
    action.segment = segment(std::move(parts));
  }

  void fill_meeting(std::span<const std::uint32_t> tasks, Action& action)
  {
    const SlotGroup& slot = slots_[action.slot];
    std::vector<SegmentPart> parts;
    Seconds fixed; // when the last transfer ended, plus the slowest member's computations since
    Seconds own;   // this rank's computations since
    Seconds slowest;
    for (const std::uint32_t t : tasks) {
      const Task& task = program_.tasks[t];
      if (computes(t)) {
        parts.push_back({fixed + own, own_duration(t), t - tasks.front(), task.lane});
        own += own_duration(t);
        slowest += job_.works[task.what].duration * slot.group->slowdown;
        continue;
      }
      fixed += slowest;
      own = slowest = Seconds(0);
      parts.push_back({fixed, slot.duration(task.what), t - tasks.front(), task.lane});
      fixed += slot.duration(task.what);
    }
    action.duration = fixed;
    action.segment = segment(std::move(parts));
  }

  /// The number of a segment; equal ones are stored once.
  std::uint32_t segment(std::vector<SegmentPart> parts)
  {
    Key key;
    for (const SegmentPart& part : parts) {
      key.insert(key.end(), {std::bit_cast<std::uint64_t>(part.offset.base()), std::bit_cast<std::uint64_t>(part.duration.base()),
                             part.task, part.lane});
    }
    const auto [at, added] = segments_.try_emplace(std::move(key), static_cast<std::uint32_t>(script_.segments.size()));
    if (added) script_.segments.push_back({std::move(parts)});
    return at->second;
  }

  const Job& job_;
  const Program& program_;
  std::span<const SlotGroup> slots_;
  Script script_;
  std::vector<std::uint32_t> action_of_;
  std::map<Key, std::uint32_t> segments_;
};

/// Numbers private groups from 1 so that those with equal times share a number; 0: not private.
std::vector<std::uint32_t> number_groups(const std::vector<PrivateGroup>& groups)
{
  std::map<Key, std::uint32_t> numbers;
  std::vector<std::uint32_t> result;
  for (const PrivateGroup& group : groups) {
    Key key{group.slot, std::bit_cast<std::uint64_t>(group.slowdown)};
    for (const Seconds duration : group.durations) key.push_back(std::bit_cast<std::uint64_t>(duration.base()));
    result.push_back(group.is_private ? numbers.try_emplace(std::move(key), static_cast<std::uint32_t>(numbers.size()) + 1).first->second
                                      : 0);
  }
  return result;
}

} // namespace

void write_scripts(Folding& folding, const std::vector<PrivateGroup>& groups, FuseMode fuse)
{
  const Job& job = *folding.job;
  const std::vector<std::uint32_t> numbers = number_groups(groups);
  std::vector<std::optional<Analysis>> analyses(job.programs.size());
  std::map<Key, std::uint32_t> scripts;
  for (RankClass& rank : folding.ranks) {
    const Rank& of = job.ranks[rank.representative.index()];
    Key key{of.role.value, std::bit_cast<std::uint64_t>(of.slowdown)};
    std::vector<SlotGroup> slots(job.slots.size());
    for (std::size_t slot = 0; slot < slots.size(); ++slot) {
      const std::uint32_t group = rank.group_of_slot[slot];
      const bool known = group != Job::no_group && group < groups.size() && groups[group].is_private;
      key.push_back(known ? numbers[group] : 0);
      if (!known) continue;
      const std::uint8_t kind = job.groups[folding.groups[group].representative.index()].kind;
      slots[slot] = {&groups[group], &folding.traffic.payloads_of[kind]};
    }
    const auto [at, added] = scripts.try_emplace(std::move(key), static_cast<std::uint32_t>(folding.scripts.size()));
    rank.script = at->second;
    if (!added) continue;
    ScriptWriter writer(job, of.role.value, of.slowdown, slots);
    std::optional<Analysis>& analysis = analyses[of.role.index()];
    if (fuse == FuseMode::automatic && !analysis) analysis = analyse(job.programs[of.role.index()], job.lanes.size());
    folding.scripts.push_back(fuse == FuseMode::off ? writer.plain() : writer.fused(*analysis));
  }
}

} // namespace weft
