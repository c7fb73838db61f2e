#include "job/ranks.hpp"

#include "config/value.hpp"
#include "layout/layout.hpp"

#include <utility>

namespace weft {
namespace {

std::uint8_t add_group_kind(Job& job, const char* name)
{
  job.group_kinds.emplace_back(name);
  return static_cast<std::uint8_t>(job.group_kinds.size() - 1);
}

/// Adds a group; member i takes part through slots[i], or all through slots[0].
void add_group(Job& job, std::uint8_t kind, std::vector<RankId> members, std::initializer_list<std::size_t> slots)
{
  const auto group = static_cast<std::uint32_t>(job.groups.size());
  for (std::size_t i = 0; i < members.size(); i++) {
    const std::size_t slot = slots.size() == 1 ? *slots.begin() : *(slots.begin() + i);
    job.groups_of[members[i].index() * job.slots.size() + slot] = group;
  }
  job.groups.push_back({kind, std::move(members)});
}

void add_ranks(Job& job, std::size_t count, const Faults& faults)
{
  job.ranks.resize(count);
  for (std::size_t r = 0; r < count; r++) job.ranks[r].device = id_of<AcceleratorId>(r);
  for (const Straggler& s : faults.stragglers)
    if (static_cast<std::size_t>(s.accelerator) < count) job.ranks[static_cast<std::size_t>(s.accelerator)].slowdown = s.slowdown;
  job.groups_of.assign(count * job.slots.size(), Job::no_group);
}

/// Tensor and data groups: one per distinct set, found at its first member.
void add_square_groups(Job& job, const Layout& layout, const Plan& plan)
{
  const std::uint8_t tensor = add_group_kind(job, "tp"), data = add_group_kind(job, "dp");
  for (std::size_t r = 0; r < job.ranks.size(); r++) {
    const RankId rank = id_of<RankId>(r);
    const Coordinates at = layout.coordinates(rank);
    if (plan.tp > 1 && at.tp == 0) add_group(job, tensor, layout.tensor_group(rank), {slot_tensor});
    if (plan.dp > 1 && at.dp == 0) add_group(job, data, layout.data_group(rank), {slot_data});
  }
}

/// Ordered pairs of neighbouring stages; with several chunks per stage the last hands on to the first.
void add_pipeline_groups(Job& job, const Layout& layout, const Plan& plan, bool tied)
{
  const std::uint8_t forward = add_group_kind(job, "pp forward"), backward = add_group_kind(job, "pp backward"),
                     embedding = add_group_kind(job, "embedding");
  for (std::size_t r = 0; r < job.ranks.size(); r++) {
    const RankId rank = id_of<RankId>(r);
    Coordinates at = layout.coordinates(rank);
    const bool last = at.pp == plan.pp - 1, wraps = plan.virtual_stages > 1;
    Coordinates next = at;
    next.pp = (at.pp + 1) % plan.pp;
    if (!last || wraps) {
      add_group(job, forward, {rank, layout.rank(next)}, {slot_forward_send, slot_forward_receive});
      add_group(job, backward, {layout.rank(next), rank}, {slot_backward_send, slot_backward_receive});
    }
    if (tied && last) {
      at.pp = 0;
      add_group(job, embedding, {layout.rank(at), rank}, {slot_embedding});
    }
  }
}

} // namespace

void add_training_ranks(Job& job, const Scenario& scenario)
{
  const Plan& plan = scenario.plan;
  job.lanes = {"compute", "tp", "dp", "pp forward send", "pp forward receive", "pp backward send", "pp backward receive", "dp gather"};
  for (const char* slot : {"tp", "dp", "embedding", "pp forward send", "pp forward receive", "pp backward send", "pp backward receive"})
    job.slots.push_back({slot});
  const Layout layout(plan);
  add_ranks(job, static_cast<std::size_t>(layout.ranks()), scenario.faults);
  for (std::size_t r = 0; r < job.ranks.size(); r++)
    job.ranks[r].role = id_of<RoleId>(static_cast<std::size_t>(layout.coordinates(id_of<RankId>(r)).pp));
  add_square_groups(job, layout, plan);
  if (plan.pp > 1) add_pipeline_groups(job, layout, plan, scenario.workload->model.tied_embeddings);
}

void add_collective_ranks(Job& job, const Scenario& scenario)
{
  const CollectiveJob& call = *scenario.collective;
  job.lanes = {"collective"};
  if (call.launch != LaunchMode::ahead) job.lanes.emplace_back("host");
  job.slots = {{"all"}};
  const auto count = static_cast<std::size_t>(scenario.platform.nodes) * static_cast<std::size_t>(scenario.platform.node.accelerators);
  const auto stride = static_cast<std::size_t>(call.stride);
  const std::size_t most = (count + stride - 1) / stride;
  const std::size_t callers = call.ranks == 0 ? most : static_cast<std::size_t>(call.ranks);
  if (callers > most)
    refuse(call.operation, "collective.ranks",
           std::to_string(callers) + " ranks, one of every " + std::to_string(stride) + " accelerators, of " + std::to_string(count) +
               " (at most " + std::to_string(most) + ", or a smaller stride)");
  add_ranks(job, count, scenario.faults);
  for (Rank& rank : job.ranks) rank.role = id_of<RoleId>(std::size_t{role_bystander});
  std::vector<RankId> members;
  for (std::size_t k = 0; k < callers; k++) {
    members.push_back(id_of<RankId>(k * stride));
    job.ranks[k * stride].role = id_of<RoleId>(std::size_t{role_caller});
  }
  add_group(job, add_group_kind(job, "all"), std::move(members), {0});
}

} // namespace weft
