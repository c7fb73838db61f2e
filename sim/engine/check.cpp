#include "engine/check.hpp"

#include "config/error.hpp"

#include <cmath>
#include <string>

namespace weft {
namespace {

void demand(bool holds, const char* what, std::size_t index, const char* problem)
{
  if (!holds) throw LogicError("folding: " + std::string(what) + " " + std::to_string(index) + " " + problem);
}
constexpr std::uint32_t most_members = 1u << 24; ///< of a group, with its switches: more accelerators than any machine has

bool positive(double value) { return std::isfinite(value) && value > 0; }
bool not_negative(double value) { return std::isfinite(value) && value >= 0; }

void check_script(const Script& script, std::size_t index, const Job& job)
{
  demand(script.role < job.programs.size(), "script", index, "has no program");
  const std::size_t tasks = job.programs[script.role].tasks.size();
  for (std::size_t a = 0; a < script.actions.size(); a++) {
    const Action& action = script.actions[a];
    demand(not_negative(action.duration.base()), "action", a, "has a duration that is negative or not finite");
    demand(action.first_wait <= script.waits.size() && action.waits <= script.waits.size() - action.first_wait, "action", a,
           "has waits out of range");
    for (const std::uint32_t wait : script.waits_of(action)) demand(wait < a, "action", a, "waits for itself or a later action");
    demand(action.kind == Action::Kind::timer || action.slot < job.slots.size(), "action", a, "meets in a slot out of range");
    demand(action.task < tasks, "action", a, "stands for a task out of range");
    if (action.segment == Action::no_segment) continue;
    demand(action.segment < script.segments.size(), "action", a, "has a segment out of range");
    for (const SegmentPart& part : script.segments[action.segment].parts) {
      demand(part.task < tasks - action.task, "action", a, "has a part whose task is out of range");
      demand(not_negative(part.offset.base()) && not_negative(part.duration.base()), "action", a,
             "has a part with a time that is negative or not finite");
    }
  }
}

void check_ranks(const Folding& folding)
{
  for (std::size_t i = 0; i < folding.ranks.size(); i++) {
    const RankClass& rank = folding.ranks[i];
    demand(rank.script < folding.scripts.size(), "rank class", i, "has no script");
    demand(rank.group_of_slot.size() == folding.job->slots.size(), "rank class", i, "has another number of slots than the job");
    for (const std::uint32_t group : rank.group_of_slot)
      demand(group == Job::no_group || group < folding.groups.size(), "rank class", i, "is in a group out of range");
    for (const Action& action : folding.scripts[rank.script].actions)
      demand(action.kind == Action::Kind::timer || rank.group_of_slot[action.slot] != Job::no_group, "rank class", i,
             "meets in a slot where it has no group");
  }
}

void check_flows(const Folding& folding)
{
  const Traffic& traffic = folding.traffic;
  for (std::size_t i = 0; i < folding.links.size(); i++)
    demand(positive(folding.links[i].capacity.base()), "link class", i, "has a capacity that is not positive and finite");
  for (std::size_t i = 0; i < traffic.flows.size(); i++) {
    const Flow& flow = traffic.flows[i];
    demand(flow.first_charge <= traffic.charges.size() && flow.charges <= traffic.charges.size() - flow.first_charge, "flow class", i,
           "has charges out of range");
    std::uint32_t previous = 0;
    for (const Charge& charge : traffic.charges_of(static_cast<std::uint32_t>(i))) {
      demand(charge.link < folding.links.size(), "flow class", i, "crosses a link out of range");
      demand(positive(charge.weight), "flow class", i, "has a weight that is not positive and finite");
      demand(&charge == &traffic.charges[flow.first_charge] || charge.link > previous, "flow class", i, "has charges out of order");
      previous = charge.link;
    }
  }
}

void check_message(const StepMessage& message, const Traffic& traffic, std::size_t transfer)
{
  demand(message.flow < traffic.flows.size() && not_negative(message.bytes.base()), "transfer", transfer,
         "has a message without a flow or size");
  demand(message.from < most_members && message.to < most_members, "transfer", transfer, "has a message of a member out of range");
}

void check_transfers(const Traffic& traffic)
{
  for (std::size_t i = 0; i < traffic.phases.size(); i++) {
    const TransferPhase& phase = traffic.phases[i];
    demand(not_negative(phase.latency.base()), "phase", i, "has a latency that is negative or not finite");
    demand(phase.first_use <= traffic.uses.size() && phase.uses <= traffic.uses.size() - phase.first_use, "phase", i,
           "has flows out of range");
  }
  for (std::size_t i = 0; i < traffic.uses.size(); i++)
    demand(traffic.uses[i].flow < traffic.flows.size() && not_negative(traffic.uses[i].bytes.base()), "flow use", i,
           "has no flow or no size");
  for (std::size_t i = 0; i < traffic.transfers.size(); i++) {
    const Transfer& transfer = traffic.transfers[i];
    demand(transfer.first_phase <= traffic.phases.size() && transfer.phases <= traffic.phases.size() - transfer.first_phase, "transfer", i,
           "has phases out of range");
    demand(not_negative(transfer.step_latency.base()), "transfer", i, "has a step latency that is negative or not finite");
    for (const auto& step : transfer.steps)
      for (const StepMessage& message : step) check_message(message, traffic, i);
  }
}

void check_groups(const Folding& folding)
{
  const Traffic& traffic = folding.traffic;
  demand(traffic.transfer_of.size() == folding.groups.size() || traffic.transfer_of.empty(), "group classes: their transfers, number",
         traffic.transfer_of.size(), "do not match");
  for (std::size_t i = 0; i < folding.groups.size(); i++) {
    const GroupClass& group = folding.groups[i];
    demand(group.representative.index() < folding.job->groups.size(), "group class", i, "has no representative");
    if (traffic.transfer_of.empty()) continue;
    const std::size_t kind = folding.job->groups[group.representative.index()].kind;
    demand(kind < traffic.payloads_of.size() && traffic.payloads_of[kind].size() == traffic.transfer_of[i].size(), "group class", i,
           "has another number of transfers than payloads");
    for (const std::uint32_t transfer : traffic.transfer_of[i])
      demand(transfer < traffic.transfers.size(), "group class", i, "has a transfer out of range");
  }
}

} // namespace

void check_playable(const Folding& folding)
{
  if (folding.job == nullptr) throw LogicError("folding: no job");
  for (std::size_t i = 0; i < folding.scripts.size(); i++) check_script(folding.scripts[i], i, *folding.job);
  check_ranks(folding);
  check_flows(folding);
  check_transfers(folding.traffic);
  check_groups(folding);
}

} // namespace weft
