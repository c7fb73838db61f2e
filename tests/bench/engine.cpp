// Speed of the engine, each simulation in a forked child whose CPU time counts. The yardstick is a bare priority queue.
#include "engine/isolated.hpp"
#include "engine/simulate.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <queue>
#include <vector>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace weft;

namespace {

std::uint64_t mix(std::uint64_t z) // splitmix64 (Steele, Lea, Flood, OOPSLA 2014)
{
  z += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}
double share_of(std::uint64_t seed) { return static_cast<double>(mix(seed) >> 11) * 0x1p-53; }

/// Rank classes with one slot; group class i has transfer i.
struct Bench {
  std::unique_ptr<Job> job = std::make_unique<Job>();
  Folding folding;

  Bench()
  {
    folding.job = job.get();
    job->lanes = {"compute", "network"};
    job->slots.push_back({.name = "all"});
    job->group_kinds = {"all"};
    job->payloads.emplace_back();
    job->programs.emplace_back();
    folding.traffic.payloads_of = {{0}};
  }
  void link(double bytes_per_second)
  {
    folding.links.push_back({.links = 1, .representative = {}, .capacity = Bandwidth(bytes_per_second)});
  }
  std::uint32_t flow(std::initializer_list<std::uint32_t> path)
  {
    Traffic& traffic = folding.traffic;
    traffic.flows.push_back({static_cast<std::uint32_t>(traffic.charges.size()), static_cast<std::uint32_t>(path.size())});
    for (const std::uint32_t link : path) traffic.charges.push_back({link, 1});
    return static_cast<std::uint32_t>(traffic.flows.size() - 1);
  }
  /// A group class with one flow as its transfer.
  std::uint32_t group(std::uint32_t flow, double bytes, double latency, std::uint32_t arrivals = 1)
  {
    Traffic& traffic = folding.traffic;
    const auto index = static_cast<std::uint32_t>(folding.groups.size());
    traffic.uses.push_back({flow, Bytes(bytes)});
    traffic.phases.push_back({Seconds(latency), static_cast<std::uint32_t>(traffic.uses.size() - 1), 1});
    traffic.transfers.push_back({.algorithm = 0,
                                 .protocol = 0,
                                 .first_phase = static_cast<std::uint32_t>(traffic.phases.size() - 1),
                                 .phases = 1,
                                 .step_latency = {},
                                 .steps = {}});
    traffic.transfer_of.push_back({static_cast<std::uint32_t>(traffic.transfers.size() - 1)});
    job->groups.push_back({.kind = 0, .members = {}});
    folding.groups.push_back({.groups = 1, .representative = GroupId{index}, .arrivals = arrivals});
    return index;
  }
  void rank(std::uint32_t script, std::uint32_t group)
  {
    folding.ranks.push_back({.script = script, .ranks = 1, .representative = {}, .group_of_slot = {group}});
  }
  std::uint32_t script(std::vector<Action> actions)
  {
    auto& tasks = job->programs[0].tasks;
    if (tasks.size() < actions.size()) tasks.resize(actions.size());
    folding.scripts.push_back({.role = 0, .slowdown = 1, .actions = std::move(actions), .waits = {}, .segments = {}});
    return static_cast<std::uint32_t>(folding.scripts.size() - 1);
  }
};

Action timer(double seconds)
{
  Action action;
  action.duration = Seconds(seconds);
  return action;
}
Action meeting()
{
  Action action;
  action.kind = Action::Kind::meet;
  return action;
}

/// Plays it once per iteration in a child; reports the child's CPU time, its memory, and `items` per second of it.
void play(benchmark::State& state, const Bench& bench, std::int64_t items, EngineKind kind = EngineKind::fluid, int bins = 0)
{
  EngineSettings settings;
  settings.kind = kind;
  settings.utilisation_bins = bins;
  double peak = 0;
  for (auto _ : state) {
    std::fflush(nullptr);
    const pid_t process = fork();
    if (process == 0) {
      try {
        simulate(bench.folding, settings);
      } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        _exit(1);
      }
      _exit(0);
    }
    int status = 0;
    rusage usage{};
    wait4(process, &status, 0, &usage);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) state.SkipWithError("the simulation failed");
    const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec); };
    state.SetIterationTime(seconds(usage.ru_utime) + seconds(usage.ru_stime));
    peak = static_cast<double>(usage.ru_maxrss) / 1024;
  }
  state.SetItemsProcessed(items * state.iterations());
  state.counters["MB"] = peak;
}

