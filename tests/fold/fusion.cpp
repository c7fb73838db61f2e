// Which chains become one action, how long it takes, and which must not.
#include "approx.hpp"
#include "fold/hand_made.hpp"
#include "fold/privacy.hpp"

#include "fold/folding.hpp"

#include <doctest/doctest.h>

using namespace weft;

namespace {

/// Two ranks with a private link each way and, if asked, a third link that a pair of others shares with them.
struct Duo {
  hand_made::Case c;
  std::uint8_t main = c.lane("compute"), tp = c.lane("tp"), dp = c.lane("dp");
  std::uint8_t slot = c.slot("tp"), other = c.slot("dp");
  std::uint32_t short_work = c.work(Seconds(1e-3)), long_work = c.work(Seconds(4e-3));
  std::uint32_t payload = c.payload(Bytes(1e6)), big = c.payload(Bytes(3e6));
  std::uint8_t kind = c.group_kind("tp", {payload, big});
  std::uint32_t role = c.role();
  std::uint32_t there = c.link(Bandwidth(1e9)), back = c.link(Bandwidth(2e9));

  void people(double slowdown_of_second = 1)
  {
    const std::uint32_t a = c.rank(role), b = c.rank(role, slowdown_of_second);
    const std::uint32_t group = c.group(kind, {{a, slot}, {b, slot}});
    const std::uint32_t flow = c.flow(group, {{there, 1.0}, {back, 1.0}});
    c.transfer(group, {{Seconds(1e-4), {{flow, Bytes(1e6)}}}});
    c.transfer(group, {{Seconds(1e-4), {{flow, Bytes(3e6)}}}});
  }
  /// compute, meet, compute, meet, compute
  void layers()
  {
    c.compute(role, main, short_work);
    c.communicate(role, tp, slot, payload, {0});
    c.compute(role, main, long_work, {1});
    c.communicate(role, tp, slot, big, {2});
    c.compute(role, main, short_work, {3});
  }
  Folding folded(FuseMode fuse = FuseMode::automatic)
  {
    EngineSettings settings;
    settings.fuse = fuse;
    return fold(c.job, c.traffic, c.fabric, settings);
  }
};

} // namespace

TEST_CASE("a private group's chain is one meeting between a leading and a trailing computation")
{
  Duo duo;
  duo.layers();
  duo.people();
  const Folding f = duo.folded();
  REQUIRE(f.scripts.size() == 1);
  const Script& s = f.scripts[0];
  REQUIRE(s.actions.size() == 3);
  CHECK(s.actions[0].kind == Action::Kind::timer);
  CHECK(s.actions[1].kind == Action::Kind::meet);
  // The slower way carries 1e9 B/s: 0.1 ms + 1 ms, then 4 ms, then 0.1 ms + 3 ms.
  CHECK(s.actions[1].duration.base() == near(8.2e-3));
  CHECK(s.actions[1].lane == duo.tp);
  CHECK(s.actions[2].task == 4);
  CHECK(std::vector<std::uint32_t>(s.waits_of(s.actions[2]).begin(), s.waits_of(s.actions[2]).end()) == std::vector<std::uint32_t>{1});
  const auto& parts = s.segments[s.actions[1].segment].parts;
  REQUIRE(parts.size() == 3);
  CHECK(parts[1].task == 1);
  CHECK(parts[1].lane == duo.main);
  CHECK(parts[1].offset.base() == near(1.1e-3));
  CHECK(parts[2].offset.base() == near(5.1e-3));
}

TEST_CASE("between two meetings everybody waits for the slowest member")
{
  Duo duo;
  duo.layers();
  duo.people(1.5);
  const Folding f = duo.folded();
  REQUIRE(f.scripts.size() == 2);
  for (const Script& s : f.scripts) {
    // 1.1 ms + 1.5 x 4 ms + 3.1 ms for both
    CHECK(s.actions[1].duration.base() == near(10.2e-3));
    const auto& parts = s.segments[s.actions[1].segment].parts;
    CHECK(parts[1].duration.base() == near(4e-3 * s.slowdown));
    CHECK(parts[2].offset.base() == near(7.1e-3));
  }
}

