// Context parallelism in the job: rings, gathers and exchanges of heads, their volumes, and that no flop is lost.
#include "approx.hpp"
#include "job/chain_writer.hpp"
#include "job/layer_writer.hpp"
#include "job/ranks.hpp"
#include "job/small.hpp"
#include "job/works.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace weft {
using namespace job_test;

namespace {

Scenario cut_context(int cp, ContextExchange exchange, Recompute recompute = Recompute::none)
{
  Scenario s = small(1, 1, 2);
  s.plan.cp = cp;
  s.plan.context = exchange;
  s.plan.recompute = recompute;
  return s;
}

/// Keys and values of the tokens of one rank: 2 samples of 256 / cp tokens, 512 values each, 2 bytes.
double keys(int cp) { return 2.0 * (2 * 256 * 512 * 2) / cp; }

constexpr int passes = 16; // 64 samples / (2 replicas x 2 per pass)
constexpr int layers = 8;

} // namespace

TEST_CASE("every rank of a ring hands on to the next, the last to the first")
{
  Scenario s = small(2, 1, 1);
  s.plan.cp = 3;
  const Job job = build_job(s);
  check(job);
  CHECK(job.ranks.size() == 6);
  CHECK(group(job, 1, slot_ring_send) == std::vector<std::uint32_t>{1, 3});
  CHECK(group(job, 5, slot_ring_send) == std::vector<std::uint32_t>{5, 1});
  CHECK(group(job, 1, slot_ring_receive) == std::vector<std::uint32_t>{5, 1});
  CHECK(group(job, 0, slot_data) == std::vector<std::uint32_t>{0, 2, 4}); // one replica, whose three ranks hold the same weights
}

TEST_CASE("a ring moves keys and values cp - 1 times forward; backward them and their gradients as often")
{
  for (const int cp : {2, 4}) {
    const Job job = build_job(cut_context(cp, ContextExchange::ring));
    check(job);
    const auto count = communications(job, 0);
    const int once = passes * layers, ends = 2; // a send and a receive each
    CHECK(count.at("keys and values to the next rank") == ends * once * (cp - 1 + 1));
    CHECK(count.at("gradients of keys and values to the next rank") == ends * once);
    CHECK((cp == 2 || count.at("keys, values and their gradients to the next rank") == ends * once * (cp - 2)));
    const double bytes = communicated(job, 0, "keys") + communicated(job, 0, "gradients of keys");
    CHECK(bytes == near(ends * once * 3.0 * (cp - 1) * keys(cp)));
  }
}

TEST_CASE("the gather brings keys and values of all ranks, twice, and scatters their gradients once")
{
  const Job job = build_job(cut_context(4, ContextExchange::all_gather));
  check(job);
  CHECK(communicated(job, 0, "keys and values all-gather") == near(2.0 * passes * layers * 4 * keys(4)));
  CHECK(communicated(job, 0, "gradients of keys and values reduce-scatter") == near(1.0 * passes * layers * 4 * keys(4)));
}

TEST_CASE("Ulysses swaps queries, keys and values in and the context out, four activations each way")
{
  // Jacobs et al. 2023, arXiv:2309.14509, section 3.2: 4 N h / P per link and layer forward, N tokens of h values; here as send buffers of
  // 2-byte values, and the same again backward
  const Job job = build_job(cut_context(4, ContextExchange::all_to_all));
  check(job);
  const double activation = 2 * 256 / 4 * 512 * 2.0;
  CHECK(communicated(job, 0, "tokens for heads") == near(2.0 * passes * layers * 3 * activation));
  CHECK(communicated(job, 0, "heads for tokens") == near(2.0 * passes * layers * activation));
}

TEST_CASE("a gathered ring gathers keys once a pass beside the first piece, and hands on gradients in fp32")
{
  const int cp = 4, once = passes * layers;
  const Job job = build_job(cut_context(cp, ContextExchange::gathered_ring));
  check(job);
  const auto count = communications(job, 0);
  CHECK(count.at("keys and values all-gather") == 2 * once);
  CHECK(count.at("gradients of keys and values to the next rank") == 2 * once * cp); // a send and a receive each
  CHECK(communicated(job, 0, "keys and values all-gather") == near(2 * once * cp * keys(cp)));
  CHECK(communicated(job, 0, "gradients of keys") == near(2 * once * cp * 2 * keys(cp)));
}

