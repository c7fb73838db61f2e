#include "job/ranks.hpp"

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

/// Adds a group of every set of ranks along the axes, where it has more than one member.
void add_groups_along(Job& job, const RankGrid& grid, const char* kind, std::initializer_list<Axis> axes, std::size_t slot)
{
  const std::uint8_t number = add_group_kind(job, kind);
  for (std::size_t r = 0; r < job.ranks.size(); r++) {
    const RankId rank = id_of<RankId>(r);
    if (!grid.leads(axes, rank)) continue;
    std::vector<RankId> members = grid.along(axes, rank);
    if (members.size() > 1) add_group(job, number, std::move(members), {slot});
  }
}

/// Ordered pairs of neighbouring stages; with several chunks per stage the last hands on to the first.
void add_pipeline_groups(Job& job, const RankGrid& grid, const Plan& plan, bool tied)
{
  const std::uint8_t forward = add_group_kind(job, "pp forward"), backward = add_group_kind(job, "pp backward"),
                     embedding = add_group_kind(job, "embedding");
  for (std::size_t r = 0; r < job.ranks.size(); r++) {
    const RankId rank = id_of<RankId>(r);
    Coordinates at = grid.coordinates(rank), next = at;
    const bool last = at[Axis::pp] == plan.pp - 1, wraps = plan.virtual_stages > 1;
    next[Axis::pp] = (at[Axis::pp] + 1) % plan.pp;
    if (!last || wraps) {
      add_group(job, forward, {rank, grid.rank(next)}, {slot_forward_send, slot_forward_receive});
      add_group(job, backward, {grid.rank(next), rank}, {slot_backward_send, slot_backward_receive});
    }
    if (tied && last) {
      at[Axis::pp] = 0;
      add_group(job, embedding, {grid.rank(at), rank}, {slot_embedding});
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
  const RankGrid grid = Layout(plan).dense;
  add_ranks(job, static_cast<std::size_t>(grid.ranks()), scenario.faults);
  for (std::size_t r = 0; r < job.ranks.size(); r++)
    job.ranks[r].role = id_of<RoleId>(static_cast<std::size_t>(grid.coordinates(id_of<RankId>(r))[Axis::pp]));
  add_groups_along(job, grid, "tp", {Axis::tp}, slot_tensor);
  add_groups_along(job, grid, "dp", {Axis::dp}, slot_data);
  if (plan.pp > 1) add_pipeline_groups(job, grid, plan, scenario.workload->model.tied_embeddings);
}

void add_collective_ranks(Job& job, const Scenario& scenario)
{
  job.lanes = {"collective"};
  job.slots = {{"all"}};
  const auto count = static_cast<std::size_t>(scenario.platform.nodes) * static_cast<std::size_t>(scenario.platform.node.accelerators);
  add_ranks(job, count, scenario.faults);
  std::vector<RankId> everyone;
  for (std::size_t r = 0; r < count; r++) everyone.push_back(id_of<RankId>(r));
  add_group(job, add_group_kind(job, "all"), std::move(everyone), {0});
}

} // namespace weft