TEST_CASE("a link that another group's flow charges is private to neither")
{
  Duo duo;
  duo.layers();
  duo.people();
  const std::uint32_t quiet = duo.c.role();
  const std::uint8_t stranger = duo.c.group_kind("dp", {duo.payload});
  duo.c.communicate(quiet, duo.dp, duo.other, duo.payload);
  const std::uint32_t a = duo.c.rank(quiet), b = duo.c.rank(quiet);
  const std::uint32_t group = duo.c.group(stranger, {{a, duo.other}, {b, duo.other}});
  duo.c.transfer(group, {{Seconds(0), {{duo.c.flow(group, {{duo.there, 1.0}}), Bytes(1)}}}});
  const Folding f = duo.folded();
  CHECK(f.scripts[0].actions.size() == 5);
  for (const Action& action : f.scripts[0].actions) CHECK(action.segment == Action::no_segment);
}

TEST_CASE("members that play different roles are not fused: their programs need not agree on the chain")
{
  Duo duo;
  duo.layers();
  const std::uint32_t second = duo.c.role();
  duo.c.job.programs[second] = duo.c.job.programs[duo.role];
  const std::uint32_t a = duo.c.rank(duo.role), b = duo.c.rank(second);
  const std::uint32_t group = duo.c.group(duo.kind, {{a, duo.slot}, {b, duo.slot}});
  const std::uint32_t flow = duo.c.flow(group, {{duo.there, 1.0}});
  for (const double bytes : {1e6, 3e6}) duo.c.transfer(group, {{Seconds(0), {{flow, Bytes(bytes)}}}});
  CHECK(duo.folded().scripts[0].actions.size() == 5);
}

TEST_CASE("a group that meets on two lanes may overlap itself and is not fused")
{
  Duo duo;
  duo.c.communicate(duo.role, duo.tp, duo.slot, duo.payload);
  duo.c.communicate(duo.role, duo.dp, duo.slot, duo.payload);
  duo.people();
  const Folding f = duo.folded();
  for (const Action& action : f.scripts[0].actions) CHECK(action.segment == Action::no_segment);
}

TEST_CASE("two flows of one phase on one link share it: their time is not known beforehand")
{
  Duo duo;
  duo.layers();
  const std::uint32_t a = duo.c.rank(duo.role), b = duo.c.rank(duo.role);
  const std::uint32_t group = duo.c.group(duo.kind, {{a, duo.slot}, {b, duo.slot}});
  const std::uint32_t one = duo.c.flow(group, {{duo.there, 1.0}}), two = duo.c.flow(group, {{duo.there, 0.5}});
  for (int i = 0; i < 2; ++i) duo.c.transfer(group, {{Seconds(0), {{one, Bytes(1e6)}, {two, Bytes(1e6)}}}});
  CHECK(duo.folded().scripts[0].actions.size() == 5);
}

TEST_CASE("computations that follow one another are one timer, also across lanes, and the next on the other lane waits for it")
{
  Duo duo;
  duo.c.compute(duo.role, duo.main, duo.short_work);
  duo.c.compute(duo.role, duo.dp, duo.long_work, {0});
  duo.c.communicate(duo.role, duo.dp, duo.slot, duo.payload);
  duo.c.compute(duo.role, duo.main, duo.short_work, {1});
  duo.people();
  const Folding f = duo.folded();
  const Script& s = f.scripts[0];
  REQUIRE(s.actions.size() == 3);
  CHECK(s.actions[0].duration.base() == near(5e-3));
  CHECK(s.waits_of(s.actions[1]).size() == 1); // on the dp lane, which the timer does not hold
  CHECK(s.waits_of(s.actions[2]).empty());     // on the compute lane, which it does
}

TEST_CASE("the same chain in every microbatch is stored once")
{
  Duo duo;
  for (int i = 0; i < 5; ++i) {
    const auto first = static_cast<std::uint32_t>(duo.c.job.programs[duo.role].tasks.size());
    duo.c.compute(duo.role, duo.main, duo.short_work);
    duo.c.communicate(duo.role, duo.tp, duo.slot, duo.payload, {first});
    duo.c.compute(duo.role, duo.main, duo.long_work, {first + 1});
    // A free task on another lane keeps microbatches apart.
    duo.c.compute(duo.role, duo.dp, duo.long_work, {first});
  }
  duo.people();
  const Folding f = duo.folded();
  CHECK(f.scripts[0].segments.size() == 2); // the meeting alone, and two computations in a row
}

TEST_CASE("fuse off keeps one action per task with the program's own waits")
{
  Duo duo;
  duo.layers();
  duo.people();
  const Folding f = duo.folded(FuseMode::off);
  REQUIRE(f.scripts[0].actions.size() == 5);
  CHECK(f.scripts[0].waits == duo.c.job.programs[duo.role].waits);
  CHECK(f.scripts[0].segments.empty());
}
