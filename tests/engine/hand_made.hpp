// Foldings made by hand, for tests of the engine: links, flows, groups and programs in a few words each.
#pragma once
#include "engine/isolated.hpp"
#include "fold/folding.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace weft::hand_made {

/// A job under construction. Every group has a kind of its own, every payload belongs to one group.
class Play {
  std::unique_ptr<Job> job_ = std::make_unique<Job>();
  Folding folding_;

public:
  explicit Play(std::vector<std::string> lanes = {"compute", "network"})
  {
    job_->lanes = std::move(lanes);
    folding_.job = job_.get();
  }
  Play(Play&&) = default;
  ~Play() = default;
  Play(const Play&) = delete;
  Play& operator=(const Play&) = delete;
  Play& operator=(Play&&) = delete;

  Folding& folding() { return folding_; }
  [[nodiscard]] const Folding& folding() const { return folding_; }
  Job& job() { return *job_; }

  std::uint32_t link(double bytes_per_second)
  {
    folding_.links.push_back({.links = 1, .representative = {}, .capacity = Bandwidth(bytes_per_second)});
    return static_cast<std::uint32_t>(folding_.links.size() - 1);
  }
  std::uint32_t flow(std::vector<Charge> path)
  {
    Traffic& traffic = folding_.traffic;
    std::sort(path.begin(), path.end(), [](const Charge& a, const Charge& b) { return a.link < b.link; });
    traffic.flows.push_back({static_cast<std::uint32_t>(traffic.charges.size()), static_cast<std::uint32_t>(path.size())});
    traffic.charges.insert(traffic.charges.end(), path.begin(), path.end());
    return static_cast<std::uint32_t>(traffic.flows.size() - 1);
  }
  /// A transfer of one phase after `latency`; `then` adds more phases to the last transfer.
  std::uint32_t transfer(double latency, const std::vector<FlowUse>& uses)
  {
    folding_.traffic.transfers.push_back({.algorithm = 0,
                                          .protocol = 0,
                                          .first_phase = static_cast<std::uint32_t>(folding_.traffic.phases.size()),
                                          .phases = 0,
                                          .step_latency = {},
                                          .steps = {}});
    then(latency, uses);
    return static_cast<std::uint32_t>(folding_.traffic.transfers.size() - 1);
  }
  void then(double latency, const std::vector<FlowUse>& uses)
  {
    Traffic& traffic = folding_.traffic;
    traffic.phases.push_back({Seconds(latency), static_cast<std::uint32_t>(traffic.uses.size()), static_cast<std::uint32_t>(uses.size())});
    traffic.uses.insert(traffic.uses.end(), uses.begin(), uses.end());
    traffic.transfers.back().phases++;
  }
  /// A transfer played message by message.
  std::uint32_t steps(double latency, std::vector<std::vector<StepMessage>> messages)
  {
    folding_.traffic.transfers.push_back(
        {.algorithm = 0, .protocol = 0, .first_phase = 0, .phases = 0, .step_latency = Seconds(latency), .steps = std::move(messages)});
    return static_cast<std::uint32_t>(folding_.traffic.transfers.size() - 1);
  }
  /// A group of rank classes, met by each through the slot of the same number; its meetings may play any of `transfers`.
  std::uint32_t group(const std::vector<std::uint32_t>& members, const std::vector<std::uint32_t>& transfers)
  {
    const auto index = static_cast<std::uint32_t>(folding_.groups.size());
    job_->slots.push_back({.name = "slot " + std::to_string(index)});
    job_->group_kinds.push_back("group " + std::to_string(index));
    job_->groups.push_back({.kind = static_cast<std::uint8_t>(index), .members = {}});
    folding_.groups.push_back({.groups = 1, .representative = GroupId{index}, .arrivals = static_cast<std::uint32_t>(members.size())});
    std::vector<std::uint32_t> payloads;
    for (std::size_t i = 0; i < transfers.size(); i++) {
      payloads.push_back(static_cast<std::uint32_t>(job_->payloads.size()));
      job_->payloads.emplace_back();
    }
    folding_.traffic.payloads_of.push_back(payloads);
    folding_.traffic.transfer_of.push_back(transfers);
    for (RankClass& rank : folding_.ranks) rank.group_of_slot.resize(job_->slots.size(), Job::no_group);
    for (const std::uint32_t member : members) folding_.ranks[member].group_of_slot[index] = index;
    return index;
  }
  /// A rank class with a script of its own.
  std::uint32_t rank()
  {
    const auto index = static_cast<std::uint32_t>(folding_.ranks.size());
    job_->programs.emplace_back();
    folding_.scripts.push_back({.role = index, .slowdown = 1, .actions = {}, .waits = {}, .segments = {}});
    folding_.ranks.push_back({.script = index, .ranks = 1, .representative = RankId{index}, .group_of_slot = {}});
    folding_.ranks.back().group_of_slot.resize(job_->slots.size(), Job::no_group);
    return index;
  }
  /// Computes for `seconds` on lane 0 or another.
  std::uint32_t compute(std::uint32_t rank, double seconds, const std::vector<std::uint32_t>& waits = {}, std::uint8_t lane = 0)
  {
    Action action;
    action.lane = lane;
    action.duration = Seconds(seconds);
    return add(rank, action, {.kind = TaskKind::compute, .lane = lane}, waits);
  }
  /// Meets `group` to play its k-th transfer, on lane 1 or another.
  std::uint32_t meet(std::uint32_t rank, std::uint32_t group, std::uint32_t k = 0, const std::vector<std::uint32_t>& waits = {},
                     std::uint8_t lane = 1)
  {
    Action action;
    action.kind = Action::Kind::meet;
    action.lane = lane;
    action.slot = static_cast<std::uint8_t>(group);
    action.payload = folding_.traffic.payloads_of[group][k];
    return add(rank, action, {.kind = TaskKind::communicate, .lane = lane, .slot = action.slot, .what = action.payload}, waits);
  }
  std::uint32_t add(std::uint32_t rank, Action action, Task task, const std::vector<std::uint32_t>& waits)
  {
    Script& script = folding_.scripts[folding_.ranks[rank].script];
    action.first_wait = static_cast<std::uint32_t>(script.waits.size());
    action.waits = static_cast<std::uint32_t>(waits.size());
    script.waits.insert(script.waits.end(), waits.begin(), waits.end());
    auto& tasks = job_->programs[script.role].tasks;
    action.task = static_cast<std::uint32_t>(tasks.size());
    tasks.push_back(task);
    script.actions.push_back(action);
    return static_cast<std::uint32_t>(script.actions.size() - 1);
  }
  /// A rank class that does nothing but start one transfer after `delay` and see its end.
  std::uint32_t lone_transfer(double latency, const std::vector<FlowUse>& uses, double delay = 0)
  {
    const std::uint32_t one = rank();
    const std::uint32_t only = group({one}, {transfer(latency, uses)});
    std::vector<std::uint32_t> waits;
    if (delay > 0) waits.push_back(compute(one, delay));
    meet(one, only, 0, waits);
    return one;
  }
};

/// Quiet settings: an engine, and as many bins as wanted.
inline EngineSettings settings(EngineKind kind = EngineKind::fluid, int bins = 0)
{
  EngineSettings chosen;
  chosen.kind = kind;
  chosen.utilisation_bins = bins;
  return chosen;
}

/// End of the last action of a rank class.
inline double end_of(const Trace& trace, std::uint32_t rank) { return trace.spans.at(rank).back().end.base(); }

} // namespace weft::hand_made
