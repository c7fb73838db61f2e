// The proof that a group is alone on its links, and the time its transfers then take.
#include "fold/privacy.hpp"

#include <algorithm>
#include <optional>

namespace weft {
namespace {

constexpr std::uint32_t nobody = 0xffffffff, several = 0xfffffffe;

/// Per link: the one group whose flows charge it, nobody, or several.
std::vector<std::uint32_t> link_owners(const Traffic& traffic, std::size_t links)
{
  std::vector<std::uint32_t> owner(links, nobody);
  for (std::uint32_t flow = 0; flow < traffic.flows.size(); ++flow) {
    const std::uint32_t group = traffic.flow_group[flow];
    for (const Charge& charge : traffic.charges_of(flow)) {
      std::uint32_t& of = owner[charge.link];
      of = of == nobody || of == group ? group : several;
    }
  }
  return owner;
}

/// Per role and slot: whether the program communicates in that slot, on one lane only.
std::vector<std::vector<std::uint8_t>> single_lane_slots(const Job& job)
{
  constexpr std::uint32_t no_lane = 0x100;
  std::vector<std::vector<std::uint8_t>> single;
  for (const Program& program : job.programs) {
    std::vector<std::uint32_t> lane(job.slots.size(), no_lane);
    std::vector<std::uint8_t> ok(job.slots.size(), 0);
    for (const Task& task : program.tasks) {
      if (task.kind != TaskKind::communicate) continue;
      ok[task.slot] = lane[task.slot] == no_lane || (ok[task.slot] && lane[task.slot] == task.lane);
      lane[task.slot] = task.lane;
    }
    single.push_back(std::move(ok));
  }
  return single;
}

/// The slot in which all members of one role hold the group, if there is one.
std::optional<std::uint8_t> common_slot(const Job& job, std::uint32_t group)
{
  const auto& members = job.groups[group].members;
  std::optional<std::uint8_t> common;
  for (const RankId member : members) {
    if (job.ranks[member.index()].role != job.ranks[members.front().index()].role) return std::nullopt;
    for (std::size_t slot = 0; slot < job.slots.size(); ++slot) {
      if (job.group_of(member, slot) != group) continue;
      if (common && *common != slot) return std::nullopt;
      common = static_cast<std::uint8_t>(slot);
    }
  }
  return common;
}

/// Plays phases on links that carry nothing else. Answers per transfer, or nothing when the links are not the group's own.
class AloneClock {
public:
  AloneClock(const Traffic& traffic, const Fabric& fabric)
      : traffic_(traffic), fabric_(fabric), owner_(link_owners(traffic, fabric.links.size())), seen_(fabric.links.size(), 0)
  {
  }

  std::optional<Seconds> duration(std::uint32_t group, const Transfer& transfer)
  {
    if (!transfer.steps.empty()) return std::nullopt;
    Seconds total;
    for (std::uint32_t p = 0; p < transfer.phases; ++p) {
      const std::optional<Seconds> time = duration(group, traffic_.phases[transfer.first_phase + p]);
      if (!time) return std::nullopt;
      total += *time;
    }
    return total;
  }

private:
  std::optional<Seconds> duration(std::uint32_t group, const TransferPhase& phase)
  {
    ++stamp_;
    Seconds longest;
    for (std::uint32_t u = 0; u < phase.uses; ++u) {
      const FlowUse& use = traffic_.uses[phase.first_use + u];
      Seconds one_byte; // the flow's time per byte: that of its slowest link
      for (const Charge& charge : traffic_.charges_of(use.flow)) {
        if (owner_[charge.link] != group || seen_[charge.link] == stamp_) return std::nullopt;
        seen_[charge.link] = stamp_;
        one_byte = std::max(one_byte, Bytes(charge.weight) / fabric_.links[charge.link].capacity);
      }
      longest = std::max(longest, one_byte * use.bytes.base());
    }
    return phase.latency + longest;
  }

  const Traffic& traffic_;
  const Fabric& fabric_;
  std::vector<std::uint32_t> owner_;
  std::vector<std::uint64_t> seen_; // per link: the phase that charged it last
  std::uint64_t stamp_ = 0;
};

PrivateGroup examine(const Job& job, const Traffic& traffic, std::uint32_t group, AloneClock& clock)
{
  PrivateGroup result;
  const std::optional<std::uint8_t> slot = common_slot(job, group);
  if (!slot) return result;
  for (const std::uint32_t transfer : traffic.transfer_of[group]) {
    const std::optional<Seconds> time = clock.duration(group, traffic.transfers[transfer]);
    if (!time) return PrivateGroup{};
    result.durations.push_back(*time);
  }
  result.is_private = true;
  result.slot = *slot;
  result.slowdown = 0;
  for (const RankId member : job.groups[group].members) result.slowdown = std::max(result.slowdown, job.ranks[member.index()].slowdown);
  return result;
}

} // namespace

std::vector<PrivateGroup> find_private_groups(const Job& job, const Traffic& traffic, const Fabric& fabric, const Folding& folding)
{
  const auto single_lane = single_lane_slots(job);
  AloneClock clock(traffic, fabric);
  std::vector<PrivateGroup> result;
  for (const GroupClass& group : folding.groups) {
    PrivateGroup found = examine(job, traffic, group.representative.value, clock);
    if (found.is_private) {
      const RankId member = job.groups[group.representative.index()].members.front();
      found.is_private = single_lane[job.ranks[member.index()].role.index()][found.slot] != 0;
    }
    result.push_back(std::move(found));
  }
  return result;
}

} // namespace weft
