// Data parallelism in the job: hybrid sharding, gathers in time, uneven parts, memory of what is cut.
#include "approx.hpp"
#include "config/error.hpp"
#include "job/chain_writer.hpp"
#include "job/parameters.hpp"
#include "job/ranks.hpp"
#include "job/small.hpp"
#include "job/works.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace weft {
using namespace job_test;

namespace {

Scenario cut_state(int dp, Zero zero, int group)
{
  Scenario s = small(1, 1, dp);
  s.plan.zero = zero;
  s.plan.zero_group = group;
  return s;
}

/// Bytes one rank sends for all collectives of the operations, as rings do: (n - 1) / n of the payload, twice for an all-reduce.
double sent_by_ring(const Job& job, std::uint32_t rank)
{
  double bytes = 0;
  for (const Task& t : job.programs[job.ranks[rank].role.index()].tasks) {
    if (t.kind != TaskKind::communicate) continue;
    const Payload& p = job.payloads[t.what];
    const auto n = static_cast<double>(group(job, rank, t.slot).size());
    bytes += (p.operation == Operation::all_reduce ? 2 : 1) * (n - 1) / n * p.bytes.base();
  }
  return bytes;
}

} // namespace

TEST_CASE("hybrid sharding cuts over neighbours and pairs the parts across neighbourhoods")
{
  const Job job = build_job(cut_state(8, Zero::optimizer, 4));
  check(job);
  CHECK(group(job, 5, slot_shard) == std::vector<std::uint32_t>{4, 5, 6, 7});
  CHECK(group(job, 5, slot_replica) == std::vector<std::uint32_t>{1, 5});
  const double all = total_parameters(*small(1, 1, 1).workload);
  CHECK(communicated(job, 0, "gradients") == near(4 * all));           // scattered within
  CHECK(communicated(job, 0, "gradient shards") == near(4 * all / 4)); // the scattered part summed across
  CHECK(communicated(job, 0, "parameter all-gather") == near(2 * all));
}

TEST_CASE("ZeRO sends the volumes of its paper: 2, 2 and 3 times the parameters a microbatch")
{
  // Rajbhandari et al. 2020, section 7, in parameters of equal bytes, for one microbatch: an all-reduce is 2 psi, ZeRO-1 and 2 scatter
  // gradients and gather parameters, psi each; ZeRO-3 gathers the parameters once more. A ring sends (n - 1) / n of that.
  for (const Zero zero : {Zero::off, Zero::optimizer, Zero::gradients, Zero::parameters}) {
    Scenario s = cut_state(8, zero, 0);
    s.workload->batch = 16;
    s.workload->gradients = Precision::bf16;
    const Job job = build_job(s);
    check(job);
    const double psi = total_parameters(*s.workload), layers = 8 * layer_parameters(s.workload->model, 0);
    // the ends of the network stay gathered between forward and backward
    const double times = zero == Zero::parameters ? 2 * layers + (psi - layers) + psi : 2 * psi;
    CHECK(sent_by_ring(job, 3) == near(7.0 / 8 * 2 * times));
  }
}

TEST_CASE("hybrid sharding sends less across: (n - 1) / n within, 2 (m - 1) / m of a part across")
{
  // ZeRO-1 over groups of 4 among 8: scatter 4 psi and gather 2 psi bytes within 4, all-reduce 4 psi / 4 among 2
  const Job job = build_job(cut_state(8, Zero::optimizer, 4));
  const double psi = total_parameters(*small(1, 1, 1).workload);
  CHECK(sent_by_ring(job, 0) == near(3.0 / 4 * 6 * psi + 2 * 1.0 / 2 * psi));
}

TEST_CASE("a group of one shards nothing, a group of all is plain ZeRO")
{
  const Job one = build_job(cut_state(4, Zero::optimizer, 1)), all = build_job(cut_state(4, Zero::optimizer, 4)),
            plain = build_job(cut_state(4, Zero::optimizer, 0));
  check(one);
  check(all);
  CHECK(communicated(one, 0, "parameter") == 0);
  CHECK(communicated(one, 0, "gradient shards") == near(4 * total_parameters(*small(1, 1, 1).workload)));
  CHECK(sent_by_ring(all, 2) == near(sent_by_ring(plain, 2)));
}

TEST_CASE("experts are cut over their copies, within the group the plan asks for")
{
  Scenario s = small_experts(1, 1, 16);
  s.workload->batch = 32;
  s.plan.ep = 2; // 8 copies
  s.plan.zero = Zero::optimizer;
  s.plan.zero_group = 4;
  const Job job = build_job(s);
  check(job);
  CHECK(group(job, 5, slot_shard) == std::vector<std::uint32_t>{4, 5, 6, 7});
  CHECK(group(job, 5, slot_expert_shard) == std::vector<std::uint32_t>{1, 3, 5, 7});
  CHECK(group(job, 5, slot_expert_replica) == std::vector<std::uint32_t>{5, 13});
  const double routed = 6 * 4 * 3.0 * 512 * 256;
  CHECK(communicated(job, 0, "expert gradients") == near(4 * routed));
  CHECK(communicated(job, 0, "expert gradient shards") == near(4 * routed / 4));
}

