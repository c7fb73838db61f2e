// Classes of hand-made cases, where everybody can see which they must be.
#include "fold/colouring.hpp"
#include "fold/folding.hpp"
#include "fold/hand_made.hpp"

#include <doctest/doctest.h>

using namespace weft;
using Classes = std::vector<std::uint32_t>;

namespace {

/// Ranks in a ring of their own per group, each rank with one link up and one down.
struct Rings {
  hand_made::Case c;
  std::uint8_t main = c.lane("compute"), tp = c.lane("tp"), slot = c.slot("tp");
  std::uint32_t work = c.work(Seconds(1e-3)), payload = c.payload(Bytes(1e6));
  std::uint8_t kind = c.group_kind("tp", {payload});
  std::uint32_t role = c.role();
  std::vector<std::uint32_t> up, down;

  /// `slow`: the rank that computes at half speed; `thin`: the rank whose up link has half the capacity.
  Rings(std::uint32_t groups, std::uint32_t size, std::uint32_t slow = 999, std::uint32_t thin = 999)
  {
    const std::uint32_t first = c.compute(role, main, work);
    c.communicate(role, tp, slot, payload, {first});
    for (std::uint32_t r = 0; r < groups * size; ++r) {
      c.rank(role, r == slow ? 2.0 : 1.0);
      up.push_back(c.link(Bandwidth(r == thin ? 50e9 : 100e9), 0));
      down.push_back(c.link(Bandwidth(100e9), 1));
    }
    for (std::uint32_t g = 0; g < groups; ++g) ring(g * size, size);
  }
  void ring(std::uint32_t first, std::uint32_t size)
  {
    std::vector<std::pair<std::uint32_t, std::uint8_t>> members;
    std::vector<Charge> charges;
    for (std::uint32_t r = first; r < first + size; ++r) {
      members.emplace_back(r, slot);
      charges.push_back({up[r], 1.5});
      charges.push_back({down[r], 1.5});
    }
    const std::uint32_t group = c.group(kind, members);
    c.transfer(group, {{Seconds(1e-5), {{c.flow(group, charges), Bytes(1e6)}}}});
  }
  Folding folded(FoldMode mode = FoldMode::automatic)
  {
    EngineSettings settings;
    settings.fold = mode;
    return fold(c.job, c.traffic, c.fabric, settings);
  }
};

} // namespace

TEST_CASE("rings of equal ranks are one class of ranks, groups, flows, and two of links: up and down")
{
  Rings rings(3, 4);
  const Folding f = rings.folded();
  REQUIRE(f.ranks.size() == 1);
  CHECK(f.ranks[0].ranks == 12);
  CHECK(f.ranks[0].representative == RankId{0});
  CHECK(f.ranks[0].group_of_slot == Classes{0});
  REQUIRE(f.groups.size() == 1);
  CHECK(f.groups[0].groups == 3);
  CHECK(f.groups[0].arrivals == 1); // all members are of one rank class and use one slot
  REQUIRE(f.links.size() == 2);
  CHECK(f.links[0].links == 12);
  CHECK(f.total_links == 24);
  CHECK(f.total_flows == 3);
  REQUIRE(f.traffic.flows.size() == 1);
  // One ring crosses one up link once: its weight stays 1.5.
  REQUIRE(f.traffic.charges_of(0).size() == 2);
  CHECK(f.traffic.charges_of(0)[0].weight == 1.5);
}

TEST_CASE("a straggler splits its own group and leaves the others alone")
{
  Rings rings(3, 4, 5); // rank 5 sits in group 1
  const Folding f = rings.folded();
  // Ranks: those of groups 0 and 2; the three beside the straggler; the straggler.
  CHECK(f.rank_class == Classes{0, 0, 0, 0, 1, 2, 1, 1, 0, 0, 0, 0});
  CHECK(f.group_class == Classes{0, 1, 0});
  CHECK(f.groups[1].arrivals == 2);
  CHECK(f.flow_class == Classes{0, 1, 0});
  // Links of group 1 carry the same amounts, but at other times.
  CHECK(f.links.size() == 4);
}

