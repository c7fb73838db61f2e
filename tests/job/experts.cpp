// Routed experts in the job: who meets whom, how much travels, how long the busiest rank computes.
#include "approx.hpp"
#include "config/error.hpp"
#include "job/expert_load.hpp"
#include "job/expert_traffic.hpp"
#include "job/ranks.hpp"
#include "job/small.hpp"
#include "job/works.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <set>

namespace weft {
using namespace job_test;

namespace {

/// Mean number of different holders hit, by going through all sets of eligible nodes and all sets of experts on them.
double by_enumeration(const TokenRouting& r, int holders)
{
  const int eligible_nodes = r.node_limit > 0 ? r.node_limit : r.nodes, per_node = r.experts / r.nodes;
  double hits = 0, sets = 0;
  for (unsigned nodes = 0; nodes < 1U << r.nodes; nodes++) {
    if (std::popcount(nodes) != eligible_nodes) continue;
    for (unsigned chosen = 0; chosen < 1U << r.experts; chosen++) {
      if (std::popcount(chosen) != r.active) continue;
      std::set<int> hit;
      bool allowed = true;
      for (int e = 0; e < r.experts; e++) {
        if ((chosen >> e & 1U) == 0) continue;
        allowed = allowed && (nodes >> (e / per_node) & 1U) != 0;
        hit.insert(e / (r.experts / holders));
      }
      if (!allowed) continue;
      hits += static_cast<double>(hit.size());
      sets++;
    }
  }
  return hits / sets;
}

Scenario on_nodes_of(Scenario s, int accelerators)
{
  s.platform.node.accelerators = accelerators;
  return s;
}

} // namespace

TEST_CASE("expected nodes and ranks of a token are those of drawing experts without replacement")
{
  for (const TokenRouting& r :
       {TokenRouting{8, 2, 2, 4, 0}, {8, 3, 4, 8, 2}, {12, 4, 3, 6, 2}, {12, 2, 1, 4, 0}, {8, 8, 2, 2, 0}, {8, 2, 4, 4, 1}}) {
    CHECK(expected_nodes(r) == near(by_enumeration(r, r.nodes)));
    CHECK(expected_ranks(r) == near(by_enumeration(r, r.ranks)));
  }
  // by hand: 2 of 8 experts on 2 nodes of 4: both on one with C(4,2) / C(8,2) = 6 / 28 for either
  CHECK(expected_nodes({8, 2, 2, 4, 0}) == near(2 * (1 - 6.0 / 28)));
}

TEST_CASE("groups of experts: nearest ranks hold the experts between them, the others are their copies")
{
  // 16 ranks of a stage, tp 2, dp 8; whole experts over ep 4: {0..3}, {4..7}, ...; copies of rank 1's experts: 1, 5, 9, 13
  Scenario s = small_experts(2, 1, 8);
  s.plan.ep = 4;
  s.plan.etp = 1;
  const Job job = build_job(s);
  check(job);
  CHECK(group(job, 5, slot_expert) == std::vector<std::uint32_t>{4, 5, 6, 7});
  CHECK(group(job, 1, slot_expert_data) == std::vector<std::uint32_t>{1, 5, 9, 13});
  CHECK(group(job, 1, slot_expert_tensor).empty());
  CHECK(group(job, 1, slot_data) == std::vector<std::uint32_t>{1, 3, 5, 7, 9, 11, 13, 15});
  s.plan.etp = 2; // each expert over the ranks of tp: ep strides over them
  const Job cut = build_job(s);
  check(cut);
  CHECK(group(cut, 5, slot_expert) == std::vector<std::uint32_t>{1, 3, 5, 7});
  CHECK(group(cut, 5, slot_expert_tensor) == std::vector<std::uint32_t>{4, 5});
  CHECK(group(cut, 5, slot_expert_data) == std::vector<std::uint32_t>{5, 13});
}

TEST_CASE("node-limited dispatch: ranks with the same place across nodes, then the ranks of a node")
{
  Scenario s = on_nodes_of(small_experts(1, 1, 16), 4);
  s.plan.ep = 8;
  s.plan.dispatch = Dispatch::node_limited;
  const Job job = build_job(s);
  check(job);
  CHECK(group(job, 5, slot_expert).empty());
  CHECK(group(job, 5, slot_expert_within) == std::vector<std::uint32_t>{4, 5, 6, 7});
  CHECK(group(job, 5, slot_expert_across) == std::vector<std::uint32_t>{1, 5});
  CHECK(group(job, 14, slot_expert_across) == std::vector<std::uint32_t>{10, 14});
  s.plan.ep = 2; // inside a node: nothing crosses
  const Job inside = build_job(s);
  check(inside);
  CHECK(group(inside, 5, slot_expert_across).empty());
  CHECK(communications(inside, 0).count("dispatch across nodes") == 0);
}

TEST_CASE("groups of experts that straddle nodes unevenly have no node-limited dispatch")
{
  Scenario s = on_nodes_of(small_experts(1, 1, 12), 3);
  s.workload->batch = 48;
  s.plan.ep = 4;
  s.plan.dispatch = Dispatch::node_limited;
  CHECK_THROWS_WITH_AS(build_job(s), doctest::Contains("not spread evenly over nodes (choose ep"), ConfigError);
  Scenario narrow = on_nodes_of(small_experts(1, 1, 16), 2);
  narrow.plan.ep = 8; // 2 experts on each of 4 nodes
  narrow.plan.dispatch = Dispatch::node_limited;
  narrow.plan.dispatch_nodes = 1;
  narrow.workload->model.experts.active = 3;
  CHECK_THROWS_WITH_AS(build_job(narrow),
                       doctest::Contains("a token visits 3 experts, but the nodes it may be sent to hold 2 (raise dispatch-nodes)"),
                       ConfigError);
}

TEST_CASE("tokens travel to their experts and back, forward and backward, and once more when forward is repeated")
{
  for (const Recompute recompute : {Recompute::none, Recompute::selective, Recompute::full}) {
    Scenario s = small_experts(1, 1, 8);
    s.plan.ep = 4;
    s.plan.recompute = recompute;
    const Job job = build_job(s);
    check(job);
    // 64 samples / (8 replicas x 2) = 4 passes, 6 routed layers
    const int times = 4 * 6 * (recompute == Recompute::full ? 3 : 2);
    CHECK(communications(job, 0).at("dispatch") == times);
    CHECK(communications(job, 0).at("combine") == times);
    // 2 samples of 256 tokens of 512 bf16 values to 2 experts each, results back the same way
    CHECK(communicated(job, 0, "dispatch") == near(times * (2.0 * 256 * 512 * 2 * 2)));
    CHECK(communicated(job, 0, "combine") == near(times * (2.0 * 256 * 512 * 2 * 2)));
  }
}

TEST_CASE("node-limited dispatch carries each token once per node and once per rank it visits")
{
  Scenario s = on_nodes_of(small_experts(1, 1, 8), 2);
  s.plan.ep = 8; // one expert on each of 8 ranks, 2 on each of 4 nodes
  s.plan.dispatch = Dispatch::node_limited;
  const double tokens = 2.0 * 256 * 512 * 2;
  const auto bytes = [&](const char* name) {
    for (const Payload& p : build_job(s).payloads)
      if (p.name == name) return p.bytes.base();
    return 0.0;
  };
  // the second expert shares the first one's node with probability 1 / 7
  CHECK(bytes("dispatch across nodes") == near(tokens * (2 - 1.0 / 7)));
  CHECK(bytes("dispatch") == near(tokens * 2)); // one expert per rank: two ranks
  s.plan.dispatch_nodes = 1;
  CHECK(bytes("dispatch across nodes") == near(tokens));
  CHECK(bytes("combine across nodes") == near(tokens));
}

TEST_CASE("experts cut over ranks gather the tokens of all of them and scatter the sums")
{
  Scenario s = small_experts(2, 1, 4);
  s.plan.ep = 2;
  const Job job = build_job(s);
  check(job);
  // a rank of tp routes half of the 512 tokens, to 2 experts each; both halves are gathered
  const int times = 8 * 6 * 2;
  CHECK(communicated(job, 0, "expert all-gather") == near(times * (256.0 * 2 * 512 * 2) * 2));
  CHECK(communicated(job, 0, "expert reduce-scatter") == near(times * (256.0 * 2 * 512 * 2) * 2));
}

TEST_CASE("all plans of a mixture of experts on up to 16 ranks compute the model's flops, balanced or not")
{
  const double expected = 64 * model_flops_per_sample(*small_experts(1, 1, 1).workload).base();
  constexpr std::array degrees{1, 2, 4, 8};
  int plans = 0;
  for (const int tp : degrees)
    for (const int cp : degrees)
      for (const int pp : degrees)
        for (const int dp : degrees)
          for (const int ep : degrees)
            for (const int etp : degrees) {
              if (tp * cp * pp * dp > 16 || tp * cp * dp % (ep * etp) != 0) continue;
              Scenario s = small_experts(tp, pp, dp);
              s.plan.cp = cp, s.plan.ep = ep, s.plan.etp = etp;
              s.plan.recompute = static_cast<Recompute>(plans % 3);
              s.plan.overlap.experts = plans % 2 == 0;
              s.workload->execution.expert_imbalance = plans % 5 == 0 ? 0.7 : 0;
              CAPTURE(tp);
              CAPTURE(cp);
              CAPTURE(pp);
              CAPTURE(dp);
              CAPTURE(ep);
              CAPTURE(etp);
              const Job job = build_job(s);
              check(job);
              CHECK(all_flops(job) == near(expected));
              plans++;
            }
  CHECK(plans > 200);
}

TEST_CASE("gradients of experts are summed over their copies, those of dense weights over all ranks that share them")
{
  Scenario s = small_experts(2, 1, 8);
  s.plan.ep = 4;
  s.plan.etp = 1; // 2 experts on each rank, in 16 / 4 = 4 copies
  const Job job = build_job(s);
  double dense = 0, routed = 0;
  Shard shard = shard_of(s);
  for (int layer = 0; layer < 8; layer++) {
    dense += held_parameters(shard, layer).dense;
    routed += held_parameters(shard, layer).experts;
  }
  CHECK(routed == near(6 * 2 * 3.0 * 512 * 256));         // 6 routed layers, 2 experts of three matrices
  const double ends = (1024 / 2 + 256) * 512.0 + 2 * 512; // half of the tied table, positions, final norm
  CHECK(communicated(job, 0, "gradients") == near(4 * (dense + ends)));
  CHECK(communicated(job, 0, "expert gradients") == near(4 * routed));
}

TEST_CASE("balanced experts carry the mean; unbalanced ones more, the more the fewer share a rank, the same for a seed")
{
  Scenario s = small_experts(1, 1, 8);
  s.plan.ep = 8;
  CHECK(expert_load(s, 2).busiest == 1);
  s.workload->execution.expert_imbalance = 0.5;
  const double load = expert_load(s, 2).busiest;
  CHECK(load > 1);
  CHECK(load < 8); // all tokens at one of eight
  CHECK(expert_load(s, 2).busiest == load);
  CHECK(expert_load(s, 3).busiest != load);
  Scenario wide = s;
  wide.plan.ep = 2; // a rank of four experts is never busier than its busiest expert
  CHECK(expert_load(wide, 2).busiest < load);
  wide.plan.ep = 1;
  CHECK(expert_load(wide, 2).busiest == near(1)); // all experts on one rank: all tokens
  s.engine.seed = 7;
  CHECK(expert_load(s, 2).busiest != load);
}

TEST_CASE("the mean of the busiest load over many layers is that of the largest of lognormal draws")
{
  // With one expert per rank and few large draws the mean of the maximum of n lognormal variables of mean 1 and spread c is bounded by
  // 1 + c (n - 1) / sqrt(2 n - 1) (Hartley and David 1954, Gumbel 1954); n = 8, c = 0.25: 1.45. It is above one spread: 1.25.
  Scenario s = small_experts(1, 1, 8);
  s.plan.ep = 8;
  s.workload->execution.expert_imbalance = 0.25;
  double total = 0;
  for (int layer = 0; layer < 2000; layer++) total += expert_load(s, layer).busiest;
  CHECK(total / 2000 < 1.45);
  CHECK(total / 2000 > 1.25);
}

TEST_CASE("capacity bounds what an expert takes")
{
  Scenario s = small_experts(1, 1, 8);
  s.plan.ep = 8;
  s.workload->execution.expert_imbalance = 2;
  s.workload->execution.expert_capacity = 1.25;
  for (int layer = 0; layer < 50; layer++) CHECK(expert_load(s, layer).busiest <= 1.25);
}

TEST_CASE("the busiest rank's tokens take longer and travel heavier")
{
  Scenario s = small_experts(1, 1, 8);
  s.plan.ep = 8;
  const auto step = [](const Job& job) {
    double time = 0;
    for (const Task& t : job.programs[0].tasks)
      if (t.kind == TaskKind::compute) time += job.works[t.what].duration.base();
    return time;
  };
  const Job balanced = build_job(s);
  s.workload->execution.expert_imbalance = 0.5;
  const Job uneven = build_job(s);
  check(uneven);
  CHECK(step(uneven) > step(balanced));
  double load = 0;
  for (int layer = 2; layer < 8; layer++) load += expert_load(s, layer).busiest / 6;
  CHECK(communicated(uneven, 0, "dispatch") == near(communicated(balanced, 0, "dispatch") * load));
}

TEST_CASE("shared experts run beside the way to the experts where the plan lets them")
{
  for (const bool beside : {false, true}) {
    Scenario s = small_experts(1, 1, 8);
    s.plan.ep = 8;
    s.plan.overlap.experts = beside;
    const Job job = build_job(s);
    check(job);
    const Program& program = job.programs[0];
    std::map<std::string, std::uint32_t> last;
    int seen = 0;
    for (std::uint32_t t = 0; t < program.tasks.size(); ++t) {
      const Task& task = program.tasks[t];
      const std::string& name = task.kind == TaskKind::compute ? job.works[task.what].name : job.payloads[task.what].name;
      if (name == "experts forward") {
        const auto waits = program.waits_of(task);
        CHECK(std::find(waits.begin(), waits.end(), last.at("dispatch")) != waits.end());
        CHECK((last.contains("experts shared forward") && last.at("experts shared forward") > last.at("dispatch")) == beside);
        if (++seen == 1) break; // of the first layer
      }
      last[name] = t;
    }
    CHECK(seen == 1);
  }
}

} // namespace weft
