// Lanes, waits and meetings: who waits for whom, and what released whom.
#include "approx.hpp"
#include "hand_made.hpp"

#include "config/error.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <limits>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

using namespace weft;
using namespace weft::hand_made;

namespace {

Trace run(const Play& play) { return simulate_isolated(play.folding(), settings()); }
weft::Near close_to(double value) { return weft::near(value, 1e-12); }

} // namespace

TEST_CASE("actions of one lane run one after the other, lanes run side by side")
{
  Play play;
  const auto one = play.rank();
  play.compute(one, 1);
  play.compute(one, 2);
  play.compute(one, 1.5, {}, 1);
  const Trace trace = run(play);
  CHECK(trace.spans[one][0].end.base() == 1.0);
  CHECK(trace.spans[one][1].begin.base() == 1.0);
  CHECK(trace.spans[one][1].end.base() == 3.0);
  CHECK(trace.spans[one][2].begin.base() == 0.0);
  CHECK(trace.spans[one][2].end.base() == 1.5);
  CHECK(trace.end.base() == 3.0);
  CHECK(trace.spans[one][0].released_action == Span::none);
  CHECK(trace.spans[one][1].released_action == 0);
}

TEST_CASE("an action waits for its lane and for everything it names, and is released by the last of them")
{
  Play play({"compute", "copy", "network"});
  const auto one = play.rank();
  const auto a = play.compute(one, 1, {}, 0);
  const auto b = play.compute(one, 3, {}, 1);
  const auto c = play.compute(one, 2, {}, 2);
  const auto d = play.compute(one, 1, {a, b}, 2); // after c (2 s), a (1 s), b (3 s): begins at 3, released by b
  const auto e = play.compute(one, 1, {a}, 1);    // after b
  const auto f = play.compute(one, 0.5, {c}, 0);  // after a (lane) and c: begins at 2
  const Trace trace = run(play);
  CHECK(trace.spans[one][d].begin.base() == 3.0);
  CHECK(trace.spans[one][d].released_action == b);
  CHECK(trace.spans[one][e].begin.base() == 3.0);
  CHECK(trace.spans[one][e].released_action == b);
  CHECK(trace.spans[one][f].begin.base() == 2.0);
  CHECK(trace.spans[one][f].released_action == c);
}

TEST_CASE("the head of a lane holds up what is behind it")
{
  Play play;
  const auto one = play.rank();
  const auto slow = play.compute(one, 5, {}, 0);
  play.compute(one, 1, {slow}, 1);
  const auto free = play.compute(one, 1, {}, 1); // waits for nothing, but is second
  CHECK(run(play).spans[one][free].begin.base() == 6.0);
}

TEST_CASE("a meeting begins when the last member has come and ends for all at once")
{
  Play play;
  const auto link = play.link(1e9);
  const auto early = play.rank(), late = play.rank();
  const auto group = play.group({early, late}, {play.transfer(0.25, {{play.flow({{link, 1}}), Bytes(1e9)}})});
  const auto before = play.compute(early, 1);
  const auto met = play.meet(early, group, 0, {before});
  const auto before_late = play.compute(late, 3);
  const auto met_late = play.meet(late, group, 0, {before_late});
  const auto after = play.compute(early, 1, {met});
  const Trace trace = run(play);
  CHECK(trace.spans[early][met].ready.base() == 1.0);
  CHECK(trace.spans[early][met].begin.base() == 3.0);
  CHECK(trace.spans[late][met_late].ready.base() == 3.0);
  CHECK(trace.spans[early][met].end.base() == close_to(4.25));
  CHECK(trace.spans[late][met_late].end.base() == close_to(4.25));
  CHECK(trace.spans[early][after].begin.base() == close_to(4.25));
  // The late member's computation made it possible, for both.
  CHECK(trace.spans[early][met].released_class == late);
  CHECK(trace.spans[early][met].released_action == before_late);
  CHECK(trace.spans[late][met_late].released_class == late);
  CHECK(trace.spans[late][met_late].released_action == before_late);
  CHECK(trace.spans[early][after].released_action == met);
}

