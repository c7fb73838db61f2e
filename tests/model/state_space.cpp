// State-space layers and hybrids: parameters, flops, bytes and activations by closed form.
#include "approx.hpp"
#include "shapes.hpp"

#include <doctest/doctest.h>

namespace weft {
namespace {

// Nemotron-H 8B: 128 heads of 64 inputs, states of 128, 8 groups, chunks of 128
constexpr double s = 4096, h = 4096, heads = 128, inner = heads * 64, state = 128, groups = 8, chunk = 128;
constexpr double convolved = inner + 2 * groups * state, projected = inner + convolved + heads;

Workload hybrid() { return shipped("nemotron-h-8b", 4096); }

} // namespace

TEST_CASE("a hybrid's layers are of three kinds, one block each")
{
  const Workload w = hybrid(); // M-M-M-M*-
  CHECK(layer_kind(w.model, 0) == 0);
  CHECK(layer_kind(w.model, 1) == 1);
  CHECK(layer_kind(w.model, 7) == 2);
  CHECK(layer_kind(w.model, 51) == 1);
  CHECK(layer_operators({.workload = &w}, 0).feedforward.main.empty());
  CHECK(layer_operators({.workload = &w}, 7).feedforward.main.empty());
  CHECK(layer_operators({.workload = &w}, 1).attention.main.empty());
}

TEST_CASE("parameters of a state-space layer are those of its projections, convolution, heads and norms")
{
  const Workload w = hybrid();
  CHECK(layer_parameters(w.model, 0) == h * (projected + inner) + 5 * convolved + 3 * heads + inner + h);
  CHECK(layer_parameters(w.model, 1) == 2 * h * 21504 + h);
  CHECK(layer_parameters(w.model, 7) == 2 * h * h + 2 * h * 1024 + h);
  CHECK(total_parameters(w) == near(24 * layer_parameters(w.model, 0) + 24 * layer_parameters(w.model, 1) + 4 * layer_parameters(w.model, 7) + 2 * 131072 * h + h));
  // norms stay whole, everything else is cut
  CHECK(8 * held_parameters({.workload = &w, .tp = 8}, 0).dense == near(layer_parameters(w.model, 0) + 7 * h));
}

TEST_CASE("the recurrence takes 2 (Q N G + Q P H + 2 N P H) flops a token, linear in the sequence")
{
  Workload w = hybrid();
  const double recurrence = 2 * s * (chunk * state * groups + chunk * inner + 2 * state * inner);
  const Passes p = passes_of(layer_operators({.workload = &w}, 0));
  CHECK(p.forward.base() == near(2 * s * h * (projected + inner) + recurrence));
  CHECK((p.data + p.weights).base() == near(2 * p.forward.base()));
  CHECK(p.weights.base() == near(2 * s * h * (projected + inner)));
  w.sequence = 8192;
  CHECK(passes_of(layer_operators({.workload = &w}, 0)).total() / p.total() == near(2));
}

TEST_CASE("all cuts of a hybrid count the model's flops, and what kernels compute again counts for none")
{
  const Workload w = hybrid();
  for (const int tp : {1, 2, 4, 8}) {
    const Shard shard{.workload = &w, .tp = tp, .sequence_parallel = tp > 1};
    CHECK(tp * passes_of(shard).total().base() == near(model_flops_per_sample(w).base()));
  }
  double run = 0, count = 0;
  for (const Operator& op : layer_operators({.workload = &w}, 0).attention.core_backward) run += op.flops.base(), count += op.counted.base();
  CHECK(run - count == near(2 * s * (chunk * state * groups + state * inner))); // pairs and states
}

TEST_CASE("a state-space layer keeps what its projection and its recurrence put out, and the norms' outputs unless they run again")
{
  const Workload w = hybrid();
  const Shard plain{.workload = &w}, again{.workload = &w, .recompute = Recompute::norms};
  CHECK(layer_activation_bytes(plain, 0).base() == near(2 * s * (2 * h + projected + 2 * inner)));
  CHECK(layer_activation_bytes(again, 0).base() == near(2 * s * (h + projected + inner)));
  CHECK(layer_activation_bytes(plain, 1).base() == near(2 * s * (2 * h + 2 * 21504)));
  const Shard cut{.workload = &w, .tp = 8, .sequence_parallel = true};
  CHECK(8 * layer_activation_bytes(cut, 0).base() == near(layer_activation_bytes(plain, 0).base()));
}

} // namespace weft
