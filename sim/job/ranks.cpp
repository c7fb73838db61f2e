#include "job/ranks.hpp"

#include "layout/layout.hpp"

#include <random>
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

std::size_t accelerators_of(const Scenario& scenario)
{
  return static_cast<std::size_t>(scenario.platform.nodes) * static_cast<std::size_t>(scenario.platform.node.accelerators);
}

/// To whom every rank of a permutation sends. Drawn: one cycle through all ranks (Sattolo, "An algorithm to generate a random cyclic
/// permutation", Inf. Process. Lett. 22(6), 1986), so that nobody sends to itself.
std::vector<std::size_t> receivers_of(const CollectiveJob& call, std::size_t count, int seed)
{
  const auto shift = static_cast<std::size_t>(call.shift);
  if (count < 2 || (shift > 0 && shift % count == 0))
    refuse(call.operation, "collective.shift",
           "every one of " + std::to_string(count) + " ranks would send to itself (use more ranks, or a shift that is no multiple of them)");
  std::vector<std::size_t> receivers(count);
  for (std::size_t r = 0; r < count; r++) receivers[r] = shift > 0 ? (r + shift) % count : r;
  if (shift > 0) return receivers;
  std::mt19937_64 draw(static_cast<std::uint64_t>(seed)); // its numbers are fixed by the language standard, those of distributions are not
  for (std::size_t i = count - 1; i > 0; i--) std::swap(receivers[i], receivers[draw() % i]);
  return receivers;
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

void add_permutation_ranks(Job& job, const Scenario& scenario)
{
  job.lanes = {"send", "receive"};
  job.slots = {{"send"}, {"receive"}};
  const std::size_t count = accelerators_of(scenario);
  add_ranks(job, count, scenario.faults);
  const std::uint8_t pairs = add_group_kind(job, "permutation");
  const std::vector<std::size_t> receivers = receivers_of(*scenario.collective, count, scenario.engine.seed);
  for (std::size_t r = 0; r < count; r++) add_group(job, pairs, {id_of<RankId>(r), id_of<RankId>(receivers[r])}, {0, 1});
}

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
  job.lanes = {"collective"};
  job.slots = {{"all"}};
  const std::size_t count = accelerators_of(scenario);
  add_ranks(job, count, scenario.faults);
  std::vector<RankId> everyone;
  for (std::size_t r = 0; r < count; r++) everyone.push_back(id_of<RankId>(r));
  add_group(job, add_group_kind(job, "all"), std::move(everyone), {0});
}

} // namespace weft
