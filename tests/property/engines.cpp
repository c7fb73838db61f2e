// Random flow sets and random jobs on both engines: every date must be equal. And the local re-solve of fair sharing against the solution
// of the whole component. The number of a failing case is printed; it is the seed.
#include "../engine/hand_made.hpp"

#include "engine/fair_sharing.hpp"
#include "engine/player.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <functional>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace weft;
using namespace weft::hand_made;

namespace {

/// Splitmix64 (Steele, Lea, Flood, OOPSLA 2014): the same draws everywhere.
class Draws {
  std::uint64_t state_;

public:
  explicit Draws(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15 + 1) {}
  std::uint64_t next()
  {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// 0 .. count - 1
  std::uint32_t below(std::size_t count) { return static_cast<std::uint32_t>(next() % count); }
  double between(double least, double most) { return least + (most - least) * static_cast<double>(next() >> 11) * 0x1p-53; }
  bool chance(double share) { return between(0, 1) < share; }
};

using Run = std::unique_ptr<Network> (*)(const NetworkInput&);
std::unique_ptr<Network> local(const NetworkInput& input) { return fluid_network(input, SharingScope::local); }
std::unique_ptr<Network> component(const NetworkInput& input) { return fluid_network(input, SharingScope::component); }
std::unique_ptr<Network> reference(const NetworkInput& input) { return simgrid_network(input); }

/// Ends of all actions and bytes of all links, played in a process of its own; empty when that failed.
std::vector<double> play(const Folding& folding, Run make)
{
  std::size_t count = folding.links.size();
  for (const RankClass& rank : folding.ranks) count += folding.scripts[rank.script].actions.size();
  auto* shared = static_cast<double*>(mmap(nullptr, count * sizeof(double), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  REQUIRE(shared != MAP_FAILED);
  std::fflush(nullptr);
  const pid_t process = fork();
  if (process == 0) {
    try {
      NetworkInput input{.capacities = {}, .traffic = &folding.traffic, .utilisation_bins = 0, .least_end = {}};
      for (const LinkClass& link : folding.links) input.capacities.push_back(link.capacity);
      const auto network = make(input);
      Player player(folding, *network, {});
      player.play();
      double* into = shared;
      for (const auto& spans : player.take_spans())
        for (const Span& span : spans) *into++ = span.end.base();
      for (const LinkUse& link : network->use().links) *into++ = link.bytes.base();
    } catch (...) {
      _exit(1);
    }
    _exit(0);
  }
  int status = 0;
  waitpid(process, &status, 0);
  std::vector<double> out;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) out.assign(shared, shared + count);
  munmap(shared, count * sizeof(double));
  return out;
}

/// Largest relative difference; infinite when one of them failed.
double distance(const std::vector<double>& a, const std::vector<double>& b)
{
  if (a.empty() || a.size() != b.size()) return INFINITY;
  double most = 0;
  for (std::size_t i = 0; i < a.size(); i++)
    most = std::max(most, std::abs(a[i] - b[i]) / std::max({std::abs(a[i]), std::abs(b[i]), 1e-300}));
  return most;
}

/// Some links, and flows over a few of them each with weights in quarters (SimGrid needs a common denominator).
std::vector<std::uint32_t> random_flows(Play& play, Draws& draws, std::size_t links, std::size_t flows)
{
  for (std::size_t i = 0; i < links; i++) play.link(draws.chance(0.5) ? 1e9 : draws.between(1e8, 1e10));
  std::vector<std::uint32_t> made;
  for (std::size_t i = 0; i < flows; i++) {
    std::vector<Charge> path;
    const std::size_t hops = 1 + draws.below(std::min<std::size_t>(5, links));
    while (path.size() < hops) {
      const std::uint32_t link = draws.below(links);
      if (std::none_of(path.begin(), path.end(), [&](const Charge& c) { return c.link == link; }))
        path.push_back({link, draws.chance(0.5) ? 1.0 : 0.25 * (1 + draws.below(12))});
    }
    made.push_back(play.flow(path));
  }
  return made;
}

Play random_flow_set(Draws& draws)
{
  Play play;
  const std::size_t count = 2 + draws.below(60);
  const auto flows = random_flows(play, draws, 1 + draws.below(20), count);
  for (const std::uint32_t flow : flows) {
    const double delay = draws.chance(0.3) ? 0 : draws.chance(0.2) ? 0.125 : draws.between(0, 2);
    play.lone_transfer(draws.chance(0.5) ? 0 : draws.between(0, 1e-3), {{flow, Bytes(draws.chance(0.3) ? 1e8 : draws.between(1e6, 1e9))}},
                       delay);
  }
  return play;
}

std::uint32_t random_transfer(Play& play, Draws& draws, const std::vector<std::uint32_t>& flows)
{
  const auto latency = [&] { return draws.chance(0.3) ? 0 : draws.between(0, 1e-2); };
  const auto size = [&] { return Bytes(draws.chance(0.1) ? 0 : draws.between(1e6, 1e9)); };
  if (draws.chance(0.2)) {
    std::vector<std::vector<StepMessage>> steps(1 + draws.below(4));
    for (auto& step : steps)
      for (std::size_t i = draws.below(5); i > 0; i--)
        step.push_back({draws.below(4), draws.below(4), flows[draws.below(flows.size())], size()});
    return play.steps(latency(), steps);
  }
  const auto phase = [&] {
    std::vector<FlowUse> uses;
    for (std::size_t i = draws.below(4); i > 0; i--) uses.push_back({flows[draws.below(flows.size())], size()});
    return uses;
  };
  const std::uint32_t transfer = play.transfer(latency(), phase());
  for (std::size_t i = draws.below(3); i > 0; i--) play.then(latency(), phase());
  return transfer;
}

/// Ranks that compute and meet on three lanes. All meetings follow one global order, so nothing can deadlock.
Play random_job(Draws& draws)
{
  Play play({"compute", "a", "b"});
  const std::size_t ranks = 2 + draws.below(6), groups = 1 + draws.below(5);
  const auto flows = random_flows(play, draws, 2 + draws.below(10), 3 + draws.below(12));
  for (std::size_t i = 0; i < ranks; i++) play.rank();
  std::vector<std::vector<std::uint32_t>> members(groups);
  for (std::uint32_t g = 0; g < groups; g++) {
    for (std::uint32_t r = 0; r < ranks; r++)
      if (draws.chance(0.5)) members[g].push_back(r);
    if (members[g].empty()) members[g].push_back(draws.below(ranks));
    play.group(members[g], {random_transfer(play, draws, flows), random_transfer(play, draws, flows)});
  }
  const auto waits = [&](std::uint32_t rank) {
    std::vector<std::uint32_t> chosen;
    const std::size_t earlier = play.folding().scripts[rank].actions.size();
    for (std::size_t i = draws.below(3); i > 0 && earlier > 0; i--) chosen.push_back(draws.below(earlier));
    return chosen;
  };
  for (std::size_t event = 10 + draws.below(60); event > 0; event--) {
    const auto lane = static_cast<std::uint8_t>(draws.below(3));
    if (draws.chance(0.5)) {
      const std::uint32_t rank = draws.below(ranks);
      play.compute(rank, draws.chance(0.2) ? 0 : draws.chance(0.3) ? 0.25 : draws.between(0, 1), waits(rank), lane);
      continue;
    }
    const std::uint32_t group = draws.below(groups), k = draws.below(2);
    for (const std::uint32_t rank : members[group]) play.meet(rank, group, k, waits(rank), lane);
  }
  return play;
}

} // namespace

TEST_CASE("random flow sets end at the same dates on both engines, solved locally or by component")
{
  for (std::uint64_t seed = 1; seed <= 80; seed++) {
    CAPTURE(seed);
    Draws draws(seed);
    const Play set = random_flow_set(draws);
    const auto fluid = play(set.folding(), local);
    CHECK(distance(fluid, play(set.folding(), component)) < 1e-9);
    CHECK(distance(fluid, play(set.folding(), reference)) < 1e-9);
  }
}

TEST_CASE("random jobs end every action at the same date on both engines, solved locally or by component")
{
  for (std::uint64_t seed = 1; seed <= 120; seed++) {
    CAPTURE(seed);
    Draws draws(1000 + seed);
    const Play job = random_job(draws);
    const auto fluid = play(job.folding(), local);
    CHECK(distance(fluid, play(job.folding(), component)) < 1e-9);
    CHECK(distance(fluid, play(job.folding(), reference)) < 1e-9);
  }
}

namespace {

struct Arrival {
  Seconds date;
  std::vector<Charge> path;
  Bytes bytes;
};

/// Ends of all flows under FairSharing alone, without any engine.
std::vector<double> share_alone(const std::vector<Bandwidth>& capacities, const std::vector<Arrival>& arrivals, SharingScope scope)
{
  LinkAccount account({.capacities = capacities, .traffic = nullptr, .utilisation_bins = 0, .least_end = {}});
  FairSharing sharing(capacities, account, scope);
  std::vector<double> ends(arrivals.size());
  std::vector<Token> due;
  std::size_t begun = 0;
  while (true) {
    const double arrival = begun < arrivals.size() ? arrivals[begun].date.base() : INFINITY;
    const double next = std::min(arrival, sharing.next_end().base());
    if (std::isinf(next)) return ends;
    due.clear();
    sharing.end_due(Seconds(next * (1 + simultaneous)), Seconds(next), due);
    for (const Token& token : due) ends[token.owner] = next;
    for (; begun < arrivals.size() && arrivals[begun].date.base() <= next; begun++)
      sharing.start(arrivals[begun].path, arrivals[begun].bytes, {.purpose = 0, .owner = static_cast<std::uint32_t>(begun)}, Seconds(next));
    sharing.share(Seconds(next));
  }
}

} // namespace

TEST_CASE("local and component solutions agree on larger sets: sparse, crowded, and with weights of any size")
{
  for (std::uint64_t seed = 1; seed <= 60; seed++) {
    CAPTURE(seed);
    Draws draws(5000 + seed);
    const std::size_t links = 10 + draws.below(seed % 3 == 0 ? 20 : 300), flows = 100 + draws.below(500);
    std::vector<Bandwidth> capacities;
    for (std::size_t i = 0; i < links; i++) capacities.emplace_back(draws.chance(0.5) ? 1e9 : draws.between(1e7, 1e10));
    std::vector<Arrival> arrivals;
    double date = 0;
    for (std::size_t i = 0; i < flows; i++) {
      if (!draws.chance(0.2)) date += draws.between(0, 0.05);
      Arrival arrival{Seconds(date), {}, Bytes(draws.between(1e6, 1e9))};
      for (std::uint32_t link = draws.below(links / 2 + 1); link < links && arrival.path.size() < 6; link += 1 + draws.below(links / 4 + 1))
        arrival.path.push_back({link, draws.chance(0.5) ? 1 : std::exp(draws.between(-7, 7))});
      arrivals.push_back(std::move(arrival));
    }
    CHECK(distance(share_alone(capacities, arrivals, SharingScope::local), share_alone(capacities, arrivals, SharingScope::component)) <
          1e-9);
  }
}
