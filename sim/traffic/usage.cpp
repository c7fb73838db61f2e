#include "traffic/usage.hpp"

#include "config/error.hpp"

#include <algorithm>

namespace weft {
namespace {

/// Group kind of each slot, or no_group for a slot without groups.
std::vector<std::uint32_t> kind_of_slots(const Job& job)
{
  std::vector<std::uint32_t> kind(job.slots.size(), Job::no_group);
  for (std::size_t i = 0; i < job.groups_of.size(); ++i) {
    if (job.groups_of[i] == Job::no_group) continue;
    std::uint32_t& known = kind[i % job.slots.size()];
    const std::uint32_t found = job.groups[job.groups_of[i]].kind;
    if (known == Job::no_group) known = found;
    if (known != found)
      throw LogicError("traffic: slot '" + job.slots[i % job.slots.size()].name + "' holds groups of kinds '" + job.group_kinds[known] +
                       "' and '" + job.group_kinds[found] + "'");
  }
  return kind;
}

void sort_unique(std::vector<std::uint32_t>& list)
{
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

} // namespace

Usage usage_of(const Job& job)
{
  const std::vector<std::uint32_t> kind = kind_of_slots(job);
  Usage usage;
  usage.payloads_of.resize(job.group_kinds.size());
  usage.through.resize(job.programs.size() * job.slots.size());
  for (std::size_t role = 0; role < job.programs.size(); ++role) {
    for (const Task& task : job.programs[role].tasks) {
      if (task.kind != TaskKind::communicate) continue;
      std::vector<std::uint32_t>& list = usage.through[role * job.slots.size() + task.slot];
      if (list.empty() || list.back() != task.what) list.push_back(task.what);
    }
    for (std::size_t slot = 0; slot < job.slots.size(); ++slot) {
      std::vector<std::uint32_t>& list = usage.through[role * job.slots.size() + slot];
      if (list.empty()) continue;
      if (kind[slot] == Job::no_group)
        throw LogicError("traffic: program '" + job.programs[role].name + "' communicates through slot '" + job.slots[slot].name +
                         "', which no rank has a group in");
      sort_unique(list);
      std::vector<std::uint32_t>& all = usage.payloads_of[kind[slot]];
      all.insert(all.end(), list.begin(), list.end());
    }
  }
  for (std::vector<std::uint32_t>& all : usage.payloads_of) sort_unique(all);
  return usage;
}

std::vector<std::uint32_t> payloads_of_group(const Job& job, const Usage& usage, std::uint32_t group)
{
  std::vector<std::uint32_t> result;
  const RankId first = job.groups[group].members.front();
  const std::size_t role = job.ranks[first.index()].role.index();
  for (std::size_t slot = 0; slot < job.slots.size(); ++slot) {
    if (job.group_of(first, slot) != group) continue;
    const std::vector<std::uint32_t>& list = usage.through[role * job.slots.size() + slot];
    result.insert(result.end(), list.begin(), list.end());
  }
  sort_unique(result);
  return result;
}

} // namespace weft
