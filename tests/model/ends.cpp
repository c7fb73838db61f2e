// Ends of the network and convolutional networks.
#include "approx.hpp"
#include "shapes.hpp"

#include <doctest/doctest.h>

namespace weft {

TEST_CASE("ResNet-50 and the vision transformers have the parameters of torchvision")
{
  CHECK(total_parameters(shipped("resnet-50", 1)) == 25557032);
  CHECK(total_parameters(shipped("resnet-152", 1)) == 60192808);
  CHECK(total_parameters(shipped("vit-b-16", 197)) == 86567656);
  CHECK(total_parameters(shipped("vit-l-16", 197)) == 304326632);
}

TEST_CASE("a convolution is a product with a row per pixel and a column per channel")
{
  const Workload w = shipped("resnet-50", 1);
  const LayerOperators layer = layer_operators({.workload = &w, .microbatch = 32}, 2); // 64 to 64 channels, 3 x 3, 56 x 56 pixels
  CHECK(layer.attention.main.empty());
  const Operator& product = layer.feedforward.main.front();
  CHECK(product.shape.m == 32 * 56 * 56);
  CHECK(product.shape.n == 64);
  CHECK(product.shape.k == 64 * 9);
  CHECK(product.bytes.base() == near(2.0 * (2 * 32 * 56 * 56 * 64 + 64 * 9 * 64))); // image in, image out, weights
  CHECK(layer_operators({.workload = &w}, 0).feedforward.column_data.empty());      // nobody needs the image's gradient
  CHECK_FALSE(layer.feedforward.column_data.empty());
}

TEST_CASE("equal convolutions in a row cost as many of one")
{
  Workload w = shipped("resnet-50", 1);
  const LayerOperators three = layer_operators({.workload = &w}, 12); // 512 to 128 channels, three in a row
  const double parameters = layer_parameters(w.model, 12);
  const Bytes kept = layer_activation_bytes({.workload = &w}, 12);
  REQUIRE(w.model.convolutions[12].repeat == 3);
  w.model.convolutions[12].repeat = 1;
  const LayerOperators one = layer_operators({.workload = &w}, 12);
  for (std::size_t i = 0; i < one.feedforward.main.size(); i++) {
    CHECK(three.feedforward.main[i].bytes / one.feedforward.main[i].bytes == near(3));
    CHECK(three.feedforward.main[i].kernels == 3 * one.feedforward.main[i].kernels);
    CHECK(three.feedforward.main[i].shape.m == one.feedforward.main[i].shape.m);
  }
  CHECK(parameters == 3 * layer_parameters(w.model, 12));
  CHECK(kept / layer_activation_bytes({.workload = &w}, 12) == near(3));
  CHECK(layer_activation_bytes({.workload = &w, .microbatch = 8}, 12).base() ==
        near(8 * 4 * 28.0 * 28 * 128)); // in front of and behind the activation
}

TEST_CASE("a prediction module runs a layer like the last one, a projection and the head again")
{
  Workload w = shipped("deepseek-v3-671b", 4096);
  const Flops with = model_flops_per_sample(w);
  const Bytes kept = head_activation_bytes({.workload = &w});
  const double layer = passes_of(layer_operators({.workload = &w}, 60)).total().base();
  CHECK(passes_of(layer_operators({.workload = &w}, 61)).total().base() == layer); // the module's own
  w.model.prediction_layers = 0;
  const double s = 4096, h = 7168, v = 129280;
  CHECK((with - model_flops_per_sample(w)).base() == near(layer + 6 * s * (2 * h * h + v * h)));
  // the layer's activations, the head's, and the joined input of the projection with what its norms read
  CHECK((kept - head_activation_bytes({.workload = &w})).base() ==
        near(layer_activation_bytes({.workload = &w}, 60).base() + s * (4 * h + 4 * v) + 8 * s * h));
}

TEST_CASE("a logit takes 4 bytes fused, 4 with its gradient when the loss is compiled, 14 in separate kernels and 18 when the vocabulary is cut")
{
  Workload w = shipped("llama3-8b", 4096);
  const double s = 4096, h = 4096, v = 128256, inputs = 4 * s * h;
  const auto bytes = [&w](int tp) { return head_activation_bytes({.workload = &w, .tp = tp}).base(); };
  CHECK(bytes(1) == near(inputs + 4 * s * v));
  w.execution.kernels = KernelStyle::compiled;
  CHECK(bytes(1) == near(inputs + 14 * s * v));
  CHECK(bytes(8) == near(inputs + 18 * s * v / 8));
  CHECK(head_kept_bytes({.workload = &w}).base() == near(inputs + 6 * s * v));
  w.execution.loss = LossStyle::compiled;
  CHECK(bytes(8) == near(inputs + 4 * s * v / 8));
  CHECK(head_kept_bytes({.workload = &w}).base() == near(inputs + 2 * s * v));
}

TEST_CASE("a norm behind the embedding has its parameters, its kernels and keeps its input")
{
  Workload w = shipped("bloom-176b", 2048);
  REQUIRE(w.model.embedding_norm);
  Workload without = w;
  without.model.embedding_norm = false;
  const double s = 2048, h = 14336;
  CHECK(total_parameters(w) - total_parameters(without) == 2 * h); // scale and shift
  CHECK((embedding_activation_bytes({.workload = &w}) - embedding_activation_bytes({.workload = &without})).base() == near(2 * s * h));
  CHECK(end_operators({.workload = &w}).embed_forward.size() == end_operators({.workload = &without}).embed_forward.size() + 1);
}

TEST_CASE("an optimizer moves its state once each way")
{
  Workload w = gpt3();
  const auto moved = [&](OptimizerKind kind) {
    w.execution.optimizer = kind;
    return optimizer_operators(w, 1000).update[1].bytes.base() / 1000;
  };
  CHECK(moved(OptimizerKind::adam) == near(30));                       // gradient 4; weight and two moments 4 + 4 each; 2-byte weight 2
  CHECK(moved(OptimizerKind::sgd) == near(22));                        // one momentum less
  CHECK(moved(OptimizerKind::adam_bf16) == near(22));                  // moments of two bytes
  CHECK(moved(OptimizerKind::adam_8bit) == near(18 + 4 * 4 / 2048.0)); // moments of a byte, and their scales
}

TEST_CASE("a weight's gradient of a convolution is split along the pixels to fill the machine")
{
  const Workload w = shipped("resnet-50", 1);
  const MatrixShape wide = layer_operators({.workload = &w, .microbatch = 64}, 2).feedforward.column_weights.front().shape;
  CHECK(wide.m == 64 * 9);
  CHECK(wide.n == 64);
  CHECK(wide.batch == 196); // 64 x 56 x 56 pixels, 1,024 each
  CHECK(wide.k == 1024);
  CHECK(layer_operators({.workload = &w}, 26).feedforward.column_weights.front().shape.batch == 1); // 49 pixels
}

TEST_CASE("the ends' parameters are cut where their tables are")
{
  const Workload w = gpt3(); // tied: the last stage of a pipeline holds a copy of the table
  const double v = 51200, s = 2048, h = 12288;
  CHECK(held_embedding_parameters({.workload = &w, .tp = 8}) == near(v * h / 8 + s * h));
  CHECK(held_head_parameters({.workload = &w, .tp = 8}, OutputMatrix::at_hand) == near(2 * h));
  CHECK(held_head_parameters({.workload = &w, .tp = 8}, OutputMatrix::own_copy) == near(2 * h + v * h / 8));
  const Workload v3 = shipped("deepseek-v3-671b", 4096);
  const double around = held_head_parameters({.workload = &v3}, OutputMatrix::at_hand);
  CHECK(around + held_parameters({.workload = &v3}, 61).total() == near(head_parameters(v3))); // and the module's layer
  // a stage without the token table holds a copy of it for its prediction module
  CHECK(held_head_parameters({.workload = &v3}, OutputMatrix::own_copy) == near(around + 129280.0 * 7168));
  CHECK(held_embedding_parameters({.workload = &v3}) == near(embedding_parameters(v3)));
}

} // namespace weft
