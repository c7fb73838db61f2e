// The job as text: one thing per line, names beside numbers, in the order of the tables, so that two dumps can be compared line by line.
#include "units/text.hpp"
#include "job/job.hpp"

#include <sstream>

namespace weft {
namespace {

template <class Named, class NameOf>
void write_names(std::ostream& out, const char* what, const std::vector<Named>& list, NameOf name_of_item)
{
  for (std::size_t i = 0; i < list.size(); ++i) out << what << ' ' << i << " \"" << name_of_item(list[i]) << "\"\n";
}

void write_tables(std::ostream& out, const Job& job)
{
  const auto itself = [](const std::string& name) { return name; };
  write_names(out, "lane", job.lanes, itself);
  write_names(out, "slot", job.slots, [](const Slot& slot) { return slot.name; });
  write_names(out, "group-kind", job.group_kinds, itself);
  for (std::size_t i = 0; i < job.works.size(); ++i) {
    const Work& work = job.works[i];
    out << "work " << i << " \"" << work.name << "\" " << exact_text(work.duration) << " model " << exact_text(work.model_flops)
        << " hardware " << exact_text(work.hardware_flops) << '\n';
  }
  for (std::size_t i = 0; i < job.payloads.size(); ++i) {
    const Payload& payload = job.payloads[i];
    out << "payload " << i << " \"" << payload.name << "\" " << operation_names[static_cast<std::size_t>(payload.operation)] << ' '
        << exact_text(payload.bytes) << ' ' << category_names[static_cast<std::size_t>(payload.category)] << '\n';
  }
}

void write_task(std::ostream& out, const Job& job, const Program& program, std::size_t t)
{
  const Task& task = program.tasks[t];
  out << "  " << t << ' ' << job.lanes[task.lane] << ' ';
  if (task.kind == TaskKind::compute)
    out << "compute \"" << job.works[task.what].name << '"';
  else
    out << "communicate \"" << job.payloads[task.what].name << "\" through \"" << job.slots[task.slot].name << '"';
  if (task.microbatch != 0xffff) out << " microbatch " << task.microbatch;
  if (task.waits > 0) out << " after";
  for (const std::uint32_t wait : program.waits_of(task)) out << ' ' << wait;
  out << '\n';
}

void write_rank(std::ostream& out, const Job& job, std::size_t r)
{
  const Rank& rank = job.ranks[r];
  out << "rank " << r << " \"" << job.programs[rank.role.index()].name << "\" on " << rank.device.index();
  if (rank.slowdown != 1) out << " slowdown " << exact_text(rank.slowdown);
  for (std::size_t s = 0; s < job.slots.size(); ++s)
    if (const std::uint32_t group = job.group_of(id_of<RankId>(r), s); group != Job::no_group) out << ' ' << s << ':' << group;
  out << '\n';
}

} // namespace

std::string to_text(const Job& job)
{
  std::ostringstream out;
  write_tables(out, job);
  for (std::size_t p = 0; p < job.programs.size(); ++p) {
    out << "program " << p << " \"" << job.programs[p].name << "\" tasks " << job.programs[p].tasks.size() << '\n';
    for (std::size_t t = 0; t < job.programs[p].tasks.size(); ++t) write_task(out, job, job.programs[p], t);
  }
  for (std::size_t r = 0; r < job.ranks.size(); ++r) write_rank(out, job, r);
  for (std::size_t g = 0; g < job.groups.size(); ++g) {
    out << "group " << g << " \"" << job.group_kinds[job.groups[g].kind] << "\" members";
    for (const RankId member : job.groups[g].members) out << ' ' << member.index();
    out << '\n';
  }
  return out.str();
}

} // namespace weft
