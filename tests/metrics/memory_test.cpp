#include "metrics/memory.hpp"

#include <doctest/doctest.h>

using namespace weft;

namespace {

constexpr double gib = 1024.0 * 1024 * 1024;

Scenario on_a_chip_with(Bytes memory)
{
  Scenario scenario;
  scenario.platform.node.chip.name = "toy";
  scenario.platform.node.chip.memory = memory;
  scenario.plan.dp = 2;
  return scenario;
}

MemoryNeed need(double weights, double optimizer, double activations)
{
  return {.weights = Bytes(weights * gib),
          .gradients = Bytes(0),
          .optimizer = Bytes(optimizer * gib),
          .activations = Bytes(activations * gib),
          .buffers = Bytes(0)};
}

} // namespace

TEST_CASE("a job that fits meets no objection, to the last byte")
{
  CHECK(memory_objection(on_a_chip_with(Bytes(8 * gib)), {need(4, 2, 2)}).empty());
  CHECK_FALSE(memory_objection(on_a_chip_with(Bytes(8 * gib - 1)), {need(4, 2, 2)}).empty());
  CHECK(memory_objection(on_a_chip_with(Bytes(0)), {}).empty());
}

TEST_CASE("the objection names the stage that needs most and by how much")
{
  const std::string line = memory_objection(on_a_chip_with(Bytes(8 * gib)), {need(4, 2, 2), need(4, 4, 4)});
  CHECK(line.find("stage 1 needs 12 GiB per accelerator, 4 GiB more than the 8 GiB of toy") != std::string::npos);
  CHECK(line.find('\n') == std::string::npos);
}

TEST_CASE("the advice fits what takes the memory")
{
  CHECK(memory_objection(on_a_chip_with(Bytes(8 * gib)), {need(1, 1, 9)}).find("plan.recompute: selective") != std::string::npos);
  CHECK(memory_objection(on_a_chip_with(Bytes(8 * gib)), {need(3, 9, 1)}).find("plan.zero: optimizer") != std::string::npos);
}

TEST_CASE("the objection itemises what is counted and says when it is most")
{
  MemoryNeed most = need(4, 4, 4);
  most.fragmentation = Bytes(1 * gib);
  most.runtime = Bytes(2 * gib);
  most.moment = "backward of microbatch 0 on stage 0";
  const std::string line = memory_objection(on_a_chip_with(Bytes(8 * gib)), {most});
  CHECK(line.find("needs 15 GiB per accelerator, 7 GiB more") != std::string::npos);
  CHECK(line.find("fragmentation 1 GiB, runtime 2 GiB, in the backward of microbatch 0 on stage 0") != std::string::npos);
  CHECK(line.find("gradients") == std::string::npos); // there are none
}