TEST_CASE("a degraded link splits the group that crosses it, and that group's links by capacity, but not its ranks")
{
  Rings rings(3, 4, 999, 6); // up link of rank 6 in group 1
  const Folding f = rings.folded();
  CHECK(f.rank_class == Classes{0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0});
  CHECK(f.group_class == Classes{0, 1, 0});
  // up and down of groups 0 and 2; up, thin up and down of group 1.
  CHECK(f.links.size() == 5);
}

TEST_CASE("a half-filled leaf splits what shares its trunk from what does not")
{
  // Pairs (2k, 2k+1) exchange over a leaf trunk each: pairs 0 and 1 share trunk 0, pair 2 has trunk 1 alone.
  hand_made::Case c;
  const std::uint8_t lane = c.lane("dp"), slot = c.slot("dp");
  const std::uint32_t payload = c.payload(Bytes(1e6)), role = c.role();
  const std::uint8_t kind = c.group_kind("dp", {payload});
  c.communicate(role, lane, slot, payload);
  const std::uint32_t trunk[2] = {c.link(Bandwidth(1e9)), c.link(Bandwidth(1e9))};
  for (std::uint32_t pair = 0; pair < 3; ++pair) {
    const std::uint32_t a = c.rank(role), b = c.rank(role);
    const std::uint32_t group = c.group(kind, {{a, slot}, {b, slot}});
    c.transfer(group, {{Seconds(0), {{c.flow(group, {{trunk[pair / 2], 1.0}}), Bytes(1e6)}}}});
  }
  const Folding f = fold(c.job, c.traffic, c.fabric, {});
  CHECK(f.rank_class == Classes{0, 0, 0, 0, 1, 1});
  CHECK(f.link_class == Classes{0, 1});
  // Both pairs of trunk 0 load it: the one flow of the quotient weighs two.
  REQUIRE(f.traffic.charges_of(0).size() == 1);
  CHECK(f.traffic.charges_of(0)[0].weight == 2.0);
  CHECK(f.traffic.charges_of(1)[0].weight == 1.0);
}

TEST_CASE("a ring that crosses its links twice is another class than one that crosses them once")
{
  Rings rings(2, 2);
  for (Charge& charge : rings.c.traffic.charges) charge.weight = charge.link >= rings.up[2] ? 3.0 : 1.5; // group 1: twice the weight
  const Folding f = rings.folded();
  CHECK(f.rank_class == Classes{0, 0, 1, 1});
  CHECK(f.flow_class == Classes{0, 1});
}

TEST_CASE("sender and receiver of a pair are told apart by their slots, and both arrive")
{
  // A ring of three ranks, each sends to the next: one rank class that arrives twice at each pair class.
  hand_made::Case c;
  const std::uint8_t out = c.lane("send"), in = c.lane("receive"), send = c.slot("send"), receive = c.slot("receive");
  const std::uint32_t payload = c.payload(Bytes(1e6)), role = c.role();
  const std::uint8_t kind = c.group_kind("pair", {payload});
  c.communicate(role, out, send, payload);
  c.communicate(role, in, receive, payload);
  std::vector<std::uint32_t> links;
  for (int i = 0; i < 3; ++i) {
    c.rank(role);
    links.push_back(c.link(Bandwidth(1e9)));
  }
  for (std::uint32_t i = 0; i < 3; ++i) {
    const std::uint32_t group = c.group(kind, {{i, send}, {(i + 1) % 3, receive}});
    c.transfer(group, {{Seconds(0), {{c.flow(group, {{links[i], 1.0}}), Bytes(1e6)}}}});
  }
  const Folding f = fold(c.job, c.traffic, c.fabric, {});
  CHECK(f.ranks.size() == 1);
  REQUIRE(f.groups.size() == 1);
  CHECK(f.groups[0].arrivals == 2);
  CHECK(f.ranks[0].group_of_slot == Classes{0, 0});
}

