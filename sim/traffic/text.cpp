// Traffic as text: one flow, transfer or phase per line, in the order of the tables.
#include "units/text.hpp"
#include "traffic/traffic.hpp"

#include <sstream>

namespace weft {
namespace {

std::string algorithm_name(const Transfer& transfer)
{
  if (transfer.algorithm == plain_send) return transfer.phases == 0 && transfer.steps.empty() ? "nothing" : "send";
  return collective_kinds()[transfer.algorithm]->name;
}

void write_flow(std::ostream& out, const Traffic& traffic, std::uint32_t flow)
{
  out << "flow " << flow << " of group " << traffic.flow_group[flow] << " charges";
  for (const Charge& charge : traffic.charges_of(flow)) {
    out << ' ' << charge.link;
    if (charge.weight != 1) out << 'x' << exact_text(charge.weight);
  }
  out << '\n';
}

void write_transfer(std::ostream& out, const Traffic& traffic, std::uint32_t index)
{
  const Transfer& transfer = traffic.transfers[index];
  out << "transfer " << index << ' ' << algorithm_name(transfer) << " protocol " << transfer.protocol << '\n';
  for (std::uint32_t p = transfer.first_phase; p < transfer.first_phase + transfer.phases; ++p) {
    const TransferPhase& phase = traffic.phases[p];
    out << "  phase after " << exact_text(phase.latency);
    for (std::uint32_t u = phase.first_use; u < phase.first_use + phase.uses; ++u)
      out << ' ' << traffic.uses[u].flow << ':' << exact_text(traffic.uses[u].bytes);
    out << '\n';
  }
  for (std::size_t s = 0; s < transfer.steps.size(); ++s) {
    out << "  step " << s << " after " << exact_text(transfer.step_latency);
    for (const StepMessage& message : transfer.steps[s])
      out << ' ' << message.from << "->" << message.to << '/' << message.flow << ':' << exact_text(message.bytes);
    out << '\n';
  }
}

} // namespace

std::string to_text(const Traffic& traffic, const Job& job)
{
  std::ostringstream out;
  for (std::uint32_t flow = 0; flow < traffic.flows.size(); ++flow) write_flow(out, traffic, flow);
  for (std::uint32_t transfer = 0; transfer < traffic.transfers.size(); ++transfer) write_transfer(out, traffic, transfer);
  for (std::size_t group = 0; group < traffic.transfer_of.size(); ++group) {
    const std::size_t kind = job.groups[group].kind;
    for (std::size_t k = 0; k < traffic.transfer_of[group].size(); ++k)
      out << "group " << group << " \"" << job.group_kinds[kind] << "\" payload \"" << job.payloads[traffic.payloads_of[kind][k]].name
          << "\" transfer " << traffic.transfer_of[group][k] << '\n';
  }
  return out.str();
}

} // namespace weft
