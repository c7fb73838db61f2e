// What surrounds the passes of a step: clipping, the input pipeline; experts of one size; buckets behind paired passes.
#include "approx.hpp"
#include "job/expert_load.hpp"
#include "job/ranks.hpp"
#include "job/small.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace weft {
using namespace job_test;

TEST_CASE("clipping by the common norm sums four bytes over all ranks, once per step and in front of the update")
{
  Scenario s = small(2, 2, 2);
  CHECK_FALSE(communications(build_job(s), 0).contains("gradient norm all-reduce"));
  s.workload->execution.global_gradient_norm = true;
  const Job job = build_job(s);
  check(job);
  for (const std::size_t stage : {0, 1}) {
    CHECK(communications(job, stage).at("gradient norm all-reduce") == 1);
    CHECK(communicated(job, stage, "gradient norm all-reduce") == 4);
  }
  CHECK(group(job, 5, slot_clip).size() == 8);
  CHECK(all_flops(job) == near(64 * model_flops_per_sample(*s.workload).base()));
  s = small(1, 1, 1);
  s.workload->execution.global_gradient_norm = true;
  CHECK_FALSE(communications(build_job(s), 0).contains("gradient norm all-reduce")); // one rank has the norm
}

TEST_CASE("the input pipeline of the first stage makes the microbatches of a step ready beside it")
{
  Scenario s = small(1, 2, 2);
  s.workload->execution.loading_time = Seconds(0.25);
  const Job job = build_job(s);
  check(job);
  const auto loading = [&](std::size_t stage) {
    double time = 0;
    for (const Task& t : job.programs[stage].tasks)
      if (job.lanes[t.lane] == "data loader") {
        CHECK(t.waits == 0);
        CHECK(job.works[t.what].category == Category::other);
        time += job.works[t.what].duration.base();
      }
    return time;
  };
  CHECK(loading(0) == near(0.25 * 64 / (2 * 2)));
  CHECK(loading(1) == 0);
}

TEST_CASE("experts filled up to a capacity have one size: products, messages and hardware flops are those of the capacity")
{
  Scenario s = small_experts(1, 1, 8);
  s.plan.ep = 8;
  s.workload->execution.expert_imbalance = 0.5;
  s.workload->execution.expert_capacity = 1.25;
  const auto flops_of = [](const Job& job, Flops Work::*kind) {
    double total = 0;
    for (const Rank& r : job.ranks)
      for (const Task& t : job.programs[r.role.index()].tasks)
        if (t.kind == TaskKind::compute) total += (job.works[t.what].*kind).base();
    return total;
  };
  Scenario even = s;
  even.workload->execution.expert_imbalance = even.workload->execution.expert_capacity = 0;
  const double nominal = 64 * model_flops_per_sample(*s.workload).base(), tokens = communicated(build_job(even), 0, "dispatch");
  double experts = 0, kept = 0;
  for (int layer = 2; layer < 8; layer++) {
    const double flops = 64 * 3 * expert_flops_per_sample(*s.workload, layer).base();
    CHECK(flops == near(64 * 3 * 2.0 * 256 * 2 * 3 * 512 * 256)); // 256 tokens to two experts of three matrices each
    const double share = expert_load(s, layer).kept;
    CHECK(share < 1);
    CHECK(share > 0.7);
    experts += flops;
    kept += share * flops;
  }
  for (const bool pad : {false, true}) {
    s.workload->execution.pad_experts = pad;
    const Job job = build_job(s);
    CHECK(flops_of(job, &Work::model_flops) == near(nominal - experts + kept));
    CHECK(flops_of(job, &Work::hardware_flops) == near(nominal - experts + (pad ? 1.25 * experts : kept)));
    CHECK(64 * flops_per_sample(s).model.base() == near(flops_of(job, &Work::model_flops)));
    CHECK(64 * flops_per_sample(s).hardware.base() == near(flops_of(job, &Work::hardware_flops)));
    double busiest = 0; // of six layers
    for (int layer = 2; layer < 8; layer++) busiest += expert_load(s, layer).busiest / 6;
    CHECK(communicated(job, 0, "dispatch") == near((pad ? 1.25 : busiest) * tokens));
  }
}

TEST_CASE("paired passes of DualPipeV reduce, scatter and gather as others do, and no task waits for a later one")
{
  for (const Zero zero : {Zero::off, Zero::optimizer, Zero::gradients, Zero::parameters})
    for (const bool overlap : {false, true}) {
      Scenario s = small_experts(1, 2, 4);
      s.plan.schedule = "dualpipev";
      s.plan.virtual_stages = 2;
      s.plan.ep = 2;
      s.plan.zero = zero;
      s.plan.overlap.gradients = overlap;
      s.plan.overlap.parameters = overlap && zero != Zero::off;
      CAPTURE(static_cast<int>(zero));
      CAPTURE(overlap);
      const Job job = build_job(s);
      check(job);
      CHECK(all_flops(job) == near(64 * model_flops_per_sample(*s.workload).base()));
      if (zero == Zero::off && overlap) CHECK(communications(job, 0).at("gradients of 1 layer(s)") == 4);
      // ZeRO-2 and 3 scatter after each of the 64 / (4 x 2) microbatches
      if (zero >= Zero::gradients && overlap) CHECK(communications(job, 0).at("gradients of 1 layer(s)") == 4 * 8);
    }
}

} // namespace weft
