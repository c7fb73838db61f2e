// Folding and fusion change nothing: random steps, played by the plain player of reference_player.hpp in all four ways.
#include "fold/compare.hpp"
#include "fold/random_case.hpp"
#include "fold/reference_player.hpp"

#include <doctest/doctest.h>

using namespace weft;

namespace {

EngineSettings settings_of(FoldMode fold_mode, FuseMode fuse)
{
  EngineSettings settings;
  settings.fold = fold_mode;
  settings.fuse = fuse;
  return settings;
}

folding_test::Times times_of(const Folding& folding)
{
  reference::Played played = reference::play(folding);
  return {std::move(played.begin), std::move(played.end), std::move(played.link_bytes)};
}

} // namespace

TEST_CASE("random steps take the same time folded and unfolded, fused and not, for every task of every rank")
{
  std::size_t folded_ranks = 0, all_ranks = 0, fused_actions = 0, all_actions = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    CAPTURE(seed);
    const hand_made::RandomStep step(seed);
    const hand_made::Case& c = step.built;
    check(c.job);
    const Folding plain = fold(c.job, c.traffic, c.fabric, settings_of(FoldMode::off, FuseMode::off));
    const folding_test::Times expected = times_of(plain);
    for (const auto& [mode, fuse] : {std::pair{FoldMode::automatic, FuseMode::off},
                                     {FoldMode::off, FuseMode::automatic},
                                     {FoldMode::automatic, FuseMode::automatic}}) {
      const Folding other = fold(c.job, c.traffic, c.fabric, settings_of(mode, fuse));
      REQUIRE(folding_test::first_difference(plain, expected, other, times_of(other), 1e-9) == "");
      if (mode == FoldMode::automatic) folded_ranks += other.ranks.size(), all_ranks += plain.ranks.size();
      if (mode == FoldMode::automatic || fuse == FuseMode::off) continue;
      for (const RankClass& rank : other.ranks) fused_actions += other.scripts[rank.script].actions.size();
      for (const RankClass& rank : plain.ranks) all_actions += plain.scripts[rank.script].actions.size();
    }
  }
  // The cases must be symmetric enough to fold and regular enough to fuse, or equality says nothing.
  MESSAGE(folded_ranks << " classes for " << all_ranks << " ranks, " << fused_actions << " actions for " << all_actions << " tasks");
  CHECK(folded_ranks * 3 < all_ranks * 2);
  CHECK(fused_actions * 5 < all_actions * 4);
}

TEST_CASE("planted errors are found: a wrong weight, a wrong class, a forgotten straggler")
{
  std::size_t weights = 0, classes = 0, slow = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    CAPTURE(seed);
    const hand_made::RandomStep step(seed);
    const hand_made::Case& c = step.built;
    const Folding plain = fold(c.job, c.traffic, c.fabric, settings_of(FoldMode::off, FuseMode::off));
    const folding_test::Times expected = times_of(plain);
    const Folding good = fold(c.job, c.traffic, c.fabric, settings_of(FoldMode::automatic, FuseMode::automatic));
    const auto differs = [&](const Folding& bad) {
      return !folding_test::first_difference(plain, expected, bad, times_of(bad), 1e-9).empty();
    };
    if (!good.traffic.charges.empty()) {
      Folding bad = good;
      bad.traffic.charges[seed % bad.traffic.charges.size()].weight *= 1.01;
      CHECK(differs(bad));
      ++weights;
    }
    for (std::uint32_t rank = 0; rank < good.rank_class.size(); ++rank) {
      // A straggler told to be like any other rank of its role.
      if (c.job.ranks[rank].slowdown == 1) continue;
      Folding bad = good;
      for (std::uint32_t other = 0; other < good.rank_class.size(); ++other) {
        if (c.job.ranks[other].role == c.job.ranks[rank].role && other != rank) bad.rank_class[rank] = good.rank_class[other];
      }
      if (bad.rank_class[rank] == good.rank_class[rank]) continue;
      CHECK(differs(bad));
      ++classes;
    }
    for (std::size_t script = 0; script < good.scripts.size(); ++script) {
      // The slowest member's computations inside a fused meeting forgotten: everybody plays at nominal speed.
      if (good.scripts[script].slowdown == 1) continue;
      Folding bad = good;
      for (Action& action : bad.scripts[script].actions) action.duration *= 1 / good.scripts[script].slowdown;
      CHECK(differs(bad));
      ++slow;
    }
  }
  CHECK(weights > 40);
  CHECK(classes > 5);
  CHECK(slow > 5);
}