TEST_CASE("members pair up by the number of their meeting, however far one is ahead on another lane")
{
  Play play({"compute", "a", "b"});
  const auto link = play.link(1e9);
  const auto left = play.rank(), right = play.rank();
  const auto flow = play.flow({{link, 1}});
  const auto small = play.transfer(0, {{flow, Bytes(1e9)}}), large = play.transfer(0, {{flow, Bytes(2e9)}});
  const auto group = play.group({left, right}, {small, large});
  for (const auto rank : {left, right}) {
    const auto wait = play.compute(rank, 4);
    play.meet(rank, group, 0, {wait}, 1); // first meeting of the program, comes second
    play.meet(rank, group, 1, {}, 2);
  }
  const Trace trace = run(play);
  CHECK(trace.spans[left][1].end.base() == close_to(5.0)); // 4 + 1
  CHECK(trace.spans[left][2].end.base() == close_to(2.0));
}

TEST_CASE("a long chain of actions that take no time does not recurse")
{
  Play play;
  const auto one = play.rank(), other = play.rank();
  const auto group = play.group({one, other}, {play.transfer(0, {})});
  for (int i = 0; i < 200'000; i++)
    for (const auto rank : {one, other}) {
      play.compute(rank, 0, {}, 1);
      play.meet(rank, group);
    }
  const Trace trace = run(play);
  CHECK(trace.end.base() == 0.0);
  CHECK(trace.spans[other].back().end.base() == 0.0);
}

TEST_CASE("a fused meeting takes its duration from the last arrival and plays no flow")
{
  Play play;
  const auto one = play.rank(), two = play.rank();
  const auto group = play.group({one, two}, {play.transfer(0, {})});
  const auto late = play.compute(two, 2);
  for (const auto rank : {one, two}) {
    const auto at = play.meet(rank, group, 0, rank == two ? std::vector{late} : std::vector<std::uint32_t>{});
    Script& script = play.folding().scripts[rank];
    script.segments.push_back({.parts = {{.offset = Seconds(0), .duration = Seconds(1.5), .task = 0, .lane = 1}}});
    script.actions[at].segment = 0;
    script.actions[at].duration = Seconds(1.5);
  }
  const Trace trace = run(play);
  CHECK(end_of(trace, one) == 3.5);
  CHECK(end_of(trace, two) == 3.5);
  CHECK(trace.flows == 0);
}

TEST_CASE("one rank class may take part in a group by two slots")
{
  // A folded ring of pipeline stages: every stage sends to the next, so sender and receiver of the pair class are the same rank class.
  Play play;
  const auto one = play.rank();
  const auto flow = play.flow({{play.link(1e9), 1}});
  const auto send = play.group({one}, {play.transfer(0, {{flow, Bytes(1e9)}})});
  const auto receive = play.group({one}, {play.transfer(0, {})});
  play.folding().ranks[one].group_of_slot[receive] = send;
  play.folding().groups[send].arrivals = 2;
  const auto sent = play.meet(one, send, 0, {}, 0);
  const auto received = play.meet(one, receive, 0, {}, 1);
  auto& actions = play.folding().scripts[0].actions;
  actions[received].payload = actions[sent].payload;
  const Trace trace = run(play);
  CHECK(trace.spans[one][sent].end.base() == close_to(1.0));
  CHECK(trace.spans[one][received].end.base() == close_to(1.0));
  CHECK(trace.flows == 1);
}

TEST_CASE("a deadlock is told with who waits for what")
{
  Play play;
  const auto one = play.rank(), two = play.rank();
  const auto transfer = play.transfer(0, {});
  const auto first = play.group({one, two}, {transfer}), second = play.group({one, two}, {transfer});
  const auto start = play.compute(one, 1);
  const auto met = play.meet(one, first, 0, {start});
  play.meet(one, second);
  play.compute(one, 1, {met});
  play.meet(two, second); // the other way round
  play.meet(two, first);
  CHECK_THROWS_WITH_AS(run(play),
                       "deadlock at 1 s: 5 of 6 actions cannot finish: rank class 0, lane compute, task 3 waits for task 1; "
                       "rank class 0, lane network, task 1 meets group 0 where 1 of 2 have come; "
                       "rank class 1, lane network, task 0 meets group 1 where 1 of 2 have come",
                       LogicError);
}

TEST_CASE("members that meet for different things are a broken contract")
{
  Play play;
  const auto one = play.rank(), two = play.rank();
  const auto group = play.group({one, two}, {play.transfer(0, {}), play.transfer(1, {})});
  play.meet(one, group, 0);
  play.meet(two, group, 1);
  CHECK_THROWS_WITH_AS(run(play), "members of group class 0 come to meeting 0 for different things", LogicError);
}

TEST_CASE("what SimGrid would not survive is refused before it sees it")
{
  const auto broken = [](auto breakage) {
    Play play;
    const auto one = play.lone_transfer(1e-6, {{play.flow({{play.link(1e9), 1}, {play.link(1e9), 1}}), Bytes(1e6)}});
    play.compute(one, 1, {0});
    breakage(play.folding());
    return play;
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH_AS(run(broken([](Folding& f) { f.links[0].capacity = Bandwidth(0); })),
                       "folding: link class 0 has a capacity that is not positive and finite", LogicError);
  CHECK_THROWS_AS(run(broken([&](Folding& f) { f.links[0].capacity = Bandwidth(nan); })), LogicError);
  CHECK_THROWS_AS(run(broken([](Folding& f) { f.traffic.charges[1].link = 7; })), LogicError);
  CHECK_THROWS_AS(run(broken([](Folding& f) { f.traffic.charges[1].link = 0; })), LogicError);
  CHECK_THROWS_AS(run(broken([](Folding& f) { f.traffic.charges[0].weight = -1; })), LogicError);
  CHECK_THROWS_AS(run(broken([&](Folding& f) { f.traffic.uses[0].bytes = Bytes(nan); })), LogicError);
  CHECK_THROWS_AS(run(broken([](Folding& f) { f.traffic.phases[0].latency = Seconds(-1); })), LogicError);
  CHECK_THROWS_AS(run(broken([](Folding& f) { f.traffic.transfer_of[0][0] = 9; })), LogicError);
  CHECK_THROWS_WITH_AS(run(broken([](Folding& f) { f.scripts[0].waits[0] = 1; })), "folding: action 1 waits for itself or a later action",
                       LogicError);
  CHECK_THROWS_AS(run(broken([&](Folding& f) { f.scripts[0].actions[1].duration = Seconds(nan); })), LogicError);
  CHECK_THROWS_AS(run(broken([](Folding& f) { f.ranks[0].group_of_slot[0] = Job::no_group; })), LogicError);
  CHECK_THROWS_AS(run(broken([](Folding& f) { f.ranks[0].script = 3; })), LogicError);
  CHECK_NOTHROW(run(broken([](Folding&) {})));
}

TEST_CASE("a process that has simulated cannot simulate again, and says so")
{
  Play play;
  play.compute(play.rank(), 1);
  std::fflush(nullptr);
  const pid_t process = fork(); // the first run would spoil this process for other tests
  if (process == 0) {
    const Trace first = simulate(play.folding(), settings());
    try {
      simulate(play.folding(), settings());
    } catch (const LogicError& error) {
      const bool right = first.end.base() == 1.0 && std::string(error.what()) == "a process can simulate only once (use simulate_isolated)";
      _exit(right ? 42 : 1);
    }
    _exit(2);
  }
  int status = 0;
  waitpid(process, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 42);
}

TEST_CASE("isolated simulations do not disturb one another")
{
  Play play;
  play.compute(play.rank(), 1);
  CHECK(simulate_isolated(play.folding(), settings()).end.base() == 1.0);
  CHECK(simulate_isolated(play.folding(), settings(EngineKind::simgrid)).end.base() == 1.0);
}

TEST_CASE("progress is told as a growing share of the actions")
{
  Play play;
  const auto one = play.rank();
  for (int i = 0; i < 300'000; i++) play.compute(one, 1e-6);
  std::fflush(nullptr);
  const pid_t process = fork();
  if (process == 0) {
    double last = 0;
    int told = 0;
    bool growing = true;
    simulate(play.folding(), settings(), [&](double share) {
      growing = growing && share > last && share <= 1;
      last = share;
      told++;
    });
    _exit(growing && told == 4 ? 42 : 1); // every 65,536 actions
  }
  int status = 0;
  waitpid(process, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 42);
}
