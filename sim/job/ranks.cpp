#include "job/ranks.hpp"

#include "config/value.hpp"
#include "job/pipeline.hpp"
#include "layout/layout.hpp"
#include "model/decoder.hpp"

#include <algorithm>
#include <map>
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
           "every one of " + std::to_string(count) +
               " ranks would send to itself (use more ranks, or a shift that is no multiple of them)");
  std::vector<std::size_t> receivers(count);
  for (std::size_t r = 0; r < count; r++) receivers[r] = shift > 0 ? (r + shift) % count : r;
  if (shift > 0) return receivers;
  std::mt19937_64 draw(static_cast<std::uint64_t>(seed)); // its numbers are fixed by the language standard, those of distributions are not
  for (std::size_t i = count - 1; i > 0; i--) std::swap(receivers[i], receivers[draw() % i]);
  return receivers;
}

/// Every set of ranks along the axes, once, where it has more than one member.
template <class Visit> void each_set(const Job& job, const RankGrid& grid, std::initializer_list<Axis> axes, Visit visit)
{
  for (std::size_t r = 0; r < job.ranks.size(); r++)
    if (const RankId rank = id_of<RankId>(r); grid.leads(axes, rank))
      if (std::vector<RankId> members = grid.along(axes, rank); members.size() > 1) visit(std::move(members));
}

/// Every set of ranks that hold the same weights: along the axes, and where two stages hold a part, those of both.
template <class Visit> void each_replica_set(const Job& job, const RankGrid& grid, std::initializer_list<Axis> axes, const Plan& plan, Visit visit)
{
  if (!holds_model_twice(plan)) return each_set(job, grid, axes, visit);
  for (std::size_t r = 0; r < job.ranks.size(); r++) {
    const RankId rank = id_of<RankId>(r);
    Coordinates opposite = grid.coordinates(rank);
    opposite[Axis::pp] = plan.pp - 1 - opposite[Axis::pp];
    if (!grid.leads(axes, rank) || grid.coordinates(rank)[Axis::pp] > opposite[Axis::pp]) continue;
    std::vector<RankId> members = grid.along(axes, rank);
    for (const RankId other : grid.along(axes, grid.rank(opposite))) members.push_back(other);
    visit(std::move(members));
  }
}

void add_replica_groups(Job& job, const RankGrid& grid, const char* kind, std::initializer_list<Axis> axes, const Plan& plan, std::size_t slot)
{
  const std::uint8_t number = add_group_kind(job, kind);
  each_replica_set(job, grid, axes, plan, [&](std::vector<RankId> members) { add_group(job, number, std::move(members), {slot}); });
}

void add_groups_along(Job& job, const RankGrid& grid, const char* kind, std::initializer_list<Axis> axes, std::size_t slot)
{
  const std::uint8_t number = add_group_kind(job, kind);
  each_set(job, grid, axes, [&](std::vector<RankId> members) { add_group(job, number, std::move(members), {slot}); });
}

/// Members cut into runs of `run` neighbours, and the members with the same place in their run.
void add_runs(Job& job, std::uint8_t run_kind, std::size_t run_slot, std::uint8_t place_kind, std::size_t place_slot,
              const std::vector<RankId>& members, std::size_t run)
{
  for (std::size_t first = 0; run > 1 && first < members.size(); first += run) {
    const auto begin = members.begin() + static_cast<std::ptrdiff_t>(first);
    add_group(job, run_kind, {begin, begin + static_cast<std::ptrdiff_t>(run)}, {run_slot});
  }
  for (std::size_t place = 0; run < members.size() && place < run; place++) {
    std::vector<RankId> same;
    for (std::size_t at = place; at < members.size(); at += run) same.push_back(members[at]);
    add_group(job, place_kind, std::move(same), {place_slot});
  }
}

/// Hybrid sharding: state is cut over neighbours and held again by every run of them.
void add_shard_groups(Job& job, const RankGrid& grid, const char* shard, std::size_t shard_slot, const char* replica,
                      std::size_t replica_slot, const Plan& plan, Replicas replicas)
{
  const std::uint8_t shards = add_group_kind(job, shard), copies = add_group_kind(job, replica);
  each_replica_set(job, grid, {Axis::cp, Axis::dp}, plan, [&](const std::vector<RankId>& members) {
    add_runs(job, shards, shard_slot, copies, replica_slot, members, static_cast<std::size_t>(replicas.cut));
  });
}

/// A ring of ordered pairs: each rank hands on to the next of its group, the last to the first.
void add_ring_pairs(Job& job, const RankGrid& grid)
{
  const std::uint8_t ring = add_group_kind(job, "cp ring");
  each_set(job, grid, {Axis::cp}, [&](const std::vector<RankId>& members) {
    for (std::size_t i = 0; i < members.size(); i++)
      add_group(job, ring, {members[i], members[(i + 1) % members.size()]}, {slot_ring_send, slot_ring_receive});
  });
}

void add_context_groups(Job& job, const RankGrid& grid, const Plan& plan)
{
  if (plan.cp == 1) return;
  if (attends_in_pieces(plan.context)) add_ring_pairs(job, grid);
  if (plan.context != ContextExchange::ring) add_groups_along(job, grid, "cp", {Axis::cp}, slot_context);
}