/// The yardstick: `range` timers in flight, each followed by the next until a million have fired.
void bare_heap(benchmark::State& state)
{
  struct Event {
    double date;
    std::uint64_t sequence;
    std::uint32_t owner;
    bool operator<(const Event& other) const { return date != other.date ? date > other.date : sequence > other.sequence; }
  };
  constexpr std::uint64_t events = 1'000'000;
  for (auto _ : state) {
    std::priority_queue<Event> queue;
    std::uint64_t sequence = 0;
    for (std::uint32_t i = 0; i < state.range(0); i++, sequence++) queue.push({share_of(sequence), sequence, i});
    for (std::uint64_t i = 0; i < events; i++) {
      const Event event = queue.top();
      queue.pop();
      queue.push({event.date + share_of(sequence), sequence, event.owner});
      sequence++;
    }
    benchmark::DoNotOptimize(queue.top().date);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(events) * state.iterations());
}
BENCHMARK(bare_heap)->RangeMultiplier(8)->Range(64, 32768)->Unit(benchmark::kMillisecond);

/// Computations only: as many rank classes as `range`, a million actions in all, each with a duration of its own.
void timers(benchmark::State& state)
{
  Bench bench;
  const auto ranks = static_cast<std::uint32_t>(state.range(0)), each = 1'000'000 / ranks;
  for (std::uint32_t r = 0; r < ranks; r++) {
    std::vector<Action> actions;
    for (std::uint32_t i = 0; i < each; i++) actions.push_back(timer(share_of(r * each + i)));
    bench.rank(bench.script(std::move(actions)), Job::no_group);
  }
  play(state, bench, std::int64_t{ranks} * each);
}
BENCHMARK(timers)->RangeMultiplier(8)->Range(64, 32768)->UseManualTime()->Unit(benchmark::kMillisecond);

/// The same million actions when ranks keep step: durations differ from action to action but not between ranks.
void timers_in_step(benchmark::State& state)
{
  Bench bench;
  const auto ranks = static_cast<std::uint32_t>(state.range(0)), each = 1'000'000 / ranks;
  std::vector<Action> actions;
  for (std::uint32_t i = 0; i < each; i++) actions.push_back(timer(share_of(i)));
  const std::uint32_t script = bench.script(std::move(actions));
  for (std::uint32_t r = 0; r < ranks; r++) bench.rank(script, Job::no_group);
  play(state, bench, std::int64_t{ranks} * each);
}
BENCHMARK(timers_in_step)->RangeMultiplier(8)->Range(64, 32768)->UseManualTime()->Unit(benchmark::kMillisecond);

/// Every rank sends to another over its own port up and the other's port down; 20 rounds of random sizes.
Bench permutation(std::uint32_t ranks, std::uint32_t fan)
{
  Bench bench;
  for (std::uint32_t i = 0; i < 2 * ranks; i++) bench.link(50e9);
  constexpr std::uint32_t rounds = 20;
  for (std::uint32_t r = 0; r < ranks * fan; r++) {
    const std::uint32_t from = r % ranks, shift = 1 + static_cast<std::uint32_t>(mix(r / ranks) % (ranks - 1));
    const std::uint32_t to = fan == 1 ? (from + shift) % ranks : static_cast<std::uint32_t>(mix(r) % ranks);
    const std::uint32_t group = bench.group(bench.flow({from, ranks + to}), 1e6 * (1 + 9 * share_of(r)), 1e-6);
    std::vector<Action> actions;
    for (std::uint32_t i = 0; i < rounds; i++) {
      actions.push_back(timer(1e-5 * share_of(r * rounds + i)));
      actions.push_back(meeting());
    }
    bench.rank(bench.script(std::move(actions)), group);
  }
  return bench;
}
void flows_apart(benchmark::State& state)
{
  const auto ranks = static_cast<std::uint32_t>(state.range(0));
  play(state, permutation(ranks, 1), std::int64_t{ranks} * 20);
}
BENCHMARK(flows_apart)->RangeMultiplier(8)->Range(64, 32768)->UseManualTime()->Unit(benchmark::kMillisecond);

