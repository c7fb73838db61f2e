// Names, the nccl-tests bandwidth factor, adding up messages.
#include "approx.hpp"
#include "collectives/collective.hpp"
#include "config/error.hpp"

#include <doctest/doctest.h>

using namespace weft;

TEST_CASE("operations are found by the name they have in files")
{
  for (std::size_t i = 0; i < operation_names.size(); ++i) CHECK(parse_operation(operation_names[i]) == static_cast<Operation>(i));
  CHECK_FALSE(parse_operation("allreduce").has_value());
  CHECK_FALSE(parse_operation("").has_value());
}

TEST_CASE("bus bandwidth is what nccl-tests says")
{
  // nccl-tests doc/PERFORMANCE.md: all-reduce 2(n-1)/n, gather and scatter (n-1)/n, broadcast and point to point 1
  CHECK(bus_bandwidth_factor(Operation::all_reduce, 8) == near(1.75));
  CHECK(bus_bandwidth_factor(Operation::reduce_scatter, 8) == near(0.875));
  CHECK(bus_bandwidth_factor(Operation::all_gather, 8) == near(0.875));
  CHECK(bus_bandwidth_factor(Operation::all_to_all, 8) == near(0.875));
  CHECK(bus_bandwidth_factor(Operation::broadcast, 8) == 1);
  CHECK(bus_bandwidth_factor(Operation::send, 2) == 1);
  CHECK(bus_bandwidth_factor(Operation::all_reduce, 1) == 0);
}

TEST_CASE("members are listed by domain in member order")
{
  const GroupShape group{.domain = {0, 1, 0, 2, 1}, .domain_reduces = {0, 0, 0}};
  const auto domains = group.by_domain();
  REQUIRE(domains.size() == 3);
  CHECK(domains[0] == std::vector<std::uint32_t>{0, 2});
  CHECK(domains[1] == std::vector<std::uint32_t>{1, 4});
  CHECK(domains[2] == std::vector<std::uint32_t>{3});
}

TEST_CASE("a member in a domain that is not there is our mistake")
{
  const GroupShape group{.domain = {0, 2}, .domain_reduces = {0, 0}};
  CHECK_THROWS_WITH_AS((void)group.by_domain(), "member 1 is in domain 2 of 2", LogicError);
}

TEST_CASE("messages of a step between the same two members are added up")
{
  const Steps steps{.pieces = 8, .steps = {{{2, 3, 0, 1, false}, {0, 1, 0, 1, false}, {2, 3, 4, 2, false}}, {}}};
  const auto edges = edges_per_step(steps);
  REQUIRE(edges.size() == 2);
  REQUIRE(edges[0].size() == 2);
  CHECK(edges[0][0].from == 0);
  CHECK(edges[0][0].bytes_per_byte == 0.125);
  CHECK(edges[0][1].from == 2);
  CHECK(edges[0][1].to == 3);
  CHECK(edges[0][1].bytes_per_byte == 0.375);
  CHECK(edges[1].empty());
}
