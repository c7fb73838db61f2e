// Collectives beside computations: multiprocessors they take, and products that go with them in pieces.
#include "job/sharing.hpp"
#include "approx.hpp"
#include "job/small.hpp"

#include <doctest/doctest.h>

#include <string>

namespace weft {
using namespace job_test;
namespace {

double duration(const Scenario& s, const std::string& name)
{
  for (const Work& w : build_job(s).works)
    if (w.name == name) return w.duration.base();
  return 0.0;
}

/// All works of one layer's forward whose names begin so.
double durations(const Scenario& s, const std::string& begin)
{
  double total = 0;
  for (const Work& w : build_job(s).works)
    if (w.name.starts_with(begin)) total += w.duration.base();
  return total;
}

} // namespace

TEST_CASE("a computation beside a collective has the multiprocessors the collective leaves")
{
  Scenario s = small(2, 1, 1);
  s.platform.node.host_medium.bandwidth = Bandwidth(1e6); // slow: the collective lasts longer than what it runs beside
  s.platform.node.chip.compute.multiprocessors = 100;
  const double weights = duration(s, "attention weight gradient"), data = duration(s, "attention input gradient");
  s.platform.library.multiprocessors = 20;
  CHECK(duration(s, "attention weight gradient") == weights); // nothing runs beside it yet
  s.plan.overlap.tensor = TensorOverlap::backward;
  CHECK(duration(s, "attention weight gradient") == near(weights * 100 / 80));
  CHECK(duration(s, "attention input gradient") == data); // its all-reduce waits for it
  s.plan.sequence_parallel = true;
  CHECK(duration(s, "attention input gradient") == near(data * 100 / 80));
}

TEST_CASE("a collective shorter than the computation beside it takes its share while it runs")
{
  // The input gradients of 2 x 256 tokens x 512 values in 2 bytes, scattered over two ranks: half of 512 KiB at 1 TB/s.
  Scenario s = small(2, 1, 1);
  s.plan.sequence_parallel = true;
  s.platform.node.host_medium.bandwidth = Bandwidth(1e12);
  s.platform.node.chip.compute.multiprocessors = 100;
  const double alone = duration(s, "attention weight gradient");
  s.platform.library.multiprocessors = 20;
  s.plan.overlap.tensor = TensorOverlap::backward;
  const double collective = 2 * 256 * 512 * 2 / 2 / 1e12;
  REQUIRE(collective < alone);
  CHECK(duration(s, "attention weight gradient") == near(alone + 0.2 * collective));
}

TEST_CASE("sums of gradients once per step slow every microbatch by its part, those after every microbatch by all of it")
{
  Scenario s = small(1, 1, 2);
  s.platform.node.host_medium.bandwidth = Bandwidth(1e12);
  s.platform.node.accelerators = 2;
  s.platform.node.chip.compute.multiprocessors = 100;
  s.platform.library.multiprocessors = 20;
  const std::string work = "attention weight gradient";
  const double alone = duration(s, work);
  s.plan.zero = Zero::optimizer;
  s.plan.overlap.gradients = true;
  const double once = duration(s, work) - alone;
  s.plan.zero = Zero::gradients;
  const double always = duration(s, work) - alone;
  CHECK(once > 0);
  CHECK(always == near(16 * once)); // 64 samples over 2 replicas, 2 in a microbatch
}

TEST_CASE("products that go in pieces with their collectives lose no flop and start with no data missing")
{
  Scenario s = small(4, 1, 1);
  s.plan.sequence_parallel = true;
  const auto without = communications(build_job(s), 0);
  const double flops = all_flops(build_job(s));
  s.plan.overlap.tensor = TensorOverlap::pipelined;
  const Job job = build_job(s);
  check(job);
  CHECK(communications(job, 0) == without);
  CHECK(all_flops(job) == near(flops));
  // Three of four pieces of a layer's first product have the gather beside them; what follows waits for it.
  const Program& program = job.programs[0];
  int beside = 0;
  for (std::size_t t = 1; t + 1 < program.tasks.size(); t++) {
    const Task& task = program.tasks[t];
    if (task.kind != TaskKind::compute || !job.works[task.what].name.ends_with("column product beside its gather")) continue;
    beside++;
    const Task& next = program.tasks[t + 1];
    bool waits = false;
    for (std::uint32_t w = next.first_wait; w < next.first_wait + next.waits; w++) waits = waits || program.waits[w] == t - 1;
    CHECK(job.payloads[program.tasks[t - 1].what].operation == Operation::all_gather);
    CHECK(waits);
  }
  CHECK(beside == 32 * 8 * 2);
}

TEST_CASE("on a chip without waves pieces take as long as the product in one")
{
  Scenario s = small(4, 1, 1);
  s.plan.sequence_parallel = true;
  s.platform.node.chip.compute.multiprocessors = 1;
  s.platform.node.chip.compute.tile_rows = s.platform.node.chip.compute.tile_columns = 1;
  s.platform.node.chip.compute.kernel_overhead = {};
  s.workload->execution.cuda_graphs = true; // or each piece is launched by itself
  const double whole = durations(s, "feed-forward forward");
  s.plan.overlap.tensor = TensorOverlap::pipelined;
  const double pieces = durations(s, "feed-forward forward") + durations(s, "feed-forward column product") + durations(s, "feed-forward row product beside");
  CHECK(pieces == near(whole, 1e-9));
}

} // namespace weft
