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
  const RankGrid grid = Layout(plan_of(2, 4, 2, "tp-dp-pp")).dense;
  CHECK(grid.ranks() == 16);
  CHECK(grid.along({Axis::tp}, RankId{0}) == ranks({0, 1}));
  CHECK(grid.along({Axis::tp}, RankId{3}) == ranks({2, 3}));
  CHECK(grid.along({Axis::dp}, RankId{0}) == ranks({0, 2}));
  CHECK(grid.along({Axis::dp}, RankId{6}) == ranks({4, 6}));
  CHECK(grid.along({Axis::pp}, RankId{0}) == ranks({0, 4, 8, 12}));
  CHECK(grid.along({Axis::pp}, RankId{9}) == ranks({1, 5, 9, 13}));
}

TEST_CASE("tp-pp-dp puts the stages of one replica side by side")
{
  const RankGrid grid = Layout(plan_of(2, 4, 2, "tp-pp-dp")).dense;
  CHECK(grid.along({Axis::tp}, RankId{0}) == ranks({0, 1}));
  CHECK(grid.along({Axis::pp}, RankId{0}) == ranks({0, 2, 4, 6}));
  CHECK(grid.along({Axis::dp}, RankId{0}) == ranks({0, 8}));
}

TEST_CASE("context ranks sit between tensor and data ranks, and both hold the same weights")
{
  Plan plan = plan_of(2, 1, 2, "tp-cp-ep-dp-pp");
  plan.cp = 2;
  const RankGrid grid = Layout(plan).dense;
  CHECK(grid.along({Axis::cp}, RankId{0}) == ranks({0, 2}));
  CHECK(grid.along({Axis::dp}, RankId{0}) == ranks({0, 4}));
  CHECK(grid.along({Axis::cp, Axis::dp}, RankId{1}) == ranks({1, 3, 5, 7}));
}

TEST_CASE("experts spread over the nearest ranks of a stage, whatever part of the plan those are")
{
  // 8 ranks of a stage: tp 2 x cp 2 x dp 2. With whole experts (etp 1) and ep 4, ranks 0 to 3 hold one copy of the experts, 4 to 7 the other.
  Plan plan = plan_of(2, 2, 2, "tp-cp-ep-dp-pp");
  plan.cp = 2, plan.ep = 4, plan.etp = 1;
  const RankGrid grid = Layout(plan).expert;
  CHECK(grid.ranks() == 16);
  CHECK(grid.along({Axis::ep}, RankId{5}) == ranks({4, 5, 6, 7}));
  CHECK(grid.along({Axis::cp, Axis::dp}, RankId{1}) == ranks({1, 5}));
  CHECK(grid.along({Axis::pp}, RankId{3}) == ranks({3, 11}));
  plan.etp = 0, plan.ep = 2; // experts cut over tp as the rest: ep strides over it
  const RankGrid cut = Layout(plan).expert;
  CHECK(cut.along({Axis::tp}, RankId{2}) == ranks({2, 3}));
  CHECK(cut.along({Axis::ep}, RankId{0}) == ranks({0, 2}));
}

TEST_CASE("without expert parallelism the two layouts are one")
{
  Plan plan = plan_of(2, 2, 3, "tp-cp-pp-dp");
  plan.cp = 2;
  const Layout layout(plan);
  for (std::uint32_t r = 0; r < 24; ++r) CHECK(layout.expert.coordinates(RankId{r}) == layout.dense.coordinates(RankId{r}));
}

TEST_CASE("replicas: dense weights over cp x dp, experts over what etp x ep leave; state is cut over neighbours")
{
  Plan plan = plan_of(2, 3, 8, "tp-cp-ep-dp-pp");
  plan.cp = 2, plan.ep = 4, plan.etp = 1; // 32 ranks of a stage
  CHECK(dense_replicas(plan).ranks == 16);
  CHECK(dense_replicas(plan).cut == 16);
  CHECK(expert_replicas(plan).ranks == 8);
  plan.zero_group = 8;
  CHECK(dense_replicas(plan).copies() == 2);
  CHECK(expert_replicas(plan).copies() == 1);
  plan.ep = 16;
  CHECK(expert_replicas(plan).ranks == 2);
  CHECK(expert_replicas(plan).cut == 2); // fewer copies than the group has ranks
}

