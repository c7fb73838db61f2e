// Closed forms of the decoder: parameters, flops, activations.
#include "approx.hpp"
#include "shapes.hpp"

#include <doctest/doctest.h>

namespace weft {

TEST_CASE("GPT-3 has 12 l h^2 (1 + 13/12h + (V + s)/12lh) parameters")
{
  // Narayanan et al. 2021, equation 2, plus the final norm's 2h that the equation leaves out
  const double l = 96, h = 12288, v = 51200, s = 2048;
  const double equation = 12 * l * h * h * (1 + 13 / (12 * h) + (v + s) / (12 * l * h));
  CHECK(total_parameters(gpt3()) == near(equation + 2 * h));
  CHECK(total_parameters(gpt3()) == near(174.6e9, 0.001));
}

TEST_CASE("Llama 3 405B has the published 405.85 billion parameters") { CHECK(total_parameters(llama3_405b()) == near(405.85e9, 0.0001)); }

TEST_CASE("a sample of GPT-3 takes 72 s l h^2 (1 + s/6h + V/12lh) flops")
{
  const double l = 96, h = 12288, v = 51200, s = 2048; // Korthikanti et al. 2022, equation 7
  CHECK(model_flops_per_sample(gpt3()).base() == near(72 * s * l * h * h * (1 + s / (6 * h) + v / (12 * l * h))));
}

TEST_CASE("full recomputation adds a third of the layers, selective the attention core")
{
  const double l = 96, h = 12288, v = 51200, s = 2048;
  // Narayanan et al. 2021, equation 3: 96 s l h^2 (1 + s/6h + V/16lh)
  CHECK(hardware_flops_per_sample(gpt3(), Recompute::full).base() == near(96 * s * l * h * h * (1 + s / (6 * h) + v / (16 * l * h))));
  // one forward of the scores and the context: 4 s^2 h per layer. (The HFU formula of Korthikanti et al. 2022 counts three of them.)
  CHECK((hardware_flops_per_sample(gpt3(), Recompute::selective) - model_flops_per_sample(gpt3())).base() == near(4 * s * s * h * l));
}

TEST_CASE("operators of a layer count the flops of the closed form, whatever the cut")
{
  for (const Workload& workload : {gpt3(), llama3_405b()})
    for (const int tp : {1, 2, 4, 8}) {
      const Shard shard{.workload = &workload, .tp = tp};
      CHECK((tp * passes_of(shard).total()).base() == near(model_flops_per_sample(workload).base()));
    }
}

TEST_CASE("splitting a layer over ranks splits its cut parameters and keeps the rest")
{
  const Workload w = gpt3();
  CHECK(held_parameters({.workload = &w}, 0).total() == layer_parameters(w.model, 0));
  // norms 4h and the two row-parallel biases 2h stay whole
  CHECK(8 * held_parameters({.workload = &w, .tp = 8}, 0).dense == near(layer_parameters(w.model, 0) + 7 * 6 * 12288.0));
}

TEST_CASE("activations of a layer follow Korthikanti's equations")
{
  const Workload w = gpt3();
  const double s = 2048, h = 12288, a = 96, sbh = s * h, t = 8;
  Shard shard{.workload = &w};
  CHECK(layer_activation_bytes(shard, 0).base() == near(sbh * (34 + 5 * a * s / h))); // equation 1
  shard.tp = 8;
  CHECK(layer_activation_bytes(shard, 0).base() == near(sbh * (10 + 24 / t + 5 * a * s / (h * t)))); // equation 2
  shard.sequence_parallel = true;
  CHECK(layer_activation_bytes(shard, 0).base() == near(sbh / t * (34 + 5 * a * s / h))); // equation 4
  shard.recompute = Recompute::selective;
  CHECK(layer_activation_bytes(shard, 0).base() == near(34 * sbh / t)); // equation 6
  shard.recompute = Recompute::full;
  CHECK(layer_activation_bytes(shard, 0).base() == near(2 * sbh / t));
}

TEST_CASE("a layer at hand has its activations again under full recomputation, gradients of them, and its gathered inputs")
{
  const Workload w = gpt3();
  const double s = w.sequence, h = w.model.hidden, t = 8;
  Shard shard{.workload = &w, .tp = 8, .sequence_parallel = true};
  const double gradients = (2 * s * h + 2 * 2 * s * 4 * h) / t, gathered = 2 * s * h; // of the output, of both products' inner values
  CHECK(layer_workspace_bytes(shard, 0).base() == near(gradients + gathered));
  const double whole = layer_activation_bytes(shard, 0).base();
  shard.recompute = Recompute::full;
  CHECK(layer_workspace_bytes(shard, 0).base() == near(whole + gradients + gathered));
  Workload compiled = w;
  compiled.execution.kernels = KernelStyle::compiled;
  shard.workload = &compiled;
  CHECK(layer_workspace_bytes(shard, 0).base() == near(whole + gradients + 2 * gathered)); // of attention and of feed-forward
}

TEST_CASE("sequence parallelism divides the work of norms, dropout and residuals")
{
  const Workload w = gpt3();
  const LayerOperators whole = layer_operators({.workload = &w, .tp = 8}, 0),
                       cut = layer_operators({.workload = &w, .tp = 8, .sequence_parallel = true}, 0);
  CHECK(whole.attention.entry[0].bytes / cut.attention.entry[0].bytes == near(8));
  CHECK(whole.feedforward.exit[0].bytes / cut.feedforward.exit[0].bytes == near(8));
  CHECK(whole.feedforward.main[0].flops.base() == cut.feedforward.main[0].flops.base());
}

TEST_CASE("fusing gradient accumulation removes its pass over memory and nothing else")
{
  const Workload w = gpt3();
  const LayerOperators apart = layer_operators({.workload = &w, .tp = 8}, 0),
                       fused = layer_operators({.workload = &w, .tp = 8, .fused_gradient_accumulation = true}, 0);
  CHECK(apart.feedforward.column_weights.size() == fused.feedforward.column_weights.size() + 1);
  // gradients in fp32: read 2 (product), read and write 4 each, for the h x 4h/8 weights of the rank
  CHECK(apart.feedforward.column_weights[1].bytes.base() == near(10.0 * 12288 * 4 * 12288 / 8));
}

} // namespace weft
