// Mixtures of experts: what ranks hold, compute, send and keep.
#include "approx.hpp"
#include "shapes.hpp"

#include <doctest/doctest.h>

namespace weft {

TEST_CASE("Mixtral's parameters are those of its table, total and active")
{
  const Workload w = shipped("mixtral-8x7b", 4096);
  // attention 2 h^2 + 2 h 1024, eight experts of 3 h f, router 8 h, two norms; embedding and head
  const double h = 4096, f = 14336, expert = 3 * h * f, rest = 2 * h * h + 2 * h * 1024 + 8 * h + 2 * h;
  CHECK(total_parameters(w) == near(32 * (rest + 8 * expert) + 2 * 32000 * h + h));
  CHECK(active_parameters(w) == near(32 * (rest + 2 * expert) + 2 * 32000 * h + h));
}

TEST_CASE("a sample of a routed model takes the flops of its active experts")
{
  const Workload w = shipped("mixtral-8x7b", 4096);
  const double s = 4096, h = 4096, f = 14336, weights = 2 * h * h + 2 * h * 1024 + 8 * h + 2 * 3 * h * f;
  CHECK(model_flops_per_sample(w).base() == near(6 * s * (32 * weights + 32000 * h) + 12 * 32 * s * s * h));
}

TEST_CASE("layers differ in kind where dense and routed ones alternate")
{
  const ModelShape v3 = shipped("deepseek-v3-671b", 4096).model;
  CHECK(layer_count(v3) == 61);
  CHECK(layer_kind(v3, 2) == 0);
  CHECK(layer_kind(v3, 3) == 1);
  CHECK(layer_kind(v3, 60) == 1);
  const ModelShape maverick = shipped("llama4-maverick-400b", 4096).model;
  CHECK(layer_kind(maverick, 0) == 0); // every second layer is routed, the second first
  CHECK(layer_kind(maverick, 1) == 1);
  CHECK(layer_kind(maverick, 46) == 0);
  CHECK(layer_kind(maverick, 47) == 1);
  const Workload w = shipped("llama4-maverick-400b", 4096);
  CHECK_FALSE(layer_operators({.workload = &w}, 46).experts.has_value());
  CHECK(layer_operators({.workload = &w}, 47).experts.has_value());
  CHECK(layer_operators({.workload = &w}, 47).feedforward.main.empty());
}

TEST_CASE("a rank holds its share of the experts and all of the router")
{
  const Workload w = shipped("mixtral-8x7b", 4096);
  const double h = 4096, expert = 3 * h * 14336, attention = 2 * h * h + 2 * h * 1024;
  const HeldParameters whole = held_parameters({.workload = &w}, 0);
  CHECK(whole.total() == near(layer_parameters(w.model, 0)));
  CHECK(whole.experts == near(8 * expert));
  const HeldParameters cut = held_parameters({.workload = &w, .tp = 4, .sequence_parallel = true, .ep = 4, .etp = 2}, 0);
  CHECK(cut.experts == near(2 * expert / 2));
  CHECK(cut.dense == near(attention / 4 + 8 * h + 2 * h));
}

TEST_CASE("a rank dispatches a copy of each of its tokens to each active expert")
{
  Workload w = shipped("deepseek-v3-671b", 4096);
  const Shard shard{.workload = &w, .tp = 2, .sequence_parallel = true, .microbatch = 3, .cp = 4, .ep = 32, .etp = 1};
  const double values = 4096.0 * 3 / 4 / 2 * 8 * 7168;
  CHECK(combine_bytes(shard).base() == near(2 * values));
  CHECK(dispatch_bytes(shard).base() == near(2 * values));
  w.execution.dispatch_precision = Precision::fp8; // one byte, and four for every 128 values
  CHECK(dispatch_bytes(shard).base() == near(values * (1 + 4.0 / 128)));
  CHECK(combine_bytes(shard).base() == near(2 * values));
  const Workload dense = gpt3();
  CHECK(dispatch_bytes({.workload = &dense}).base() == 0);
}

TEST_CASE("experts multiply a group of tokens each")
{
  const Workload w = shipped("mixtral-8x7b", 4096);
  // 4096 tokens, two copies each; ep 4 leaves two experts of eight here, which get what four ranks send to a quarter of the experts
  const LayerOperators layer = layer_operators({.workload = &w, .ep = 4}, 0);
  const auto find = [&](const std::vector<Operator>& ops, const std::string& name) {
    for (const Operator& op : ops)
      if (op.name == name) return op;
    return Operator{};
  };
  const MatrixShape up = find(layer.experts->experts, "expert fc1").shape;
  CHECK(up.batch == 2);
  CHECK(up.m == 4096);
  CHECK(up.n == 2 * 14336);
  CHECK(up.k == 4096);
  // an expert cut over etp 2 takes the tokens of both ranks and half the width
  const MatrixShape cut = find(layer_operators({.workload = &w, .ep = 4, .etp = 2}, 0).experts->experts, "expert fc1").shape;
  CHECK(cut.m == 2 * 4096);
  CHECK(cut.n == 14336);
  CHECK(find(layer.experts->route, "router").shape.n == 8);
}

TEST_CASE("the busiest rank's experts run longer and keep more, but count as the mean")
{
  const Workload w = shipped("mixtral-8x7b", 4096);
  const Shard even{.workload = &w, .ep = 8}, busy{.workload = &w, .ep = 8, .expert_load = {.busiest = 1.5}};
  const auto flops = [](const Shard& shard) {
    Flops total{};
    const LayerOperators layer = layer_operators(shard, 0);
    for (const auto* part : {&layer.experts->experts, &layer.experts->experts_data, &layer.experts->experts_weights})
      for (const Operator& op : *part) total += op.flops;
    return total;
  };
  CHECK(flops(busy) / flops(even) == near(1.5));
  CHECK(passes_of(layer_operators(busy, 0)).total().base() == near(passes_of(layer_operators(even, 0)).total().base()));
  // per copy: input h, two inner inputs f each and one f, two bytes each
  const double copies = 2 * 4096, kept = 2 * copies * (4096 + 3 * 14336);
  CHECK((layer_activation_bytes(busy, 0) - layer_activation_bytes(even, 0)).base() == near(0.5 * kept));
}

TEST_CASE("of experts filled up to their capacity all rows run, and those of tokens count as model flops")
{
  const Workload w = shipped("mixtral-8x7b", 4096);
  const auto sum = [](const LayerOperators& layer, auto of) {
    double total = 0;
    for (const auto* part : {&layer.experts->experts, &layer.experts->experts_data, &layer.experts->experts_weights})
      for (const Operator& op : *part) total += of(op);
    return total;
  };
  const LayerOperators even = layer_operators({.workload = &w, .ep = 8}, 0);
  const LayerOperators filled = layer_operators({.workload = &w, .ep = 8, .expert_load = {.busiest = 1.25, .kept = 0.9, .computed = 1.25}}, 0);
  const LayerOperators dropped = layer_operators({.workload = &w, .ep = 8, .expert_load = {.busiest = 1.1, .kept = 0.9, .computed = 0.9}}, 0);
  const auto run = [](const Operator& op) { return op.flops.base(); };
  const auto hardware = [](const Operator& op) { return op.counted.base(); };
  const auto model = [](const Operator& op) { return op.counted.base() * op.useful; };
  CHECK(sum(filled, run) == near(1.25 * sum(even, run)));
  CHECK(sum(filled, hardware) == near(1.25 * sum(even, run)));
  CHECK(sum(filled, model) == near(0.9 * sum(even, run)));
  CHECK(sum(dropped, run) == near(1.1 * sum(even, run))); // the busiest rank sets the pace
  CHECK(sum(dropped, hardware) == near(0.9 * sum(even, run)));
  CHECK(sum(dropped, model) == near(0.9 * sum(even, run)));
}

TEST_CASE("a routed layer keeps its copies' inputs and outputs, the inner values and the scores")
{
  const Workload w = shipped("mixtral-8x7b", 4096);
  const double s = 4096, h = 4096, f = 14336, t = 4;
  const double attention = 4 * s * h / t + s * (2 * h + 4 * 1024 + 2 * h) / t; // norm and qkv inputs; Q, K and V, context
  const double copies = 2 * s / t;                                             // per rank of tp, routed by itself
  const double experts = 4 * s * h / t + 4 * s / t * 8                         // norm and router inputs; scores in fp32
                         + 2 * copies * h + 6 * copies * f + 2 * copies * h;   // experts' inputs, gate and value and their product, outputs
  const Shard shard{.workload = &w, .tp = 4, .sequence_parallel = true, .ep = 4, .etp = 1};
  CHECK(layer_activation_bytes(shard, 0).base() == near(attention + experts));
  Shard full = shard;
  full.recompute = Recompute::full;
  CHECK(layer_activation_bytes(full, 0).base() == near(2 * s * h / t));
}

TEST_CASE("shared experts are a dense block beside the routed ones")
{
  const Workload w = shipped("deepseek-v3-671b", 4096);
  const LayerOperators layer = layer_operators({.workload = &w}, 10);
  // 2 x 4096 tokens x three matrices of 7168 x 2048
  CHECK(counted({&layer.experts->shared}).base() == near(2.0 * 4096 * 3 * 7168 * 2048));
  CHECK(counted({&layer.experts->shared_data}).base() == near(2.0 * 4096 * 3 * 7168 * 2048));
  CHECK(counted({&layer.experts->shared_weights}).base() == near(2.0 * 4096 * 3 * 7168 * 2048));
  const Workload mixtral = shipped("mixtral-8x7b", 4096);
  CHECK(layer_operators({.workload = &mixtral}, 0).experts->shared.empty());
}

} // namespace weft
