#include "chip/operation_time.hpp"
#include "approx.hpp"

#include "model/matrix.hpp"

#include <doctest/doctest.h>

#include <cmath>

namespace weft {
namespace {

Chip a_chip()
{
  Chip chip;
  chip.name = "test";
  chip.peak[Precision::bf16] = FlopRate(100e12);
  chip.memory_bandwidth = Bandwidth(1e12);
  chip.compute.matmul_efficiency = 0.8;
  chip.compute.memory_efficiency = 0.5;
  chip.compute.multiprocessors = 100;
  chip.compute.tile_rows = 128;
  chip.compute.tile_columns = 256;
  chip.compute.depth_half = 0;
  chip.compute.kernel_overhead = Seconds(3e-6);
  return chip;
}

} // namespace

TEST_CASE("a streaming kernel takes its overhead and its bytes over the sustained bandwidth")
{
  // 1 GB at 0.5 x 1 TB/s = 2 ms, and two launches
  CHECK(operation_time(a_chip(), streaming("copy", Bytes(1e9), 2)).base() == near(2e-3 + 6e-6));
}

TEST_CASE("full waves of full tiles reach full efficiency, one tile more costs a whole wave")
{
  const ComputeModel c = a_chip().compute;
  CHECK(matmul_shape_efficiency(c, {1, 128 * 10, 256 * 10, 4096}) == near(1)); // 100 tiles on 100 units
  // 101 tiles in a batch: two waves, half used; half tiles: 202 in three waves of 100 = 0.673 x 0.93
  CHECK(matmul_shape_efficiency(c, {101, 128, 256, 4096}) == near(202.0 / 300 * 0.93));
}

TEST_CASE("a shallow product loses to the filling of its tiles")
{
  ComputeModel c = a_chip().compute;
  c.depth_half = 64;
  CHECK(matmul_shape_efficiency(c, {1, 1280, 2560, 64}) == near(0.5));
}

TEST_CASE("arithmetic and memory combine as a 2-norm")
{
  Operator op = matmul("product", {1, 1280, 2560, 4096}, Precision::bf16, Precision::bf16);
  const double arithmetic = 2.0 * 1280 * 2560 * 4096 / (100e12 * 0.8);
  const double memory = 2.0 * (1280.0 * 4096 + 4096.0 * 2560 + 1280.0 * 2560) / 0.5e12;
  CHECK(operation_time(a_chip(), op).base() == near(3e-6 + std::hypot(arithmetic, memory)));
}

TEST_CASE("scales by rows or blocks cost an fp8 product their share of its rate, and no other product")
{
  Chip chip = a_chip();
  chip.peak[Precision::fp8] = FlopRate(200e12);
  chip.memory_bandwidth = Bandwidth(1e18);
  chip.compute.fp8_row_share = 0.5;
  chip.compute.fp8_block_share = 0.8;
  Operator op = matmul("product", {1, 1280, 2560, 4096}, Precision::fp8, Precision::bf16);
  const double arithmetic = 2.0 * 1280 * 2560 * 4096 / (200e12 * 0.8);
  for (const auto& [scaling, share] : {std::pair{Fp8Scaling::tensor, 1.0}, {Fp8Scaling::row, 0.5}, {Fp8Scaling::block, 0.8}}) {
    op.scaling = scaling;
    CHECK(operation_time(chip, op).base() == near(3e-6 + arithmetic / share));
  }
  op.precision = Precision::bf16;
  CHECK(operation_time(chip, op).base() == near(3e-6 + 2 * arithmetic));
}

TEST_CASE("an operation is never faster than the roofline and never faster on a slower chip")
{
  Chip slow = a_chip();
  slow.peak[Precision::bf16] = FlopRate(50e12);
  for (const double m : {1.0, 17.0, 128.0, 1000.0, 5000.0})
    for (const double k : {8.0, 64.0, 777.0, 8192.0}) {
      const Operator op = matmul("product", {1, m, 3072, k}, Precision::bf16, Precision::bf16);
      CHECK(operation_time(a_chip(), op) > op.flops / FlopRate(100e12));
      CHECK(operation_time(a_chip(), op) > op.bytes / Bandwidth(1e12));
      CHECK(operation_time(slow, op) > operation_time(a_chip(), op));
    }
}

TEST_CASE("memory interleaved over two dies is no faster than what crosses between them")
{
  const Operator copy = streaming("copy", Bytes(1e9), 0);
  Chip chip = a_chip();
  // Each die moves 0.5 GB, half of it from the other die: 0.25 GB at 100 GB/s take 2.5 ms, the memory alone 2 ms.
  chip.dies = {.count = 2, .bandwidth = Bandwidth(100e9), .remote_share = {}};
  CHECK(operation_time(chip, copy).base() == near(2.5e-3));
  chip.dies.bandwidth = Bandwidth(126e9); // 0.25 GB in less than 2 ms
  CHECK(operation_time(chip, copy).base() == near(2e-3));
  chip.dies = {.count = 4, .bandwidth = Bandwidth(75e9), .remote_share = {}}; // 3/4 of 0.25 GB each at 75 GB/s
  CHECK(operation_time(chip, copy).base() == near(2.5e-3));
}

TEST_CASE("dies that keep to their own memory, or whose links never limit, leave the memory as it is")
{
  const Operator copy = streaming("copy", Bytes(1e9), 0);
  Chip chip = a_chip();
  chip.dies = {.count = 2, .bandwidth = Bandwidth(1e9), .remote_share = 0};
  CHECK(operation_time(chip, copy).base() == near(2e-3));
  chip.dies = {.count = 8, .bandwidth = Bandwidth(0), .remote_share = {}};
  CHECK(operation_time(chip, copy).base() == near(2e-3));
}

TEST_CASE("memory that computes speeds up what streams and nothing else")
{
  Chip chip = a_chip();
  chip.near_memory.bandwidth = Bandwidth(4e12);
  CHECK(operation_time(chip, streaming("copy", Bytes(1e9), 1)).base() == near(3e-6 + 0.5e-3)); // 1 GB at 0.5 x 4 TB/s
  const Operator product = matmul("product", {1, 128, 256, 64}, Precision::bf16, Precision::bf16);
  CHECK(operation_time(chip, product) == operation_time(a_chip(), product));
  chip.near_memory.bandwidth = Bandwidth(0.5e12); // slower than over the pins: kernels stay outside
  CHECK(operation_time(chip, streaming("copy", Bytes(1e9), 1)) == operation_time(a_chip(), streaming("copy", Bytes(1e9), 1)));
}

TEST_CASE("generations of fused attention differ by the shares of their papers unless the chip has its own")
{
  Operator op = streaming("attention", Bytes(0), 0);
  op.kind = OperatorKind::attention_forward;
  op.flops = Flops(1e12);
  Chip chip = a_chip();
  chip.compute.attention_efficiency_forward = 0.5;
  CHECK(operation_time(chip, op).base() == near(1 / 50.0));
  op.attention = AttentionKernel::flash_1; // 0.40 / 0.73 = 0.55 of the second generation
  CHECK(operation_time(chip, op).base() == near(1 / 27.5));
  chip.compute.first_attention_forward = 0.4;
  CHECK(operation_time(chip, op).base() == near(1 / 40.0));
  op.attention = AttentionKernel::flash_3; // no figure: as the second
  CHECK(operation_time(chip, op).base() == near(1 / 50.0));
  chip.compute.third_attention_forward = 0.8;
  CHECK(operation_time(chip, op).base() == near(1 / 80.0));
}

TEST_CASE("small kernels last as long as the host needs to launch them")
{
  std::vector<Operator> ops{streaming("copy", Bytes(500), 1), streaming("copy", Bytes(500), 1)}; // 3 us and 1 ns each on the device
  for (Operator& op : ops) op.host = Seconds(10e-6);
  CHECK(operation_time(a_chip(), ops).base() == near(20e-6));
  for (Operator& op : ops) op.bytes = Bytes(1e9); // 2 ms each: the host is ahead
  CHECK(operation_time(a_chip(), ops).base() == near(2 * (2e-3 + 3e-6)));
}

TEST_CASE("attention over heads that are no whole 16-byte words loses most of their rate")
{
  const auto time = [](double head) {
    Operator op = matmul("scores", {64, 2048, 2048, head}, Precision::bf16, Precision::bf16);
    op.bytes = Bytes(0);
    op.kernels = 0;
    return operation_time(a_chip(), op).base() / head;
  };
  CHECK(time(108) == near(10 * time(104))); // 216 bytes; 208 are 13 words
}

TEST_CASE("a chip without the precision says so")
{
  CHECK(can_compute(a_chip(), Precision::bf16));
  CHECK_FALSE(can_compute(a_chip(), Precision::fp8));
}

} // namespace weft
