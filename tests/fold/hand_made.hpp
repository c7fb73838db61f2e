// Jobs, traffic and links put together by hand, piece by piece: tests of folding say exactly what charges what.
#pragma once
#include "traffic/traffic.hpp"

#include <initializer_list>
#include <utility>
#include <vector>

namespace weft::hand_made {

/// A job under construction. Links are bare (capacity and medium): folding looks at nothing else.
struct Case {
  Job job;
  Traffic traffic;
  Fabric fabric;

  std::uint32_t link(Bandwidth capacity, std::uint16_t medium = 0)
  {
    fabric.links.push_back({{}, {}, capacity, Seconds(0), medium});
    return static_cast<std::uint32_t>(fabric.links.size() - 1);
  }
  std::uint8_t lane(const char* name)
  {
    job.lanes.emplace_back(name);
    return static_cast<std::uint8_t>(job.lanes.size() - 1);
  }
  std::uint8_t slot(const char* name)
  {
    job.slots.push_back({name});
    return static_cast<std::uint8_t>(job.slots.size() - 1);
  }
  /// A kind of group and the payloads its members use.
  std::uint8_t group_kind(const char* name, std::vector<std::uint32_t> payloads)
  {
    job.group_kinds.emplace_back(name);
    traffic.payloads_of.push_back(std::move(payloads));
    return static_cast<std::uint8_t>(job.group_kinds.size() - 1);
  }
  std::uint32_t work(Seconds duration)
  {
    job.works.push_back({"work", duration, Flops(0), Flops(0)});
    return static_cast<std::uint32_t>(job.works.size() - 1);
  }
  std::uint32_t payload(Bytes bytes)
  {
    job.payloads.push_back({"payload", Operation::all_reduce, bytes, Category::tensor});
    return static_cast<std::uint32_t>(job.payloads.size() - 1);
  }
  std::uint32_t role()
  {
    job.programs.push_back({"role", {}, {}});
    return static_cast<std::uint32_t>(job.programs.size() - 1);
  }
  /// All slots must be there before the first rank.
  std::uint32_t rank(std::uint32_t of_role, double slowdown = 1)
  {
    const auto number = static_cast<std::uint32_t>(job.ranks.size());
    job.ranks.push_back({RoleId{of_role}, AcceleratorId{number}, slowdown});
    job.groups_of.resize(job.groups_of.size() + job.slots.size(), Job::no_group);
    return number;
  }
  /// Members and the slot each holds the group in.
  std::uint32_t group(std::uint8_t kind, const std::vector<std::pair<std::uint32_t, std::uint8_t>>& members)
  {
    const auto number = static_cast<std::uint32_t>(job.groups.size());
    job.groups.push_back({kind, {}});
    for (const auto& [member, in_slot] : members) {
      job.groups.back().members.push_back(RankId{member});
      job.groups_of[member * job.slots.size() + in_slot] = number;
    }
    traffic.transfer_of.emplace_back();
    return number;
  }
  std::uint32_t flow(std::uint32_t group_number, const std::vector<Charge>& charges)
  {
    traffic.flows.push_back({static_cast<std::uint32_t>(traffic.charges.size()), static_cast<std::uint32_t>(charges.size())});
    traffic.charges.insert(traffic.charges.end(), charges.begin(), charges.end());
    traffic.flow_group.push_back(group_number);
    return static_cast<std::uint32_t>(traffic.flows.size() - 1);
  }
  struct PhaseUses {
    Seconds latency;
    std::vector<FlowUse> uses;
  };
  /// What the group does for the next payload of its kind.
  void transfer(std::uint32_t group_number, const std::vector<PhaseUses>& phases)
  {
    Transfer t;
    t.first_phase = static_cast<std::uint32_t>(traffic.phases.size());
    t.phases = static_cast<std::uint32_t>(phases.size());
    for (const PhaseUses& phase : phases) {
      traffic.phases.push_back(
          {phase.latency, static_cast<std::uint32_t>(traffic.uses.size()), static_cast<std::uint32_t>(phase.uses.size())});
      traffic.uses.insert(traffic.uses.end(), phase.uses.begin(), phase.uses.end());
    }
    traffic.transfer_of[group_number].push_back(static_cast<std::uint32_t>(traffic.transfers.size()));
    traffic.transfers.push_back(std::move(t));
  }
  std::uint32_t task(std::uint32_t of_role, Task t, const std::vector<std::uint32_t>& waits)
  {
    Program& program = job.programs[of_role];
    t.first_wait = static_cast<std::uint32_t>(program.waits.size());
    t.waits = static_cast<std::uint32_t>(waits.size());
    program.waits.insert(program.waits.end(), waits.begin(), waits.end());
    program.tasks.push_back(t);
    return static_cast<std::uint32_t>(program.tasks.size() - 1);
  }
  std::uint32_t compute(std::uint32_t of_role, std::uint8_t on_lane, std::uint32_t what, const std::vector<std::uint32_t>& waits = {})
  {
    return task(of_role, {TaskKind::compute, on_lane, 0, what, 0, 0, 0xffff}, waits);
  }
  std::uint32_t communicate(std::uint32_t of_role, std::uint8_t on_lane, std::uint8_t in_slot, std::uint32_t what,
                            const std::vector<std::uint32_t>& waits = {})
  {
    return task(of_role, {TaskKind::communicate, on_lane, in_slot, what, 0, 0, 0xffff}, waits);
  }
};

} // namespace weft::hand_made