TEST_CASE("groups of experts partition the ranks in every order that ends with pp, for every way to spread them")
{
  for (const char* order : {"tp-cp-ep-dp-pp", "tp-ep-dp-cp-pp", "dp-ep-cp-tp-pp", "ep-cp-tp-dp-pp"})
    for (const auto& [ep, etp] : {std::pair{2, 1}, {4, 2}, {8, 0}, {3, 4}, {24, 1}, {1, 8}}) {
      Plan plan = plan_of(2, 2, 6, order);
      plan.cp = 2, plan.ep = ep, plan.etp = etp; // 24 ranks of a stage
      if (24 % (expert_tensor(plan) * ep) != 0) continue;
      const Layout layout(plan);
      REQUIRE(layout.expert.ranks() == layout.dense.ranks());
      const auto partition = [&](std::initializer_list<Axis> axes) {
        std::multiset<RankId> all;
        for (std::uint32_t r = 0; r < 48; ++r)
          if (layout.expert.leads(axes, RankId{r}))
            for (const RankId member : layout.expert.along(axes, RankId{r})) all.insert(member);
        return all.size() == 48 && std::set<RankId>(all.begin(), all.end()).size() == 48;
      };
      CHECK(partition({Axis::ep}));
      CHECK(partition({Axis::tp}));
      CHECK(partition({Axis::dp}));
      CHECK(partition({Axis::tp, Axis::ep, Axis::dp}));
      for (std::uint32_t r = 0; r < 48; ++r) // stages are the same ranks in both
        CHECK(layout.expert.coordinates(RankId{r})[Axis::pp] == layout.dense.coordinates(RankId{r})[Axis::pp]);
    }
}

TEST_CASE("coordinates and rank are each other's inverse in every order")
{
  for (const char* order : orders) {
    const RankGrid grid = Layout(plan_of(2, 3, 5, order)).dense;
    for (std::uint32_t r = 0; r < 30; ++r) {
      const Coordinates at = grid.coordinates(RankId{r});
      CHECK(grid.rank(at) == RankId{r});
      CHECK(at[Axis::tp] < 2);
      CHECK(at[Axis::pp] < 3);
      CHECK(at[Axis::dp] < 5);
    }
  }
}

TEST_CASE("groups of each kind partition the ranks, in order of the coordinate, whatever the order")
{
  for (const char* order : orders) {
    const RankGrid grid = Layout(plan_of(4, 2, 3, order)).dense;
    for (const Axis axis : {Axis::tp, Axis::pp, Axis::dp}) {
      std::set<std::vector<RankId>> groups;
      std::set<RankId> leaders;
      for (std::uint32_t r = 0; r < 24; ++r) {
        const std::vector<RankId> group = grid.along({axis}, RankId{r});
        CHECK(group.at(static_cast<std::size_t>(grid.coordinates(RankId{r})[axis])) == RankId{r});
        groups.insert(group);
        if (grid.leads({axis}, RankId{r})) leaders.insert(RankId{r});
      }
      // as many different groups as ranks over members: with every rank in its own group, they cannot overlap
      CHECK(groups.size() == static_cast<std::size_t>(24 / grid.extent(axis)));
      CHECK(leaders.size() == groups.size());
      std::set<RankId> all;
      for (const auto& group : groups) all.insert(group.begin(), group.end());
      CHECK(all.size() == 24);
    }
  }
}

TEST_CASE("a layout that makes no sense is our mistake: the reader refuses it before")
{
  for (const char* order : {"", "tp", "tp-dp", "tp-dp-dp", "tp-dp-pp-", "tp dp pp", "tp-dp-pp-xp"})
    CHECK_THROWS_AS(Layout(plan_of(1, 1, 1, order)), LogicError);
  CHECK_THROWS_AS(Layout(plan_of(0, 1, 1, "tp-dp-pp")), LogicError);
  CHECK_THROWS_AS(Layout(plan_of(2, -3, 1, "tp-dp-pp")), LogicError);
  CHECK_THROWS_AS(Layout(plan_of(65'536, 65'536, 1, "tp-dp-pp")), LogicError);
  CHECK_THROWS_AS(Layout(plan_of(65'536, 65'536, 65'536, "tp-dp-pp")), LogicError);
  const RankGrid grid = Layout(plan_of(2, 2, 2, "tp-dp-pp")).dense;
  CHECK_THROWS_AS((void)grid.coordinates(RankId{8}), LogicError);
  Coordinates outside;
  outside[Axis::tp] = 2;
  CHECK_THROWS_AS((void)grid.rank(outside), LogicError);
  outside = {};
  outside[Axis::dp] = -1;
  CHECK_THROWS_AS((void)grid.rank(outside), LogicError);
}
