// Building the machine: every scale-out kind at 16,384 end points (2,048 nodes of 8), and routing over it. Memory is the peak of a process
// that builds the machine and nothing else.
#include "../fabric/large_machines.hpp"
#include "fabric/topology.hpp"

#include <benchmark/benchmark.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>

using namespace weft;

namespace {

/// Peak resident memory in MB of a child that builds the machine.
double peak_of_building(const Platform& platform)
{
  const pid_t child = fork();
  if (child == 0) {
    const Fabric fabric = build_fabric(platform);
    _exit(fabric.links.empty() ? 1 : 0);
  }
  int status = 0;
  rusage used{};
  wait4(child, &status, 0, &used);
  return static_cast<double>(used.ru_maxrss) / 1024;
}

void build(benchmark::State& state, const Platform& platform, double peak)
{
  std::size_t links = 0;
  for (auto _ : state) {
    const Fabric fabric = build_fabric(platform);
    links = fabric.links.size();
    benchmark::DoNotOptimize(links);
  }
  state.counters["links"] = static_cast<double>(links);
  state.counters["peak_MB"] = peak;
}

void route_pairs(benchmark::State& state, const Platform& platform)
{
  const Fabric fabric = build_fabric(platform);
  const std::size_t count = fabric.accelerators.size();
  std::mt19937 draw(1);
  for (auto _ : state) {
    const Route way = route(fabric, id_of<AcceleratorId>(draw() % count), id_of<AcceleratorId>(draw() % count), 0);
    benchmark::DoNotOptimize(way.hops.data());
  }
}

} // namespace

int main(int argc, char** argv)
{
  benchmark::Initialize(&argc, argv);
  // All peaks first, while this process is small: a child starts with its parent's pages.
  for (const TopologyKind* kind : topology_kinds()) {
    const std::optional<Platform> platform = machine_of_16384(kind->name);
    if (!platform) continue;
    const double peak = peak_of_building(*platform);
    benchmark::RegisterBenchmark((std::string("build/") + kind->name).c_str(), build, *platform, peak)
        ->Unit(benchmark::kMillisecond)
        ->Iterations(3);
    benchmark::RegisterBenchmark((std::string("route/") + kind->name).c_str(), route_pairs, *platform)
        ->Unit(benchmark::kMicrosecond)
        ->Iterations(2000);
  }
  benchmark::RunSpecifiedBenchmarks();
}
