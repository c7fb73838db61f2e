// Whole runs of the weft binary: read, build, fold, simulate, report. Each iteration is one process; the time counted is its CPU time
// (user + system) and its peak memory is a counter. Growth in ranks, layers and microbatches: BM_Ranks, BM_Layers, BM_Microbatches.
#include <benchmark/benchmark.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace {

struct Usage {
  double cpu_seconds = 0;
  double peak_megabytes = 0;
  bool ok = false;
};

/// Runs `weft arguments...` with its output thrown away.
Usage run_weft(const std::vector<std::string>& arguments)
{
  const pid_t child = fork();
  if (child == 0) {
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, 1);
    std::vector<char*> argv{const_cast<char*>(WEFT_BINARY)};
    for (const std::string& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
    argv.push_back(nullptr);
    execv(WEFT_BINARY, argv.data());
    _exit(127);
  }
  int status = 0;
  rusage used{};
  wait4(child, &status, 0, &used);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec); };
  return {seconds(used.ru_utime) + seconds(used.ru_stime), static_cast<double>(used.ru_maxrss) / 1024,
          WIFEXITED(status) && WEXITSTATUS(status) == 0};
}

void measure(benchmark::State& state, const std::vector<std::string>& arguments)
{
  double peak = 0;
  for (auto _ : state) {
    const Usage usage = run_weft(arguments);
    if (!usage.ok) {
      state.SkipWithError("weft failed");
      break;
    }
    state.SetIterationTime(usage.cpu_seconds);
    peak = std::max(peak, usage.peak_megabytes);
  }
  state.counters["peak_MB"] = peak;
}

std::string scenario(const char* name) { return std::string(WEFT_SOURCE_DIR) + "/scenarios/" + name + ".yaml"; }

void BM_Quickstart(benchmark::State& state) { measure(state, {"run", scenario("quickstart")}); }
void BM_QuickstartUnfolded(benchmark::State& state) { measure(state, {"run", scenario("quickstart"), "--set", "engine.fold=off"}); }
void BM_Llama405B(benchmark::State& state) { measure(state, {"run", scenario("scale/llama3-405b-16k")}); }
void BM_AllReduceCoupled4096(benchmark::State& state) { measure(state, {"run", scenario("scale/allreduce-4096")}); }
void BM_AllReduceSteps1024(benchmark::State& state)
{
  measure(state, {"run", scenario("scale/allreduce-4096"), "--set", "platform.nodes=128", "--set", "engine.fidelity=steps"});
}
void BM_Startup(benchmark::State& state) { measure(state, {"--version"}); }

/// The quickstart with dp replicas: 128 x dp ranks.
void BM_Ranks(benchmark::State& state)
{
  const auto dp = state.range(0);
  measure(state, {"run", scenario("quickstart"), "--set", "plan.dp=" + std::to_string(dp), "--set",
                  "platform.nodes=" + std::to_string(16 * dp), "--set", "workload.batch=" + std::to_string(192 * dp)});
  state.SetComplexityN(128 * dp);
}
void BM_Layers(benchmark::State& state)
{
  measure(state, {"run", scenario("quickstart"), "--set", "workload.model.layers=" + std::to_string(state.range(0)), "--set",
                  "engine.memory=warn"});
  state.SetComplexityN(state.range(0));
}
void BM_Microbatches(benchmark::State& state)
{
  measure(state, {"run", scenario("quickstart"), "--set", "workload.batch=" + std::to_string(8 * state.range(0))});
  state.SetComplexityN(state.range(0));
}

BENCHMARK(BM_Startup)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(5);
BENCHMARK(BM_Quickstart)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(5);
BENCHMARK(BM_QuickstartUnfolded)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(2);
BENCHMARK(BM_Llama405B)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(3);
BENCHMARK(BM_AllReduceCoupled4096)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(3);
BENCHMARK(BM_AllReduceSteps1024)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(2);
BENCHMARK(BM_Ranks)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(2)
    ->RangeMultiplier(2)
    ->Range(2, 64)
    ->Complexity(benchmark::oN);
BENCHMARK(BM_Layers)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(2)
    ->RangeMultiplier(2)
    ->Range(48, 768)
    ->Complexity(benchmark::oN);
BENCHMARK(BM_Microbatches)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(2)
    ->RangeMultiplier(4)
    ->Range(48, 3072)
    ->Complexity();

} // namespace

BENCHMARK_MAIN();
