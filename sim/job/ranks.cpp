#include "job/ranks.hpp"

#include "job/pipeline.hpp"
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

/// An ordered pair for what goes forward from one rank to the other, and one for the gradients that come back.
struct PairSlots {
  std::uint8_t forward_kind, backward_kind;
  std::size_t forward_send, forward_receive, backward_send, backward_receive;
};
void add_pair(Job& job, const PairSlots& slots, RankId from, RankId to)
{
  add_group(job, slots.forward_kind, {from, to}, {slots.forward_send, slots.forward_receive});
  add_group(job, slots.backward_kind, {to, from}, {slots.backward_send, slots.backward_receive});
}

/// Ordered pairs of neighbouring stages. On a loop the last hands on to the first; on paths that come back there is a pair upwards, too.
void add_pipeline_groups(Job& job, const RankGrid& grid, const Pipeline& pipeline, bool tied)
{
  const std::uint8_t forward = add_group_kind(job, "pp forward"), backward = add_group_kind(job, "pp backward"),
                     embedding = add_group_kind(job, "embedding");
  const PairSlots down{forward, backward, slot_forward_send, slot_forward_receive, slot_backward_send, slot_backward_receive};
  const PairSlots up{forward, backward, slot_up_forward_send, slot_up_forward_receive, slot_up_backward_send, slot_up_backward_receive};
  const bool loops = pipeline.schedule->path == PipelinePath::loop;
  const int stages = pipeline.shape.stages;
  for (std::size_t r = 0; r < job.ranks.size(); r++) {
    const RankId rank = id_of<RankId>(r);
    Coordinates at = grid.coordinates(rank), next = at;
    const bool last = at[Axis::pp] == stages - 1;
    next[Axis::pp] = (at[Axis::pp] + 1) % stages;
    if (!last || (loops && pipeline.shape.chunks > 1)) add_pair(job, down, rank, grid.rank(next));
    if (!last && !loops) add_pair(job, up, grid.rank(next), rank);
    if (tied && last && loops) {
      at[Axis::pp] = 0;
      add_group(job, embedding, {grid.rank(at), rank}, {slot_embedding});
    }
  }
}

} // namespace

void add_training_ranks(Job& job, const Scenario& scenario)
{
  const Plan& plan = scenario.plan;
  job.lanes = {"compute", "tp", "dp", "pp forward send", "pp forward receive", "pp backward send", "pp backward receive", "dp gather",
               "pp up forward send", "pp up forward receive", "pp up backward send", "pp up backward receive"};
  for (const char* slot : {"tp", "dp", "embedding", "pp forward send", "pp forward receive", "pp backward send", "pp backward receive",
                           "pp up forward send", "pp up forward receive", "pp up backward send", "pp up backward receive"})
    job.slots.push_back({slot});
  const RankGrid grid = Layout(plan).dense;
  add_ranks(job, static_cast<std::size_t>(grid.ranks()), scenario.faults);
  for (std::size_t r = 0; r < job.ranks.size(); r++)
    job.ranks[r].role = id_of<RoleId>(static_cast<std::size_t>(grid.coordinates(id_of<RankId>(r))[Axis::pp]));
  add_groups_along(job, grid, "tp", {Axis::tp}, slot_tensor);
  add_groups_along(job, grid, "dp", {Axis::dp}, slot_data);
  if (plan.pp > 1) add_pipeline_groups(job, grid, pipeline_of(scenario), scenario.workload->model.tied_embeddings);
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
