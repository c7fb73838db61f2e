// Memory of a stage by hand: what is in flight, what frameworks keep besides, and where the peak is.
#include "approx.hpp"
#include "job/memory.hpp"
#include "job/stage_memory.hpp"
#include "job/works.hpp"
#include "small.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace weft {
namespace {

using namespace job_test;

constexpr double mib = 1024.0 * 1024;

/// Bytes of activations of one microbatch in the middle of the model: two layers of the small model on each of four stages.
double two_layers(const Scenario& s) { return 2 * layer_activation_bytes(shard_of(s), 2).base(); }

} // namespace

TEST_CASE("stage i of a 1F1B pipeline of p stages has p - i microbatches in flight at its peak")
{
  const Scenario s = small(1, 4, 1);
  const Pipeline pipeline = pipeline_of(s);
  const std::vector<MemoryNeed> needs = memory_needs(s);
  for (int stage = 1; stage < 3; stage++) { // of the stages without embedding and head
    const double at_hand = stage_holdings(s, pipeline, stage).chunks[0].backward.base();
    CHECK(needs[static_cast<std::size_t>(stage)].activations.base() == near((4 - stage) * two_layers(s) + at_hand));
  }
}

TEST_CASE("GPipe has all microbatches in flight, and the logits of all of them on the last stage")
{
  Scenario s = small(1, 4, 1);
  s.plan.schedule = "gpipe";
  const StageHoldings last = stage_holdings(s, pipeline_of(s), 3);
  const ChunkMemory& chunk = last.chunks[0];
  // 64 samples in microbatches of 2
  CHECK(memory_needs(s)[3].activations.base() == near(32 * (chunk.kept + chunk.logits).base() + std::max(chunk.head, chunk.backward).base()));
  CHECK(memory_needs(s)[3].moment == "backward of microbatch 31 on stage 3");
}

TEST_CASE("the peak says in which pass it is")
{
  Scenario s = small(1, 4, 1);
  CHECK(memory_needs(s)[0].moment == "backward of microbatch 0 on stage 0"); // the layer at hand on top of four microbatches
  s.plan.recompute = Recompute::full;
  CHECK(memory_needs(s)[1].moment == "backward of microbatch 0 on stage 1");
  s.plan.recompute = Recompute::none;
  s.plan.schedule = "interleaved-1f1b";
  s.plan.virtual_stages = 2;
  CHECK(memory_needs(s)[0].moment.find(", chunk ") != std::string::npos);
}

TEST_CASE("a stage output that is kept adds 2 s b h for every microbatch in flight, but for the last stage")
{
  Scenario s = small(1, 4, 1);
  const std::vector<MemoryNeed> freed = memory_needs(s);
  s.plan.keep_stage_outputs = true;
  const std::vector<MemoryNeed> kept = memory_needs(s);
  const double output = 2.0 * 256 * 2 * 512; // bytes: two samples of 256 tokens, 512 wide
  for (std::size_t stage = 0; stage < 4; stage++)
    CHECK((kept[stage].activations - freed[stage].activations).base() == near(stage == 3 ? 0 : static_cast<double>(4 - stage) * output));
  s.plan.tp = 2; // messages are cut over tp, and so is what is kept of them
  s.platform.nodes = 8;
  const Bytes cut = memory_needs(s)[0].activations;
  s.plan.keep_stage_outputs = false;
  CHECK((cut - memory_needs(s)[0].activations).base() == near(4 * output / 2));
}

TEST_CASE("resharding once per step keeps the stage whole: 2 bytes a parameter of weights and its gradients beside their shards")
{
  Scenario s = small(1, 2, 4);
  s.plan.zero = Zero::parameters;
  s.plan.reshard = Reshard::step;
  const double all = stage_parameters(s, 0).total().total();
  const MemoryNeed need = memory_needs(s)[0];
  CHECK(need.weights.base() == near(2 * all * (1 + 1.0 / 4)));
  CHECK(need.gradients.base() == near(4 * all * (1 + 1.0 / 4)));
}

TEST_CASE("resharding once per step gathers and scatters once, not with every microbatch")
{
  for (const bool overlap : {false, true}) {
    Scenario s = small(1, 2, 4);
    s.plan.zero = Zero::parameters;
    s.plan.reshard = Reshard::step;
    s.plan.overlap = {.gradients = overlap, .parameters = overlap};
    const Job job = build_job(s);
    check(job);
    const double all = stage_parameters(s, 0).total().total();
    CHECK(communicated(job, 0, "parameter all-gather") == near(2 * all));
    CHECK(communicated(job, 0, "gradients") == near(4 * all));
  }
}

TEST_CASE("16-bit gradients beside fp32 ones cost 2 bytes a parameter, uncut")
{
  Scenario s = small(1, 1, 4);
  s.plan.zero = Zero::optimizer;
  const MemoryNeed one = memory_needs(s).front();
  s.workload->execution.accumulation = GradientAccumulation::two_passes;
  CHECK((memory_needs(s).front().gradients - one.gradients).base() == near(2 * total_parameters(*s.workload)));
}

TEST_CASE("the flat buffer of gradients is as large as asked, or as the gradients")
{
  Scenario s = small(1, 1, 4);
  const Bytes before = memory_needs(s).front().buffers;
  s.plan.reduction_buffer = Bytes(1e6);
  CHECK((memory_needs(s).front().buffers - before).base() == near(1e6));
  s.plan.reduction_buffer = Bytes(1e15);
  CHECK((memory_needs(s).front().buffers - before).base() == near(4 * total_parameters(*s.workload)));
}

TEST_CASE("of what comes and goes the allocator's memory loses its share, and nothing of what stays")
{
  Scenario s = small(1, 1, 1);
  s.workload->execution.fragmentation = 0;
  const MemoryNeed tight = memory_needs(s).front();
  CHECK(tight.fragmentation == Bytes(0));
  s.workload->execution.fragmentation = 0.2;
  const MemoryNeed loose = memory_needs(s).front();
  // a fifth of M idle: M = in use / 0.8, idle = in use / 4
  CHECK(loose.fragmentation.base() == near((tight.activations + tight.buffers).base() / 4));
  CHECK(loose.reserved() == tight.allocated() + loose.fragmentation);
}

TEST_CASE("the runtime is the driver's context, a communicator per group and one of all, and a pair with each neighbour")
{
  Scenario s = small(2, 4, 2);
  s.platform.node.chip.context_memory = Bytes(400 * mib);
  s.platform.library.communicator_memory = Bytes(100 * mib);
  s.platform.library.communicator_memory_pair = Bytes(10 * mib);
  const std::vector<MemoryNeed> needs = memory_needs(s);
  CHECK(needs[0].runtime.base() == near((400 + 3 * 100 + 10) * mib)); // tp, dp, all; one neighbour
  CHECK(needs[1].runtime.base() == near((400 + 3 * 100 + 2 * 10) * mib));
  Scenario alone = small(1, 1, 1);
  alone.platform = s.platform;
  CHECK(memory_needs(alone)[0].runtime.base() == near(400 * mib));
  CHECK(needs[0].total() == needs[0].allocated() + needs[0].fragmentation + needs[0].runtime);
  CHECK(needs[0].of(MemoryKind::reserved) == needs[0].reserved());
}

} // namespace weft
