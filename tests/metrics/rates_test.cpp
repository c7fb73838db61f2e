#include "approx.hpp"
#include "config/error.hpp"
#include "metrics/rates.hpp"

#include <doctest/doctest.h>

using namespace weft;

namespace {

/// GPT-3 175B, 1,536 sequences of 2,048 tokens, on 1,024 accelerators of 312 TFLOP/s.
Scenario gpt3()
{
  Scenario scenario;
  scenario.workload = Workload{};
  Workload& workload = *scenario.workload;
  workload.model.layers = 96;
  workload.model.hidden = 12288;
  workload.model.heads = 96;
  workload.model.vocabulary = 51200;
  workload.sequence = 2048;
  workload.batch = 1536;
  workload.precision = Precision::fp16;
  workload.token_budget = 300e9;
  scenario.plan.recompute = Recompute::full;
  scenario.platform.node.chip.peak[Precision::fp16] = FlopRate(312e12);
  return scenario;
}

} // namespace

TEST_CASE("tokens per second are tokens of a batch over the step time")
{
  Results results;
  results.step_time = Seconds(24);
  results.ranks = 1024;
  add_training_rates(results, gpt3());
  CHECK(results.tokens_per_s == weft::near(1536.0 * 2048 / 24, 1e-9));
  CHECK(results.tokens_per_s_per_gpu == weft::near(128, 1e-9));
}

TEST_CASE("hardware flops with full recomputation are those of Narayanan et al. 2021, equation 3")
{
  Results results;
  results.step_time = Seconds(24);
  results.ranks = 1024;
  add_training_rates(results, gpt3());
  // F = 96 B s l h^2 (1 + s/(6h) + V/(16 l h)) = 4.5226e18 flop; over 24 s and 1,024 accelerators: 184.0 TFLOP/s.
  const double B = 1536, s = 2048, l = 96, h = 12288, V = 51200;
  const double flops = 96 * B * s * l * h * h * (1 + s / (6 * h) + V / (16 * l * h));
  const double tflops = flops / 24 / 1024 / 1e12;
  CHECK(results.hardware_tflops_per_gpu == weft::near(tflops, 1e-3));
  CHECK(results.hfu == weft::near(tflops / 312, 1e-3));
  // Model flops: 72 B s l h^2 (1 + s/(6h) + V/(12 l h)): the head is not recomputed.
  const double model = 72 * B * s * l * h * h * (1 + s / (6 * h) + V / (12 * l * h));
  CHECK(results.mfu == weft::near(model / 24 / 1024 / 312e12, 1e-3));
}

TEST_CASE("a token budget becomes days and GPU-hours")
{
  Results results;
  results.step_time = Seconds(24);
  results.ranks = 1024;
  add_training_rates(results, gpt3());
  // 300e9 tokens at 131,072 tokens/s: 2,288,818.36 s = 26.49 days; x 1,024 accelerators.
  CHECK(*results.days == weft::near(300e9 / 131072 / 86400, 1e-9));
  CHECK(*results.gpu_hours == weft::near(300e9 / 131072 / 3600 * 1024, 1e-9));
}

TEST_CASE("without a token budget there are no days")
{
  Scenario scenario = gpt3();
  scenario.workload->token_budget = 0;
  Results results;
  results.step_time = Seconds(24);
  results.ranks = 1024;
  add_training_rates(results, scenario);
  CHECK_FALSE(results.days.has_value());
}

TEST_CASE("a chip without a peak at the run's precision is our fault, the reader refuses it")
{
  Scenario scenario = gpt3();
  scenario.workload->precision = Precision::fp8;
  Results results;
  results.step_time = Seconds(24);
  results.ranks = 1024;
  CHECK_THROWS_AS(add_training_rates(results, scenario), LogicError);
}

TEST_CASE("bus bandwidth has the factors of nccl-tests")
{
  CHECK(bus_factor("all-reduce", 8) == weft::near(1.75, 1e-9)); // 2 x 7/8
  CHECK(bus_factor("all-gather", 8) == weft::near(0.875, 1e-9));
  CHECK(bus_factor("reduce-scatter", 4) == weft::near(0.75, 1e-9));
  CHECK(bus_factor("all-to-all", 4) == weft::near(0.75, 1e-9));
  CHECK(bus_factor("broadcast", 8) == 1);
}

TEST_CASE("a bare collective is rated per call")
{
  Results results;
  results.step_time = Seconds(2);
  results.ranks = 8;
  add_collective_rates(results, {.operation = "all-reduce", .bytes = Bytes(100), .repetitions = 4});
  CHECK(results.collective->time.base() == weft::near(0.5, 1e-9));
  CHECK(results.collective->algorithm.base() == weft::near(200, 1e-9));
  CHECK(results.collective->bus.base() == weft::near(350, 1e-9));
}

TEST_CASE("a bare collective among some accelerators counts those alone")
{
  Results results;
  results.step_time = Seconds(1);
  results.ranks = 8;
  // 2 (4 - 1) / 4 = 1.5 for four of eight, named or left over by the stride; 3 of every third of eight: 2 (3 - 1) / 3
  add_collective_rates(results, {.operation = "all-reduce", .bytes = Bytes(100), .ranks = 4});
  CHECK(results.collective->bus.base() == weft::near(150, 1e-9));
  add_collective_rates(results, {.operation = "all-reduce", .bytes = Bytes(100), .stride = 2});
  CHECK(results.collective->bus.base() == weft::near(150, 1e-9));
  add_collective_rates(results, {.operation = "all-reduce", .bytes = Bytes(100), .stride = 3});
  CHECK(results.collective->bus.base() == weft::near(400.0 / 3, 1e-9));
}