/// Members in the order of their nodes: neighbours within a node first.
std::vector<RankId> by_node(std::vector<RankId> members, const Scenario& scenario)
{
  const auto per_node = static_cast<std::size_t>(scenario.platform.node.accelerators);
  std::stable_sort(members.begin(), members.end(), [per_node](RankId a, RankId b) { return a.index() / per_node < b.index() / per_node; });
  return members;
}

void add_expert_groups(Job& job, const RankGrid& grid, const Scenario& scenario)
{
  const Plan& plan = scenario.plan;
  if (plan.dispatch == Dispatch::direct) {
    add_groups_along(job, grid, "ep", {Axis::ep}, slot_expert);
  } else if (const std::optional<ExpertNodes> nodes = expert_nodes(scenario)) {
    const std::uint8_t within = add_group_kind(job, "ep within nodes"), across = add_group_kind(job, "ep across nodes");
    each_set(job, grid, {Axis::ep}, [&](std::vector<RankId> members) {
      add_runs(job, within, slot_expert_within, across, slot_expert_across, by_node(std::move(members), scenario),
               static_cast<std::size_t>(nodes->ranks_per_node));
    });
  }
  add_groups_along(job, grid, "etp", {Axis::tp}, slot_expert_tensor);
  if (!has_expert_grid(plan)) return; // experts are copied as the dense weights are
  add_replica_groups(job, grid, "expert dp", {Axis::dp}, plan, slot_expert_data);
  if (plan.zero_group > 0)
    add_shard_groups(job, grid, "expert shard", slot_expert_shard, "expert replica", slot_expert_replica, plan, expert_replicas(plan));
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
  const bool experts = scenario.workload->model.experts.count > 0;
  job.lanes = {"compute", "tp", "dp", "pp forward send", "pp forward receive", "pp backward send", "pp backward receive", "dp gather",
               "pp up forward send", "pp up forward receive", "pp up backward send", "pp up backward receive"};
  for (const char* slot : {"tp", "dp", "embedding", "pp forward send", "pp forward receive", "pp backward send", "pp backward receive",
                           "pp up forward send", "pp up forward receive", "pp up backward send", "pp up backward receive"})
    job.slots.push_back({slot});
  if (experts || plan.cp > 1 || plan.zero_group > 0 || clips_together(scenario)) {
    for (const char* lane : {"cp", "cp ring send", "cp ring receive", "ep", "ep within nodes", "etp"}) job.lanes.emplace_back(lane);
    for (const char* slot : {"cp", "cp ring send", "cp ring receive", "ep", "ep across nodes", "ep within nodes", "etp", "expert dp",
                             "shard", "replica", "expert shard", "expert replica"})
      job.slots.push_back({slot});
  }
  if (clips_together(scenario)) job.slots.push_back({"clip"});
  if (scenario.workload->execution.loading_time > Seconds(0)) job.lanes.emplace_back("data loader");
  const Layout layout(plan);
  const RankGrid& grid = layout.dense;
  add_ranks(job, static_cast<std::size_t>(grid.ranks()), scenario.faults);
  for (std::size_t r = 0; r < job.ranks.size(); r++)
    job.ranks[r].role = id_of<RoleId>(static_cast<std::size_t>(grid.coordinates(id_of<RankId>(r))[Axis::pp]));
  add_groups_along(job, grid, "tp", {Axis::tp}, slot_tensor);
  add_replica_groups(job, grid, "dp", {Axis::cp, Axis::dp}, plan, slot_data);
  if (plan.pp > 1) add_pipeline_groups(job, grid, pipeline_of(scenario), shares_token_table(scenario.workload->model));
  add_context_groups(job, grid, plan);
  if (experts) add_expert_groups(job, layout.expert, scenario);
  if (plan.zero_group > 0) add_shard_groups(job, grid, "shard", slot_shard, "replica", slot_replica, plan, dense_replicas(plan));
  if (clips_together(scenario)) add_groups_along(job, grid, "clip", {Axis::tp, Axis::cp, Axis::dp, Axis::pp}, slot_clip);
}

bool clips_together(const Scenario& scenario)
{
  const Plan& plan = scenario.plan;
  return scenario.workload->execution.global_gradient_norm && plan.tp * plan.cp * plan.dp * plan.pp > 1;
}

std::optional<ExpertNodes> expert_nodes(const Scenario& scenario)
{
  const RankGrid grid = Layout(scenario.plan).expert;
  const auto per_node = static_cast<std::size_t>(scenario.platform.node.accelerators);
  std::optional<ExpertNodes> common;
  for (std::size_t r = 0; r < static_cast<std::size_t>(grid.ranks()); r++) {
    if (!grid.leads({Axis::ep}, id_of<RankId>(r))) continue;
    std::map<std::size_t, int> on_node;
    for (const RankId member : grid.along({Axis::ep}, id_of<RankId>(r))) on_node[member.index() / per_node]++;
    const ExpertNodes found{static_cast<int>(on_node.size()), on_node.begin()->second};
    const bool even = std::all_of(on_node.begin(), on_node.end(), [&](const auto& node) { return node.second == found.ranks_per_node; });
    if (!even || (common && (common->nodes != found.nodes || common->ranks_per_node != found.ranks_per_node))) return {};
    common = found;
  }
  return common;
}

void add_collective_ranks(Job& job, const Scenario& scenario)
{
  const CollectiveJob& call = *scenario.collective;
  job.lanes = {"collective"};
  if (call.launch != LaunchMode::ahead) job.lanes.emplace_back("host");
  job.slots = {{"all"}};
  const std::size_t count = accelerators_of(scenario);
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
