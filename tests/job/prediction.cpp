// Prediction modules in the job: their layers communicate as those of the model do.
#include "approx.hpp"
#include "job/parameters.hpp"
#include "job/small.hpp"
#include "job/works.hpp"

#include <doctest/doctest.h>

namespace weft {
using namespace job_test;

namespace {

Scenario predicting(int tp, int pp, int dp, int modules)
{
  Scenario s = small_experts(tp, pp, dp);
  s.workload->model.prediction_layers = modules;
  s.workload->model.tied_embeddings = false;
  return s;
}

int count_of(const Job& job, std::size_t role, const std::string& name)
{
  const auto all = communications(job, role);
  const auto found = all.find(name);
  return found == all.end() ? 0 : found->second;
}

} // namespace

TEST_CASE("a prediction module's layer dispatches and combines like a routed layer of the model")
{
  for (const int modules : {0, 1, 2}) {
    Scenario s = predicting(1, 2, 8, modules);
    s.plan.ep = 4;
    const Job job = build_job(s);
    check(job);
    // 64 samples / (8 replicas x 2) = 4 passes; of the last stage 4 routed layers and the modules', forward and backward
    CHECK(count_of(job, 1, "dispatch") == 4 * (4 + modules) * 2);
    CHECK(count_of(job, 1, "combine") == 4 * (4 + modules) * 2);
    CHECK(all_flops(job) == near(64 * model_flops_per_sample(*s.workload).base()));
  }
}

TEST_CASE("under tensor parallelism a prediction module reduces its looked-up embedding, gathers its inputs, and its head sums the loss again")
{
  const Job plain = build_job(predicting(2, 1, 4, 0)), with = build_job(predicting(2, 1, 4, 1));
  check(with);
  const int passes = 64 / (4 * 2);
  const auto more = [&](const char* name) { return (count_of(with, 0, name) - count_of(plain, 0, name)) / passes; };
  CHECK(more("loss all-reduce") == 3);
  // both inputs of the projection, 2 h wide: forward, and again for the weights' gradient; the sum of their gradients
  CHECK(more("prediction module all-gather") == 2);
  CHECK(more("prediction module reduce-scatter") == 1);
  // The layer: attention gathers forward 1, backward 2, scatters 1 + 1; the shared expert likewise (4 and 2: forward 1, backward data 1 and
  // weights 1; scatters 1 + 1). The head gathers 1 + 1 and scatters 1. The module gathers the projection's columns 1, backward the gradients
  // of its columns 1 and of the embedding 1, and scatters the embedding 1.
  CHECK(more("tensor all-gather") == 3 + 3 + 2 + 3);
  CHECK(more("tensor reduce-scatter") == 2 + 2 + 1 + 1);
}

TEST_CASE("a prediction module's gradients go out in a bucket of their own, its experts' among their copies")
{
  Scenario s = predicting(1, 1, 8, 1);
  s.plan.ep = 4;
  s.plan.overlap.gradients = true;
  const Job job = build_job(s);
  check(job);
  CHECK(count_of(job, 0, "gradients of 1 layer(s)") == 9);
  CHECK(count_of(job, 0, "expert gradients of 1 layer(s)") == 7); // six of the model's
  const StageParameters held = stage_parameters(s, 0);
  CHECK(communicated(job, 0, "gradients") + communicated(job, 0, "expert gradients") == near(4 * held.total().total()));
}

TEST_CASE("a last stage that predicts further tokens holds a copy of the token table, whose gradient both ends sum")
{
  const Scenario s = predicting(1, 2, 1, 1), plain = predicting(1, 2, 1, 0);
  const double table = 1024.0 * 512, layer = held_parameters(shard_of(s), 8).total(), around = 2 * 512.0 * 512 + 3 * 2 * 512;
  CHECK(stage_parameters(s, 1).total().total() - stage_parameters(plain, 1).total().total() == near(table + layer + around));
  CHECK(communicated(build_job(s), 1, "tied embedding gradients") == near(4 * table));
  CHECK(communicated(build_job(s), 0, "tied embedding gradients") == near(4 * table));
  CHECK(count_of(build_job(plain), 1, "tied embedding gradients") == 0);
}

TEST_CASE("prediction modules are repeated with the layers, and every schedule computes their flops")
{
  for (const char* schedule : {"1f1b", "gpipe", "interleaved-1f1b", "zb-h1", "zb-v", "dualpipe", "dualpipev", "breadth-first"})
    for (const Recomputation& again : {Recomputation{}, Recomputation(Recompute::full), Recomputation(Recompute::norms).with(Recompute::activation_function)}) {
      Scenario s = predicting(1, 2, 2, 1);
      s.workload->model.layers = 8;
      s.plan.schedule = schedule;
      const bool chunks = s.plan.schedule != "1f1b" && s.plan.schedule != "gpipe" && s.plan.schedule != "zb-h1";
      s.plan.virtual_stages = chunks ? 2 : 1;
      s.plan.recompute = again;
      s.plan.ep = 2;
      CAPTURE(schedule);
      const Job job = build_job(s);
      check(job);
      double model = 0, hardware = 0;
      for (const Rank& r : job.ranks)
        for (const Task& t : job.programs[r.role.index()].tasks)
          if (t.kind == TaskKind::compute) {
            model += job.works[t.what].model_flops.base();
            hardware += job.works[t.what].hardware_flops.base();
          }
      CHECK(model == near(64 * model_flops_per_sample(*s.workload).base()));
      CHECK(hardware == near(64 * hardware_flops_per_sample(*s.workload, again).base()));
    }
}

} // namespace weft
