// From job and fabric to traffic: one pass over the groups; shapes, schedules and routes are asked once each.
#include "collectives/edges.hpp"
#include "config/error.hpp"
#include "traffic/choice.hpp"
#include "traffic/traffic.hpp"
#include "traffic/usage.hpp"
#include "traffic/write.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace weft {
namespace {

/// Most messages played one by one: about 1 GB of them.
constexpr double most_messages = 32e6;

/// Everything the lowering of one group reads or adds to.
struct Lowering {
  const Job& job;
  const Fabric& fabric;
  const CollectiveLibrary& library;
  const EngineSettings& settings;
  Usage usage;
  Algorithms algorithms;
  double messages = 0;                  ///< of all transfers played in steps so far
  std::optional<std::uint32_t> nothing; ///< the transfer of zero phases, shared by all that move nothing
  Traffic traffic;
};

std::uint32_t transfer_of_nothing(Lowering& lowering)
{
  if (!lowering.nothing) {
    lowering.nothing = static_cast<std::uint32_t>(lowering.traffic.transfers.size());
    Transfer empty;
    empty.algorithm = plain_send;
    lowering.traffic.transfers.push_back(empty);
  }
  return *lowering.nothing;
}

std::vector<AcceleratorId> devices_of(const Job& job, const Group& group)
{
  std::vector<AcceleratorId> devices;
  devices.reserve(group.members.size());
  for (const RankId member : group.members) devices.push_back(job.ranks[member.index()].device);
  return devices;
}

std::string words_for(const Job& job, std::uint32_t group, const GroupShape& shape)
{
  return "group " + std::to_string(group) + " (" + job.group_kinds[job.groups[group].kind] + ", " + std::to_string(shape.members()) +
         " ranks in " + std::to_string(shape.domains()) + " scale-up domain" + (shape.domains() == 1 ? "" : "s") + ")";
}

/// Refuses schedules too large to be played message by message before they are drawn up.
void count_messages(Lowering& lowering, const Candidate& candidate, std::size_t members, const std::string& whom)
{
  for (const Phase& phase : *candidate.phases)
    lowering.messages += edges_of(phase, members) *
                         std::max(1.0, phase.scaleup_steps + phase.network_steps + phase.switch_steps + phase.switch_network_steps);
  if (lowering.messages > most_messages)
    throw CannotFinish("fidelity steps plays more than " + std::to_string(static_cast<long>(most_messages)) + " messages, reached with " +
                       whom + " (use fidelity coupled or edges, or fewer ranks)");
}

std::uint32_t write(Lowering& lowering, GroupWriter& writer, KnownShape& known, const Chosen& chosen, const Payload& payload,
                    const std::string& whom)
{
  if (lowering.settings.fidelity == Fidelity::coupled) return writer.coupled(chosen, payload.bytes);
  if (lowering.settings.fidelity == Fidelity::edges || payload.operation == Operation::send) return writer.edges(chosen, payload.bytes);
  count_messages(lowering, *chosen.candidate, known.shape.members(), whom);
  return writer.steps(chosen, payload.operation, known.shape, payload.bytes);
}

void check_send(const Job& job, std::uint32_t group, const Payload& payload)
{
  if (payload.operation != Operation::send || job.groups[group].members.size() == 2) return;
  throw LogicError("traffic: payload '" + payload.name + "' is sent in group " + std::to_string(group) + " of " +
                   std::to_string(job.groups[group].members.size()) + " members (a send has a sender and a receiver)");
}

/// Transfers of one group for the payloads its members use; those of other groups of its kind get the transfer of nothing.
std::vector<std::uint32_t> lower_group(Lowering& lowering, std::uint32_t group)
{
  const Job& job = lowering.job;
  const std::vector<std::uint32_t>& payloads = lowering.usage.payloads_of[job.groups[group].kind];
  std::vector<std::uint32_t> result;
  result.reserve(payloads.size());
  const std::vector<std::uint32_t> used = payloads_of_group(job, lowering.usage, group);
  const std::vector<AcceleratorId> devices = devices_of(job, job.groups[group]);
  KnownShape& known = lowering.algorithms.of(shape_of(lowering.fabric, lowering.library, devices));
  GroupRoutes routes(lowering.fabric, known.shape, devices, connection_label(job.groups[group].kind));
  GroupWriter writer(lowering.traffic, lowering.library, routes, group);
  std::map<Operation, std::vector<Candidate>> ready;
  std::map<std::pair<Operation, Bytes>, std::uint32_t> written; // equal payloads under two names share one transfer

  for (const std::uint32_t p : payloads) {
    const Payload& payload = job.payloads[p];
    const bool moves = payload.bytes > Bytes(0) && devices.size() > 1 && std::binary_search(used.begin(), used.end(), p);
    if (!moves) {
      result.push_back(transfer_of_nothing(lowering));
      continue;
    }
    check_send(job, group, payload);
    const auto [at, is_new] = written.try_emplace({payload.operation, payload.bytes});
    if (is_new) {
      const std::string whom = words_for(job, group, known.shape);
      const auto [list, first_use] = ready.try_emplace(payload.operation);
      if (first_use) list->second = prepare(lowering.library, lowering.settings, known, routes, payload.operation, whom);
      at->second = write(lowering, writer, known, fastest(lowering.library, list->second, payload.bytes), payload, whom);
    }
    result.push_back(at->second);
  }
  return result;
}

} // namespace

Traffic lower(const Job& job, const Fabric& fabric, const CollectiveLibrary& library, const EngineSettings& settings)
{
  check_forced(settings);
  if (!job.groups.empty()) (void)widest_protocol(library);
  for (const Rank& rank : job.ranks)
    if (rank.device.index() >= fabric.accelerators.size())
      throw LogicError("traffic: a rank runs on accelerator " + std::to_string(rank.device.index()) + " of " +
                       std::to_string(fabric.accelerators.size()));

  Lowering lowering{job, fabric, library, settings, usage_of(job), {}, 0, {}, {}};
  lowering.traffic.transfer_of.reserve(job.groups.size());
  for (std::uint32_t group = 0; group < job.groups.size(); ++group) lowering.traffic.transfer_of.push_back(lower_group(lowering, group));
  lowering.traffic.payloads_of = std::move(lowering.usage.payloads_of);
  return std::move(lowering.traffic);
}

std::uint32_t Traffic::transfer(const Job& job, std::uint32_t group, std::uint32_t payload) const
{
  const std::vector<std::uint32_t>& list = payloads_of[job.groups[group].kind];
  const auto at = std::lower_bound(list.begin(), list.end(), payload);
  if (at == list.end() || *at != payload)
    throw LogicError("traffic: group " + std::to_string(group) + " has no transfer for payload " + std::to_string(payload));
  return transfer_of[group][static_cast<std::size_t>(at - list.begin())];
}

} // namespace weft
