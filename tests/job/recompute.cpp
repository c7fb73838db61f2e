// Recomputation in the job: whatever runs again adds exactly its flops, in every cut and schedule, and its memory is counted.
#include "approx.hpp"
#include "job/memory.hpp"
#include "job/small.hpp"
#include "job/works.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace weft {
using namespace job_test;

namespace {

Scenario latent(int tp, int pp, int dp)
{
  Scenario s = small_experts(tp, pp, dp);
  s.workload->model.latent = {.query_rank = 64, .kv_rank = 32, .rope_dim = 8, .nope_dim = 16, .value_dim = 16};
  return s;
}

double hardware_flops(const Job& job)
{
  double total = 0;
  for (const Rank& r : job.ranks)
    for (const Task& t : job.programs[r.role.index()].tasks)
      if (t.kind == TaskKind::compute) total += job.works[t.what].hardware_flops.base();
  return total;
}

/// Every set of the kinds that may stand together.
std::vector<Recomputation> sets()
{
  const std::vector<Recompute> kinds{Recompute::selective, Recompute::norms, Recompute::latent_up_projections, Recompute::activation_function};
  std::vector<Recomputation> all;
  for (unsigned members = 0; members < 16; members++) {
    Recomputation set;
    for (unsigned k = 0; k < 4; k++)
      if (members & (1U << k)) set = set.with(kinds[k]);
    all.push_back(set);
  }
  return all;
}

} // namespace

TEST_CASE("every set of recomputations adds the flops of what it runs again, in every cut and schedule")
{
  struct Cut {
    int tp, cp, pp, dp, chunks;
    const char* schedule;
  };
  for (const Cut cut : {Cut{1, 1, 1, 1, 1, "1f1b"}, {2, 1, 2, 1, 1, "1f1b"}, {1, 4, 1, 2, 1, "1f1b"}, {2, 2, 1, 2, 1, "1f1b"},
                        {1, 1, 2, 2, 1, "zb-h1"}, {1, 1, 2, 2, 2, "dualpipe"}})
    for (const ContextExchange context : {ContextExchange::ring, ContextExchange::all_gather})
      for (const Recomputation& set : sets()) {
        Scenario s = latent(cut.tp, cut.pp, cut.dp);
        s.plan.cp = cut.cp;
        s.plan.context = context;
        s.plan.schedule = cut.schedule;
        s.plan.virtual_stages = cut.chunks;
        s.plan.recompute = set;
        CAPTURE(name_of(set));
        CAPTURE(cut.schedule);
        const Job job = build_job(s);
        check(job);
        CHECK(all_flops(job) == near(64 * model_flops_per_sample(*s.workload).base()));
        CHECK(hardware_flops(job) == near(64 * hardware_flops_per_sample(*s.workload, set).base()));
      }
}

TEST_CASE("recomputing costs time and no communication")
{
  Scenario s = latent(2, 1, 4);
  const auto time = [&](const Recomputation& set) {
    s.plan.recompute = set;
    double seconds = 0;
    const Job job = build_job(s);
    for (const Task& t : job.programs[0].tasks)
      if (t.kind == TaskKind::compute) seconds += job.works[t.what].duration.base();
    return seconds;
  };
  const auto messages = communications(build_job(s), 0);
  for (const Recompute kind : {Recompute::norms, Recompute::latent_up_projections, Recompute::activation_function}) {
    CHECK(time(kind) > time({}));
    s.plan.recompute = kind;
    CHECK(communications(build_job(s), 0) == messages);
  }
}

TEST_CASE("a stage keeps what no kind repeats for every microbatch alive, and once what its kinds bring back")
{
  Scenario s = latent(1, 2, 2);
  const Recomputation set = Recomputation(Recompute::norms).with(Recompute::latent_up_projections);
  s.plan.recompute = set;
  const Shard shard = shard_of(s);
  // stage 0 of two holds layers 0 to 3 for two microbatches (1F1B); of them 0 and 1 are dense, 2 and 3 routed
  const Bytes layers = 2 * layer_activation_bytes(shard, 0) + 2 * layer_activation_bytes(shard, 2);
  const Bytes once = repeated_activation_bytes(shard, 0); // attention is the larger half of every layer
  CHECK(once == repeated_activation_bytes(shard, 2));
  Shard plain = shard;
  plain.recompute = Recompute::none;
  Bytes workspace{};
  for (const int layer : {0, 2}) {
    CHECK((layer_workspace_bytes(shard, layer) - layer_workspace_bytes(plain, layer)).base() == near(once.base()));
    workspace = std::max(workspace, layer_workspace_bytes(shard, layer));
  }
  CHECK(memory_needs(s)[0].activations.base() == near((2 * layers + workspace + 2 * embedding_activation_bytes(shard)).base()));
}

} // namespace weft
