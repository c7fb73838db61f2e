// Plays a folding in the plainest way there is: every event solves the fair sharing of all active flows anew by filling links up
// together, and looks at every timer and flow for the next date. Slow, obvious, and independent of the engine.
#pragma once
#include "fold/folding.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <stdexcept>
#include <vector>

namespace weft::reference {

/// When each action of each rank class began (a meeting: when all were there) and ended, and what one link of each class carried.
struct Played {
  std::vector<std::vector<double>> begin, end;
  std::vector<double> link_bytes;
};

class Player {
public:
  explicit Player(const Folding& folding) : f_(folding)
  {
    for (const RankClass& rank : f_.ranks) {
      const std::size_t actions = f_.scripts[rank.script].actions.size();
      played_.begin.emplace_back(actions, -1.0);
      played_.end.emplace_back(actions, -1.0);
      started_.emplace_back(actions, false);
      met_.emplace_back(rank.group_of_slot.size(), 0);
    }
    played_.link_bytes.assign(f_.links.size(), 0.0);
  }

  Played play()
  {
    for (std::uint32_t c = 0; c < f_.ranks.size(); ++c) start_ready(c);
    while (!timers_.empty() || !flows_.empty()) advance();
    for (std::size_t c = 0; c < f_.ranks.size(); ++c) {
      for (const double end : played_.end[c]) {
        if (end < 0) throw std::runtime_error("deadlock in the reference player");
      }
    }
    return played_;
  }

private:
  struct Timer {
    double due;
    std::function<void()> then;
  };
  struct Active {
    std::uint32_t flow;
    double left, rate;
    std::function<void()> then;
  };
  struct Meeting {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> arrived; // rank class, action
  };

  const Script& script(std::uint32_t c) const { return f_.scripts[f_.ranks[c].script]; }

  void start_ready(std::uint32_t c)
  {
    const Script& s = script(c);
    std::vector<bool> lane_blocked(256, false);
    for (std::uint32_t a = 0; a < s.actions.size(); ++a) {
      const Action& action = s.actions[a];
      if (played_.end[c][a] >= 0) continue;
      const bool blocked = lane_blocked[action.lane];
      lane_blocked[action.lane] = true;
      if (blocked || started_[c][a]) continue;
      const auto waits = s.waits_of(action);
      if (std::all_of(waits.begin(), waits.end(), [&](std::uint32_t w) { return played_.end[c][w] >= 0; })) start(c, a);
    }
  }

  void start(std::uint32_t c, std::uint32_t a)
  {
    started_[c][a] = true;
    const Action& action = script(c).actions[a];
    if (action.kind == Action::Kind::timer) {
      played_.begin[c][a] = now_;
      timers_.push_back({now_ + action.duration.base(), [this, c, a] { finish(c, a); }});
      return;
    }
    const std::uint32_t group = f_.ranks[c].group_of_slot[action.slot];
    const std::pair<std::uint32_t, std::uint32_t> key{group, met_[c][action.slot]++};
    meetings_[key].arrived.emplace_back(c, a);
    if (meetings_[key].arrived.size() < f_.groups[group].arrivals) return;
    const Meeting meeting = meetings_[key];
    for (const auto& [rank, number] : meeting.arrived) played_.begin[rank][number] = now_;
    if (action.segment != Action::no_segment) {
      account_fused(c, action, group);
      timers_.push_back({now_ + action.duration.base(), [this, meeting] { finish_all(meeting); }});
    } else {
      start_phase(meeting, f_.traffic.transfers[transfer_of(f_, group, action.payload)], 0);
    }
  }

  /// What the transfers inside a fused meeting put on the links.
  void account_fused(std::uint32_t c, const Action& action, std::uint32_t group)
  {
    const Program& program = f_.job->programs[script(c).role];
    for (const SegmentPart& part : script(c).segments[action.segment].parts) {
      const Task& task = program.tasks[action.task + part.task];
      if (task.kind != TaskKind::communicate) continue;
      const Transfer& transfer = f_.traffic.transfers[transfer_of(f_, group, task.what)];
      for (std::uint32_t p = 0; p < transfer.phases; ++p) {
        const TransferPhase& phase = f_.traffic.phases[transfer.first_phase + p];
        for (std::uint32_t u = 0; u < phase.uses; ++u) account(f_.traffic.uses[phase.first_use + u]);
      }
    }
  }
  void account(const FlowUse& use)
  {
    for (const Charge& charge : f_.traffic.charges_of(use.flow)) played_.link_bytes[charge.link] += charge.weight * use.bytes.base();
  }

