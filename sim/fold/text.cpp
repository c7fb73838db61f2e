// The folding as text: classes, weights and scripts, one per line, in the order of the tables, so that two dumps can be compared.
#include "units/text.hpp"
#include "fold/folding.hpp"

#include <sstream>

namespace weft {
namespace {

void write_summary(std::ostream& out, const Folding& folding)
{
  out << "ranks " << folding.rank_class.size() << " in " << folding.ranks.size() << " classes\n"
      << "groups " << folding.group_class.size() << " in " << folding.groups.size() << " classes\n"
      << "flows " << folding.total_flows << " in " << folding.traffic.flows.size() << " classes\n"
      << "links " << folding.total_links << " in " << folding.links.size() << " classes\n"
      << "scripts " << folding.scripts.size() << '\n';
}

void write_ranks(std::ostream& out, const Folding& folding)
{
  for (std::size_t c = 0; c < folding.ranks.size(); ++c) {
    const RankClass& rank = folding.ranks[c];
    out << "rank-class " << c << ' ' << rank.ranks << " x rank " << rank.representative.value << " script " << rank.script;
    for (std::size_t slot = 0; slot < rank.group_of_slot.size(); ++slot) {
      if (rank.group_of_slot[slot] != Job::no_group) out << " \"" << folding.job->slots[slot].name << "\":" << rank.group_of_slot[slot];
    }
    out << '\n';
  }
}

void write_transfer(std::ostream& out, const Folding& folding, const Transfer& transfer)
{
  const Traffic& traffic = folding.traffic;
  for (std::uint32_t p = 0; p < transfer.phases; ++p) {
    const TransferPhase& phase = traffic.phases[transfer.first_phase + p];
    out << "    phase " << exact_text(phase.latency);
    for (std::uint32_t u = 0; u < phase.uses; ++u) {
      const FlowUse& use = traffic.uses[phase.first_use + u];
      out << " flow " << use.flow << ' ' << exact_text(use.bytes);
    }
    out << '\n';
  }
  if (!transfer.steps.empty()) out << "    steps " << transfer.steps.size() << " each after " << exact_text(transfer.step_latency) << '\n';
}

void write_groups(std::ostream& out, const Folding& folding)
{
  const Job& job = *folding.job;
  for (std::size_t c = 0; c < folding.groups.size(); ++c) {
    const GroupClass& group = folding.groups[c];
    const std::uint8_t kind = job.groups[group.representative.index()].kind;
    out << "group-class " << c << ' ' << group.groups << " x group " << group.representative.value << " \"" << job.group_kinds[kind]
        << "\" arrivals " << group.arrivals << '\n';
    const auto& transfers = folding.traffic.transfer_of[c];
    for (std::size_t k = 0; k < transfers.size(); ++k) {
      out << "  payload " << folding.traffic.payloads_of[kind][k] << " transfer " << transfers[k] << '\n';
      write_transfer(out, folding, folding.traffic.transfers[transfers[k]]);
    }
  }
}

void write_flows(std::ostream& out, const Folding& folding)
{
  for (std::uint32_t c = 0; c < folding.traffic.flows.size(); ++c) {
    out << "flow-class " << c << " of group-class " << folding.traffic.flow_group[c];
    for (const Charge& charge : folding.traffic.charges_of(c)) out << ' ' << charge.link << 'x' << exact_text(charge.weight);
    out << '\n';
  }
}

void write_links(std::ostream& out, const Folding& folding)
{
  for (std::size_t c = 0; c < folding.links.size(); ++c) {
    const LinkClass& link = folding.links[c];
    out << "link-class " << c << ' ' << link.links << " x link " << link.representative.value << ' ' << exact_text(link.capacity) << '\n';
  }
}

void write_action(std::ostream& out, const Folding& folding, const Script& script, std::size_t a)
{
  const Job& job = *folding.job;
  const Action& action = script.actions[a];
  out << "  " << a << ' ' << job.lanes[action.lane] << " task " << action.task;
  if (action.kind == Action::Kind::timer)
    out << " timer " << exact_text(action.duration);
  else if (action.segment == Action::no_segment)
    out << " meet \"" << job.slots[action.slot].name << "\" payload " << action.payload;
  else
    out << " fused meet \"" << job.slots[action.slot].name << "\" " << exact_text(action.duration);
  if (action.segment != Action::no_segment) out << " segment " << action.segment;
  if (action.waits > 0) out << " after";
  for (const std::uint32_t wait : script.waits_of(action)) out << ' ' << wait;
  out << '\n';
}

void write_script(std::ostream& out, const Folding& folding, std::size_t number)
{
  const Script& script = folding.scripts[number];
  out << "script " << number << " \"" << folding.job->programs[script.role].name << "\" slowdown " << exact_text(script.slowdown) << '\n';
  for (std::size_t s = 0; s < script.segments.size(); ++s) {
    out << "  segment " << s;
    for (const SegmentPart& part : script.segments[s].parts) {
      out << " +" << part.task << '@' << exact_text(part.offset) << ' ' << exact_text(part.duration);
    }
    out << '\n';
  }
  for (std::size_t a = 0; a < script.actions.size(); ++a) write_action(out, folding, script, a);
}

} // namespace

std::string to_text(const Folding& folding)
{
  std::ostringstream out;
  write_summary(out, folding);
  write_ranks(out, folding);
  write_groups(out, folding);
  write_flows(out, folding);
  write_links(out, folding);
  for (std::size_t s = 0; s < folding.scripts.size(); ++s) write_script(out, folding, s);
  return out.str();
}

} // namespace weft
