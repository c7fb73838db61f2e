// Where ranks stand in their groups.
#include "layout/layout.hpp"
#include "config/error.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace weft;

namespace {

Plan plan_of(int tp, int pp, int dp, const char* order)
{
  Plan plan;
  plan.tp = tp, plan.pp = pp, plan.dp = dp;
  plan.order = order;
  return plan;
}

std::vector<RankId> ranks(std::initializer_list<std::uint32_t> numbers)
{
  std::vector<RankId> result;
  for (const std::uint32_t number : numbers) result.push_back(RankId{number});
  return result;
}

constexpr std::array<const char*, 6> orders{"tp-dp-pp", "tp-pp-dp", "dp-tp-pp", "dp-pp-tp", "pp-tp-dp", "pp-dp-tp"};

} // namespace

TEST_CASE("Megatron-LM's order: tensor ranks next to each other, then data, then pipeline")
{
  // megatron/core/parallel_state.py, initialize_model_parallel, the example of 16 GPUs with tensor 2 and pipeline 4:
  // tensor groups [g0, g1], [g2, g3] ...; data groups [g0, g2], [g1, g3], [g4, g6] ...; pipeline groups [g0, g4, g8, g12], [g1, g5, g9,
  // g13] ...
  const Layout layout(plan_of(2, 4, 2, "tp-dp-pp"));
  CHECK(layout.ranks() == 16);
  CHECK(layout.tensor_group(RankId{0}) == ranks({0, 1}));
  CHECK(layout.tensor_group(RankId{3}) == ranks({2, 3}));
  CHECK(layout.data_group(RankId{0}) == ranks({0, 2}));
  CHECK(layout.data_group(RankId{6}) == ranks({4, 6}));
  CHECK(layout.pipeline_group(RankId{0}) == ranks({0, 4, 8, 12}));
  CHECK(layout.pipeline_group(RankId{9}) == ranks({1, 5, 9, 13}));
}

TEST_CASE("tp-pp-dp puts the stages of one replica side by side")
{
  const Layout layout(plan_of(2, 4, 2, "tp-pp-dp"));
  CHECK(layout.tensor_group(RankId{0}) == ranks({0, 1}));
  CHECK(layout.pipeline_group(RankId{0}) == ranks({0, 2, 4, 6}));
  CHECK(layout.data_group(RankId{0}) == ranks({0, 8}));
}

TEST_CASE("coordinates and rank are each other's inverse in every order")
{
  for (const char* order : orders) {
    const Layout layout(plan_of(2, 3, 5, order));
    for (std::uint32_t r = 0; r < 30; ++r) {
      const Coordinates at = layout.coordinates(RankId{r});
      CHECK(layout.rank(at) == RankId{r});
      CHECK(at.tp < 2);
      CHECK(at.pp < 3);
      CHECK(at.dp < 5);
    }
  }
}

TEST_CASE("groups of each kind partition the ranks, in order of the coordinate, whatever the order")
{
  for (const char* order : orders) {
    const Layout layout(plan_of(4, 2, 3, order));
    std::set<std::vector<RankId>> tensor, data, pipeline;
    for (std::uint32_t r = 0; r < 24; ++r) {
      const RankId rank{r};
      const Coordinates at = layout.coordinates(rank);
      CHECK(layout.tensor_group(rank).at(static_cast<std::size_t>(at.tp)) == rank);
      CHECK(layout.data_group(rank).at(static_cast<std::size_t>(at.dp)) == rank);
      CHECK(layout.pipeline_group(rank).at(static_cast<std::size_t>(at.pp)) == rank);
      tensor.insert(layout.tensor_group(rank));
      data.insert(layout.data_group(rank));
      pipeline.insert(layout.pipeline_group(rank));
    }
    // as many different groups as ranks over members: with every rank in its own group, they cannot overlap
    CHECK(tensor.size() == 6);
    CHECK(data.size() == 8);
    CHECK(pipeline.size() == 12);
    for (const auto* groups : {&tensor, &data, &pipeline}) {
      std::multiset<RankId> all;
      for (const auto& group : *groups) all.insert(group.begin(), group.end());
      CHECK(all.size() == 24);
      CHECK(std::set<RankId>(all.begin(), all.end()).size() == 24);
    }
  }
}

TEST_CASE("a layout that makes no sense is our mistake: the reader refuses it before")
{
  for (const char* order : {"", "tp", "tp-dp", "tp-dp-dp", "tp-dp-pp-", "tp dp pp", "tp-dp-pp-ep"})
    CHECK_THROWS_AS(Layout(plan_of(1, 1, 1, order)), LogicError);
  CHECK_THROWS_AS(Layout(plan_of(0, 1, 1, "tp-dp-pp")), LogicError);
  CHECK_THROWS_AS(Layout(plan_of(2, -3, 1, "tp-dp-pp")), LogicError);
  CHECK_THROWS_AS(Layout(plan_of(65'536, 65'536, 1, "tp-dp-pp")), LogicError);
  CHECK_THROWS_AS(Layout(plan_of(65'536, 65'536, 65'536, "tp-dp-pp")), LogicError);
  const Layout layout(plan_of(2, 2, 2, "tp-dp-pp"));
  CHECK_THROWS_AS((void)layout.coordinates(RankId{8}), LogicError);
  CHECK_THROWS_AS((void)layout.rank({.tp = 2, .pp = 0, .dp = 0}), LogicError);
  CHECK_THROWS_AS((void)layout.rank({.tp = 0, .pp = 0, .dp = -1}), LogicError);
}
