// What every consumer of a Job relies on, checked once in time linear in its size: indices, waits, groups, slots, and that the
// members of a group issue the same operations in the same order (held by hashing each role's sequence per slot, never per rank).
#include "config/error.hpp"
#include "job/job.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace weft {
namespace {

[[noreturn]] void broken(const std::string& what) { throw LogicError("job: " + what); }

std::string quoted(const std::string& name) { return "'" + name + "'"; }
std::string number(std::size_t n) { return std::to_string(n); }

/// How a role uses a slot: which payloads in which order, as a count and a hash.
struct Sequence {
  std::uint64_t operations = 0, hash = 0;
  bool operator==(const Sequence&) const = default;
};

/// One step of splitmix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014) over (hash, value).
std::uint64_t mixed(std::uint64_t hash, std::uint64_t value)
{
  std::uint64_t z = hash + 0x9e3779b97f4a7c15ULL * (value + 1);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

void check_tables(const Job& job)
{
  constexpr std::size_t most = std::numeric_limits<std::uint8_t>::max() + std::size_t{1};
  if (job.lanes.size() > most) broken(number(job.lanes.size()) + " lanes (at most " + number(most) + ")");
  if (job.slots.size() > most) broken(number(job.slots.size()) + " slots (at most " + number(most) + ")");
  if (job.group_kinds.size() > most) broken(number(job.group_kinds.size()) + " group kinds (at most " + number(most) + ")");
  for (const Work& work : job.works)
    if (!std::isfinite(work.duration.base()) || work.duration < Seconds(0))
      broken("work " + quoted(work.name) + " has no finite duration of zero or more");
  for (const Payload& payload : job.payloads) {
    if (!std::isfinite(payload.bytes.base()) || payload.bytes < Bytes(0))
      broken("payload " + quoted(payload.name) + " has no finite size of zero or more");
    if (static_cast<std::size_t>(payload.operation) >= operation_names.size())
      broken("payload " + quoted(payload.name) + " has an unknown operation");
    if (static_cast<std::size_t>(payload.category) >= category_names.size())
      broken("payload " + quoted(payload.name) + " has an unknown category");
  }
}

void check_task(const Job& job, const Program& program, std::size_t t)
{
  const Task& task = program.tasks[t];
  const auto complain = [&](const std::string& what) { broken("program " + quoted(program.name) + ", task " + number(t) + ": " + what); };
  if (task.kind != TaskKind::compute && task.kind != TaskKind::communicate) complain("unknown kind");
  if (task.lane >= job.lanes.size()) complain("lane " + number(task.lane) + " of " + number(job.lanes.size()));
  const bool computes = task.kind == TaskKind::compute;
  const std::size_t entries = computes ? job.works.size() : job.payloads.size();
  if (task.what >= entries) complain((computes ? "work " : "payload ") + number(task.what) + " of " + number(entries));
  if (!computes && task.slot >= job.slots.size()) complain("slot " + number(task.slot) + " of " + number(job.slots.size()));
  if (task.waits > program.waits.size() || task.first_wait > program.waits.size() - task.waits)
    complain("its waits reach beyond the list of waits");
  for (const std::uint32_t wait : program.waits_of(task))
    if (wait >= t) complain("waits for task " + number(wait) + ", which does not come before it");
}

void check_ranks(const Job& job)
{
  if (job.groups_of.size() != job.ranks.size() * job.slots.size())
    broken("groups_of has " + number(job.groups_of.size()) + " entries for " + number(job.ranks.size()) + " ranks and " +
           number(job.slots.size()) + " slots");
  for (std::size_t r = 0; r < job.ranks.size(); ++r) {
    const Rank& rank = job.ranks[r];
    if (rank.role.index() >= job.programs.size())
      broken("rank " + number(r) + " has role " + number(rank.role.index()) + " of " + number(job.programs.size()));
    if (!std::isfinite(rank.slowdown) || rank.slowdown <= 0) broken("rank " + number(r) + " has no finite slowdown above zero");
  }
  for (std::size_t i = 0; i < job.groups_of.size(); ++i)
    if (job.groups_of[i] != Job::no_group && job.groups_of[i] >= job.groups.size())
      broken("rank " + number(i / job.slots.size()) + ", slot " + quoted(job.slots[i % job.slots.size()].name) + ": group " +
             number(job.groups_of[i]) + " of " + number(job.groups.size()));
}

/// A slot leads to groups of one kind only.
void check_slots(const Job& job)
{
  std::vector<std::uint32_t> kind(job.slots.size(), Job::no_group);
  for (std::size_t i = 0; i < job.groups_of.size(); ++i) {
    if (job.groups_of[i] == Job::no_group) continue;
    std::uint32_t& known = kind[i % job.slots.size()];
    const std::uint32_t found = job.groups[job.groups_of[i]].kind;
    if (known == Job::no_group) known = found;
    if (known != found)
      broken("slot " + quoted(job.slots[i % job.slots.size()].name) + " holds groups of kinds " + quoted(job.group_kinds[known]) + " and " +
             quoted(job.group_kinds[found]));
  }
}

/// Members exist, are distinct, and each finds the group in exactly one of its slots; nobody else finds it. Returns that slot, members of
/// group 0 first.
std::vector<std::uint8_t> check_groups(const Job& job)
{
  std::vector<std::uint8_t> slot_of_member;
  std::vector<std::uint32_t> last_group(job.ranks.size(), Job::no_group);
  for (std::size_t g = 0; g < job.groups.size(); ++g) {
    const Group& group = job.groups[g];
    if (group.kind >= job.group_kinds.size())
      broken("group " + number(g) + " has kind " + number(group.kind) + " of " + number(job.group_kinds.size()));
    if (group.members.empty()) broken("group " + number(g) + " has no members");
    for (const RankId member : group.members) {
      if (member.index() >= job.ranks.size())
        broken("group " + number(g) + " has member " + number(member.index()) + " of " + number(job.ranks.size()) + " ranks");
      if (last_group[member.index()] == g) broken("group " + number(g) + " has rank " + number(member.index()) + " twice");
      last_group[member.index()] = static_cast<std::uint32_t>(g);
      std::size_t found = job.slots.size(), times = 0;
      for (std::size_t s = 0; s < job.slots.size(); ++s)
        if (job.group_of(member, s) == g) {
          found = s;
          ++times;
        }
      if (times != 1)
        broken("rank " + number(member.index()) + " finds its group " + number(g) + " in " + number(times) + " slots (exactly one)");
      slot_of_member.push_back(static_cast<std::uint8_t>(found));
    }
  }
  // Every member accounts for one entry, so a surplus entry names a group its rank is not in.
  const auto entries = static_cast<std::size_t>(
      std::count_if(job.groups_of.begin(), job.groups_of.end(), [](std::uint32_t g) { return g != Job::no_group; }));
  if (entries != slot_of_member.size())
    broken(number(entries - slot_of_member.size()) + " entries of groups_of name a group their rank is not a member of");
  return slot_of_member;
}

/// Per role and slot, index role x slots + slot.
std::vector<Sequence> sequences(const Job& job)
{
  std::vector<Sequence> result(job.programs.size() * job.slots.size());
  for (std::size_t p = 0; p < job.programs.size(); ++p)
    for (const Task& task : job.programs[p].tasks) {
      if (task.kind != TaskKind::communicate) continue;
      Sequence& sequence = result[p * job.slots.size() + task.slot];
      ++sequence.operations;
      sequence.hash = mixed(sequence.hash, task.what);
    }
  return result;
}

/// The payloads a role sends through a slot, in order; only to word an error.
std::vector<std::uint32_t> payloads_through(const Program& program, std::size_t slot)
{
  std::vector<std::uint32_t> result;
  for (const Task& task : program.tasks)
    if (task.kind == TaskKind::communicate && task.slot == slot) result.push_back(task.what);
  return result;
}

[[noreturn]] void refuse_difference(const Job& job, std::size_t g, std::size_t member, std::size_t first_slot, std::size_t slot)
{
  const Group& group = job.groups[g];
  const auto expected = payloads_through(job.programs[job.ranks[group.members[0].index()].role.index()], first_slot);
  const auto issued = payloads_through(job.programs[job.ranks[group.members[member].index()].role.index()], slot);
  const auto at = std::mismatch(expected.begin(), expected.end(), issued.begin(), issued.end());
  const auto word = [&](const std::vector<std::uint32_t>& list, auto where) {
    return where == list.end() ? std::string("nothing") : quoted(job.payloads[*where].name);
  };
  broken("group " + number(g) + " (" + job.group_kinds[group.kind] + "): operation " +
         number(static_cast<std::size_t>(at.first - expected.begin())) + " of rank " + number(group.members[0].index()) + " is " +
         word(expected, at.first) + " but of rank " + number(group.members[member].index()) + " is " + word(issued, at.second) +
         " (members must issue the same operations in the same order)");
}

/// Members of a group issue the same payloads in the same order, and a send has a sender and a receiver.
void check_agreement(const Job& job, const std::vector<Sequence>& sequence, const std::vector<std::uint8_t>& slot_of_member)
{
  std::vector<std::uint8_t> sends(sequence.size(), 0); // per role and slot: a send goes through it
  for (std::size_t p = 0; p < job.programs.size(); ++p)
    for (const Task& task : job.programs[p].tasks)
      if (task.kind == TaskKind::communicate && job.payloads[task.what].operation == Operation::send)
        sends[p * job.slots.size() + task.slot] = 1;

  std::size_t next = 0;
  for (std::size_t g = 0; g < job.groups.size(); ++g) {
    const Group& group = job.groups[g];
    const std::size_t first_slot = slot_of_member[next];
    const std::size_t first = job.ranks[group.members[0].index()].role.index() * job.slots.size() + first_slot;
    if (sends[first] && group.members.size() != 2)
      broken("group " + number(g) + " (" + job.group_kinds[group.kind] + ") sends but has " + number(group.members.size()) +
             " members (a send has a sender and a receiver)");
    for (std::size_t m = 0; m < group.members.size(); ++m, ++next) {
      const std::size_t own = job.ranks[group.members[m].index()].role.index() * job.slots.size() + slot_of_member[next];
      if (!(sequence[own] == sequence[first])) refuse_difference(job, g, m, first_slot, slot_of_member[next]);
    }
  }
}

/// Each communication of a rank's program has a group in its slot.
void check_slots_filled(const Job& job, const std::vector<Sequence>& sequence)
{
  for (std::size_t r = 0; r < job.ranks.size(); ++r) {
    const std::size_t role = job.ranks[r].role.index();
    for (std::size_t s = 0; s < job.slots.size(); ++s)
      if (sequence[role * job.slots.size() + s].operations > 0 && job.groups_of[r * job.slots.size() + s] == Job::no_group)
        broken("rank " + number(r) + ": program " + quoted(job.programs[role].name) + " communicates through slot " +
               quoted(job.slots[s].name) + ", where the rank has no group");
  }
}

} // namespace

void check(const Job& job)
{
  check_tables(job);
  for (const Program& program : job.programs)
    for (std::size_t t = 0; t < program.tasks.size(); ++t) check_task(job, program, t);
  check_ranks(job);
  const std::vector<std::uint8_t> slot_of_member = check_groups(job);
  check_slots(job);
  const std::vector<Sequence> sequence = sequences(job);
  check_slots_filled(job, sequence);
  check_agreement(job, sequence, slot_of_member);
}

} // namespace weft