TEST_CASE("repeating attention repeats its exchanges")
{
  const int once = 2 * passes * layers;
  for (const Recompute recompute : {Recompute::selective, Recompute::full}) {
    const auto count = communications(build_job(cut_context(4, ContextExchange::ring, recompute)), 0);
    CHECK(count.at("keys and values to the next rank") == once * (3 + 3 + 1));
  }
}

TEST_CASE("context parallelism computes the model's flops, however ranks meet")
{
  const double expected = 64 * model_flops_per_sample(*small(1, 1, 1).workload).base();
  for (const ContextExchange exchange : {ContextExchange::ring, ContextExchange::all_gather, ContextExchange::all_to_all, ContextExchange::gathered_ring})
    for (const AttentionKernel kernel : {AttentionKernel::unfused, AttentionKernel::flash})
      for (const Recompute recompute : {Recompute::none, Recompute::selective, Recompute::full}) {
        if (attends_in_pieces(exchange) && kernel == AttentionKernel::unfused) continue; // the reader refuses it
        Scenario s = small(2, 2, 2);
        s.plan.cp = 4;
        s.plan.context = exchange;
        s.plan.recompute = recompute;
        s.plan.sequence_parallel = kernel == AttentionKernel::flash;
        s.workload->attention = kernel;
        const Job job = build_job(s);
        check(job);
        CHECK(all_flops(job) == near(expected));
        double hardware = 0;
        for (const Rank& r : job.ranks)
          for (const Task& t : job.programs[r.role.index()].tasks)
            if (t.kind == TaskKind::compute) hardware += job.works[t.what].hardware_flops.base();
        CHECK(hardware == near(64 * hardware_flops_per_sample(*s.workload, recompute).base()));
      }
}

TEST_CASE("pieces of attention wait for the keys they read, and exchanges run beside them")
{
  const Job job = build_job(cut_context(3, ContextExchange::ring));
  const Program& program = job.programs[0];
  const auto waits_for = [&](std::uint32_t task, std::uint32_t other) {
    const auto waits = program.waits_of(program.tasks[task]);
    return std::find(waits.begin(), waits.end(), other) != waits.end();
  };
  std::vector<std::uint32_t> receives, pieces;
  for (std::uint32_t t = 0; t < program.tasks.size() && pieces.size() < 3; ++t) {
    if (program.tasks[t].lane == lane_ring_receive) receives.push_back(t);
    if (program.tasks[t].kind == TaskKind::compute && job.works[program.tasks[t].what].name.find("core") != std::string::npos)
      pieces.push_back(t);
  }
  REQUIRE(receives.size() == 2);
  REQUIRE(pieces.size() == 3);
  CHECK(waits_for(pieces[1], receives[0]));
  CHECK(waits_for(pieces[2], receives[1]));
  CHECK_FALSE(waits_for(pieces[0], receives[0]));
  CHECK_FALSE(waits_for(pieces[1], receives[1]));
  CHECK_FALSE(waits_for(receives[1], pieces[1]));
}

TEST_CASE("a split backward pass computes and sends what a whole one does")
{
  Scenario s = small_experts(2, 1, 4);
  s.plan.cp = 2;
  s.plan.ep = 4;
  s.plan.etp = 1;
  for (const Recompute recompute : {Recompute::none, Recompute::selective, Recompute::full}) {
    s.plan.recompute = recompute;
    std::array<double, 2> flops{}, sent{};
    for (const Backward backward : {Backward::whole, Backward::split}) {
      Job job;
      add_training_ranks(job, s);
      const StepWorks works = add_works(job, s, backward);
      const StepPayloads payloads = add_payloads(job, s);
      Program program;
      ChainWriter chain(program);
      LayerWriter writer(s, works, payloads, chain);
      for (int layer = 7; layer >= 0; layer--) {
        if (backward == Backward::whole) {
          writer.backward(layer, Gradients::all);
        } else {
          writer.backward(layer, Gradients::inputs);
          writer.backward(layer, Gradients::weights);
        }
      }
      const auto kind = static_cast<std::size_t>(backward);
      for (const Task& t : program.tasks)
        if (t.kind == TaskKind::compute)
          flops[kind] += job.works[t.what].hardware_flops.base();
        else if (job.payloads[t.what].category != Category::tensor)
          sent[kind] += job.payloads[t.what].bytes.base();
    }
    CHECK(flops[0] > 0);
    CHECK(flops[0] == near(flops[1]));
    CHECK(sent[0] == near(sent[1]));
  }
}

} // namespace weft