TEST_CASE("what the last step updated is there before it is used, at both ends too")
{
  for (const auto& [pp, layers] : {std::pair{1, 8}, {2, 8}, {8, 6}}) {
    Scenario s = small(1, pp, 2);
    s.workload->model.layers = layers;
    s.plan.embedding_counts_as_layer = s.plan.head_counts_as_layer = layers == 6;
    s.plan.zero = Zero::optimizer;
    s.plan.overlap.parameters = true;
    const Job job = build_job(s);
    for (const auto& [stage, gather, use] : {std::tuple{0, "embedding", "embedding"}, {pp - 1, "head", "final norm"}}) {
      const Program& program = job.programs[static_cast<std::size_t>(stage)];
      std::uint32_t gathered = no_task, used = no_task;
      for (std::uint32_t t = 0; t < program.tasks.size(); ++t) {
        const Task& task = program.tasks[t];
        if (task.kind == TaskKind::communicate && job.payloads[task.what].name == std::string("parameter all-gather, ") + gather)
          gathered = t;
        if (used == no_task && task.kind == TaskKind::compute && job.works[task.what].name == use) used = t;
      }
      REQUIRE(gathered != no_task);
      REQUIRE(used != no_task);
      const auto waits = program.waits_of(program.tasks[used]);
      CHECK(std::find(waits.begin(), waits.end(), gathered) != waits.end());
    }
  }
}

TEST_CASE("owners of whole tensors broadcast all parameters, one owner after another, each layer waiting for the last it needs")
{
  Scenario s = cut_state(64, Zero::optimizer, 0);
  s.workload->batch = 128;
  s.plan.zero_reduce = ZeroReduce::all_reduce;
  s.plan.zero_spread = ZeroSpread::broadcasts;
  const double psi = total_parameters(*s.workload);
  for (const bool overlapped : {false, true}) {
    s.plan.overlap.parameters = overlapped;
    const Job job = build_job(s);
    check(job);
    CHECK(communicated(job, 0, "parameter broadcast") == near(2 * psi));
    CHECK(communicated(job, 0, "gradients") == near(4 * psi)); // all of them to every replica
    CHECK(communicated(job, 0, "parameter all-gather") == 0);
    // 8 layers of qkv, output, up and down, the embedding and its norm: at most 34 tensors for 64 owners
    int broadcasts = 0, waited = 0;
    const Program& program = job.programs[0];
    for (const Task& t : program.tasks) {
      broadcasts += t.kind == TaskKind::communicate && job.payloads[t.what].operation == Operation::broadcast ? 1 : 0;
      if (t.kind != TaskKind::compute) continue;
      for (const std::uint32_t other : program.waits_of(t))
        waited += program.tasks[other].kind == TaskKind::communicate && job.payloads[program.tasks[other].what].operation == Operation::broadcast;
    }
    CHECK(broadcasts > 8);
    CHECK(broadcasts <= 34);
    CHECK((!overlapped || waited >= 9)); // embedding and eight layers, once
  }
}

TEST_CASE("the tensors of a rank are its parameters, and the owner of the largest updates at least that")
{
  for (const Scenario& s : {cut_state(2, Zero::optimizer, 0), small(2, 1, 1), small_experts(1, 1, 4)}) {
    Shard shard = shard_of(s);
    const HeldTensors tensors = held_tensors(shard, 0);
    double dense = 0, experts = 0;
    for (const double t : tensors.dense) dense += t;
    for (const double t : tensors.experts) experts += t;
    CHECK(dense == near(held_parameters(shard, 0).dense));
    CHECK(experts == near(held_parameters(shard, 0).experts));
  }
}

TEST_CASE("the parts of a model may hold any number of layers")
{
  Scenario s = small(1, 4, 2);
  s.plan.stage_layers = {1, 4, 3, 0};
  const Job job = build_job(s);
  check(job);
  CHECK(all_flops(job) == near(64 * model_flops_per_sample(*s.workload).base()));
  for (std::size_t stage = 0; stage < 4; stage++) {
    int norms = 0;
    for (const Task& t : job.programs[stage].tasks) norms += t.kind == TaskKind::compute && job.works[t.what].name == "attention norm";
    CHECK(norms == 16 * s.plan.stage_layers[stage]);
  }
}

TEST_CASE("parts of a model of two sorts of layers hold what is theirs")
{
  Scenario s = small_experts(1, 4, 1);
  s.plan.stage_layers = {2, 2, 2, 2}; // the two dense layers first
  for (int stage = 0; stage < 4; stage++) {
    const HeldParameters held = stage_parameters(s, stage).total();
    CHECK(held.experts == near(stage == 0 ? 0 : 2 * 8 * 3.0 * 512 * 256));
  }
}

TEST_CASE("optimizers keep 12, 8 and about 6 bytes per parameter, cut over the group")
{
  Scenario s = small(1, 1, 8);
  const double all = total_parameters(*s.workload);
  CHECK(memory_needs(s).front().optimizer.base() == near(12 * all));
  s.workload->execution.optimizer = OptimizerKind::sgd;
  CHECK(memory_needs(s).front().optimizer.base() == near(8 * all));
  s.workload->execution.optimizer = OptimizerKind::adam_8bit;
  CHECK(memory_needs(s).front().optimizer.base() == near((6 + 8.0 / 2048) * all));
  s.plan.zero = Zero::optimizer;
  s.plan.zero_group = 2;
  CHECK(memory_needs(s).front().optimizer.base() == near((6 + 8.0 / 2048) * all / 2));
}

TEST_CASE("spreading experts leaves each rank fewer of them, and a cut context fewer tokens")
{
  Scenario s = small_experts(1, 1, 8);
  const MemoryNeed together = memory_needs(s).front();
  s.plan.ep = 8;
  const MemoryNeed spread = memory_needs(s).front();
  // 6 routed layers with 8 experts of three matrices: seven of eight go
  CHECK((together.weights - spread.weights).base() == near(2 * 6 * 7 * 3.0 * 512 * 256));
  Scenario whole = small(1, 1, 2), cut = small(1, 1, 2);
  cut.plan.cp = 2;
  CHECK(memory_needs(cut).front().activations.base() < 0.6 * memory_needs(whole).front().activations.base());
  CHECK(memory_needs(cut).front().weights == memory_needs(whole).front().weights);
}

} // namespace weft