  void start_phase(Meeting meeting, const Transfer& transfer, std::uint32_t p)
  {
    if (p == transfer.phases) return finish_all(meeting);
    const TransferPhase& phase = f_.traffic.phases[transfer.first_phase + p];
    timers_.push_back({now_ + phase.latency.base(), [this, meeting, &transfer, &phase, p] {
                         auto left = std::make_shared<std::uint32_t>(phase.uses);
                         if (phase.uses == 0) start_phase(meeting, transfer, p + 1);
                         for (std::uint32_t u = 0; u < phase.uses; ++u) {
                           const FlowUse& use = f_.traffic.uses[phase.first_use + u];
                           account(use);
                           flows_.push_back({use.flow, use.bytes.base(), 0, [this, meeting, &transfer, p, left] {
                                               if (--*left == 0) start_phase(meeting, transfer, p + 1);
                                             }});
                         }
                       }});
  }

  void finish_all(const Meeting& meeting)
  {
    for (const auto& [rank, number] : meeting.arrived) played_.end[rank][number] = now_;
    for (const auto& [rank, number] : meeting.arrived) start_ready(rank);
  }
  void finish(std::uint32_t c, std::uint32_t a)
  {
    played_.end[c][a] = now_;
    start_ready(c);
  }

  /// Max-min fair rates: all rates rise together; a full link stops the flows on it (Bertsekas and Gallager, Data Networks, 6.5.2).
  void solve()
  {
    std::vector<double> room;
    for (const LinkClass& link : f_.links) room.push_back(link.capacity.base());
    std::vector<bool> fixed(flows_.size(), false);
    for (Active& flow : flows_) flow.rate = 0;
    while (true) {
      std::vector<double> load(room.size(), 0.0);
      for (std::size_t i = 0; i < flows_.size(); ++i) {
        if (fixed[i]) continue;
        for (const Charge& charge : f_.traffic.charges_of(flows_[i].flow)) load[charge.link] += charge.weight;
      }
      double rise = std::numeric_limits<double>::infinity();
      for (std::size_t l = 0; l < room.size(); ++l) {
        if (load[l] > 0) rise = std::min(rise, room[l] / load[l]);
      }
      if (rise == std::numeric_limits<double>::infinity()) return;
      std::vector<bool> full(room.size(), false);
      for (std::size_t l = 0; l < room.size(); ++l) {
        if (load[l] <= 0) continue;
        full[l] = room[l] / load[l] <= rise * (1 + 1e-12);
        room[l] = std::max(0.0, room[l] - rise * load[l]);
      }
      for (std::size_t i = 0; i < flows_.size(); ++i) {
        if (fixed[i]) continue;
        flows_[i].rate += rise;
        for (const Charge& charge : f_.traffic.charges_of(flows_[i].flow)) fixed[i] = fixed[i] || full[charge.link];
      }
    }
  }

  void advance()
  {
    solve();
    double next = std::numeric_limits<double>::infinity();
    for (const Timer& timer : timers_) next = std::min(next, timer.due);
    for (const Active& flow : flows_) next = std::min(next, now_ + flow.left / flow.rate);
    const double span = next - now_;
    for (Active& flow : flows_) flow.left -= flow.rate * span;
    now_ = next;
    // What is due within rounding noise is due now: equal flows must not end one after the other.
    const double noise = 1e-13 * std::max(now_, 1e-9);
    std::vector<std::function<void()>> due;
    std::erase_if(timers_, [&](Timer& timer) { return timer.due <= now_ + noise && (due.push_back(std::move(timer.then)), true); });
    std::erase_if(flows_, [&](Active& flow) { return flow.left <= flow.rate * noise && (due.push_back(std::move(flow.then)), true); });
    for (const auto& then : due) then();
  }

  const Folding& f_;
  Played played_;
  double now_ = 0;
  std::vector<Timer> timers_;
  std::vector<Active> flows_;
  std::vector<std::vector<bool>> started_;
  std::vector<std::vector<std::uint32_t>> met_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, Meeting> meetings_;
};

inline Played play(const Folding& folding) { return Player(folding).play(); }

} // namespace weft::reference