/// Four random flows in flight per rank: everything is coupled with everything.
void flows_coupled(benchmark::State& state)
{
  const auto ranks = static_cast<std::uint32_t>(state.range(0));
  play(state, permutation(ranks, 4), std::int64_t{ranks} * 4 * 20);
}
BENCHMARK(flows_coupled)->RangeMultiplier(8)->Range(64, 4096)->UseManualTime()->Unit(benchmark::kMillisecond);

void flows_coupled_with_series(benchmark::State& state)
{
  const auto ranks = static_cast<std::uint32_t>(state.range(0));
  play(state, permutation(ranks, 4), std::int64_t{ranks} * 4 * 20, EngineKind::fluid, 200);
}
BENCHMARK(flows_coupled_with_series)->Arg(512)->UseManualTime()->Unit(benchmark::kMillisecond);

/// The same on SimGrid's own communications and solver.
void flows_coupled_simgrid(benchmark::State& state)
{
  const auto ranks = static_cast<std::uint32_t>(state.range(0));
  play(state, permutation(ranks, 4), std::int64_t{ranks} * 4 * 20, EngineKind::simgrid);
}
BENCHMARK(flows_coupled_simgrid)->Arg(64)->UseManualTime()->Unit(benchmark::kMillisecond);

/// A ring all-reduce message by message: 2 (n - 1) n messages.
void ring_in_steps(benchmark::State& state)
{
  Bench bench;
  const auto n = static_cast<std::uint32_t>(state.range(0));
  for (std::uint32_t i = 0; i < 2 * n; i++) bench.link(i < n ? 450e9 : 50e9);
  std::vector<std::uint32_t> flows;
  for (std::uint32_t i = 0; i < n; i++) flows.push_back(i % 8 == 7 ? bench.flow({i, n + i}) : bench.flow({i}));
  bench.rank(bench.script({meeting()}), bench.group(flows[0], 1, 0));
  auto& steps = bench.folding.traffic.transfers[0].steps;
  steps.resize(2 * (n - 1));
  for (auto& step : steps)
    for (std::uint32_t i = 0; i < n; i++) step.push_back({i, (i + 1) % n, flows[i], Bytes(1e9 / n)});
  bench.folding.traffic.transfers[0].step_latency = Seconds(1e-6);
  play(state, bench, std::int64_t{2} * (n - 1) * n);
}
BENCHMARK(ring_in_steps)->RangeMultiplier(4)->Range(64, 1024)->UseManualTime()->Unit(benchmark::kMillisecond);

/// Groups of eight rank classes that compute and all-reduce over a shared port each, a thousand times.
void training_like(benchmark::State& state)
{
  Bench bench;
  const auto ranks = static_cast<std::uint32_t>(state.range(0));
  std::vector<Action> actions;
  for (std::uint32_t i = 0; i < 1000; i++) {
    actions.push_back(timer(1e-4 * (1 + share_of(i))));
    actions.push_back(meeting());
  }
  const std::uint32_t script = bench.script(std::move(actions));
  for (std::uint32_t g = 0; g < ranks / 8; g++) {
    bench.link(450e9);
    const std::uint32_t group = bench.group(bench.flow({g}), 1e8 * (1 + share_of(g)), 1e-5, 8);
    for (int i = 0; i < 8; i++) bench.rank(script, group);
  }
  play(state, bench, std::int64_t{ranks} * 2000);
}
BENCHMARK(training_like)->RangeMultiplier(8)->Range(8, 512)->UseManualTime()->Unit(benchmark::kMillisecond);

} // namespace

BENCHMARK_MAIN();