TEST_CASE("flows of one phase that are equals are one flow of the quotient, used once")
{
  // A group of two with one flow per edge, all links alike: in the quotient one edge stands for both.
  hand_made::Case c;
  const std::uint8_t lane = c.lane("tp"), slot = c.slot("tp");
  const std::uint32_t payload = c.payload(Bytes(1e6)), role = c.role();
  const std::uint8_t kind = c.group_kind("tp", {payload});
  c.communicate(role, lane, slot, payload);
  const std::uint32_t a = c.rank(role), b = c.rank(role), ab = c.link(Bandwidth(1e9)), ba = c.link(Bandwidth(1e9));
  const std::uint32_t group = c.group(kind, {{a, slot}, {b, slot}});
  const std::uint32_t there = c.flow(group, {{ab, 1.0}}), back = c.flow(group, {{ba, 1.0}});
  c.transfer(group, {{Seconds(1e-6), {{there, Bytes(1e6)}, {back, Bytes(1e6)}}}});
  EngineSettings settings;
  settings.fidelity = Fidelity::edges;
  const Folding f = fold(c.job, c.traffic, c.fabric, settings);
  CHECK(f.traffic.flows.size() == 1);
  CHECK(f.traffic.uses.size() == 1);
  CHECK(f.total_flows == 2);
  settings.fold = FoldMode::off;
  CHECK(fold(c.job, c.traffic, c.fabric, settings).traffic.uses.size() == 2);
}

TEST_CASE("with folding off every rank, group, flow and link stands for itself and the traffic is copied")
{
  Rings rings(2, 3);
  const Folding f = rings.folded(FoldMode::off);
  CHECK(f.ranks.size() == 6);
  CHECK(f.groups.size() == 2);
  CHECK(f.links.size() == 12);
  CHECK(f.groups[1].arrivals == 3);
  for (std::uint32_t flow = 0; flow < 2; ++flow) {
    const auto before = rings.c.traffic.charges_of(flow), after = f.traffic.charges_of(flow);
    REQUIRE(before.size() == after.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
      CHECK(f.link_class[before[i].link] == after[i].link);
      CHECK(before[i].weight == after[i].weight);
    }
  }
}

TEST_CASE("fidelity steps is never folded")
{
  Rings rings(2, 3);
  EngineSettings settings;
  settings.fidelity = Fidelity::steps;
  CHECK(fold(rings.c.job, rings.c.traffic, rings.c.fabric, settings).ranks.size() == 6);
}

TEST_CASE("links without traffic are in no class and are not counted")
{
  Rings rings(1, 3);
  rings.c.link(Bandwidth(1e9));
  const Folding f = rings.folded();
  CHECK(f.link_class.back() == Folding::no_class);
  CHECK(f.total_links == 6);
}

TEST_CASE("weights that differ only in their last bits do not split a class, those that differ by 1e-11 do")
{
  CHECK(grid_bits(0.1 + 0.2) == grid_bits(0.3));
  CHECK(grid_bits(1.0 / 3 + 1.0 / 3 + 1.0 / 3) == grid_bits(1.0));
  CHECK(grid_bits(1.0) != grid_bits(1.0 + 1e-11));
  CHECK(grid_bits(-0.0) == grid_bits(0.0));
}

TEST_CASE("the text form counts classes and names what each stands for")
{
  Rings rings(3, 4, 5);
  const std::string text = to_text(rings.folded());
  CHECK(text.rfind("ranks 12 in 3 classes\ngroups 3 in 2 classes\nflows 3 in 2 classes\nlinks 24 in 4 classes\n", 0) == 0);
  CHECK(text.find("group-class 1 1 x group 1 \"tp\" arrivals 2\n") != std::string::npos);
  CHECK(text == to_text(rings.folded()));
}
