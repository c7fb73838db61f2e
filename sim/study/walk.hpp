// The whole walk for one scenario: file -> scenario -> fabric, job -> traffic -> folding -> trace -> results.
#pragma once
#include "engine/simulate.hpp"
#include "fabric/fabric.hpp"
#include "job/build.hpp"
#include "metrics/results.hpp"
#include "spec/reader.hpp"

#include <memory>

namespace weft {

/// Every value of one walk; later ones refer to earlier ones, so it stays where it was made.
struct Walk {
  explicit Walk(Scenario read) : scenario(std::move(read)) {}
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;

  Scenario scenario;
  Fabric fabric;
  Job job;
  Folding folding;
  Trace trace;
  Results results;
};

/// Everything before the simulation: fabric, job, memory check, traffic, folding.
/// Throws ConfigError for input that cannot be built, CannotFinish when the job does not fit in memory (unless engine.memory: warn).
std::unique_ptr<Walk> prepare(Scenario scenario);

/// Where the simulation runs: SimGrid allows one per process.
enum class Where { this_process, child_process };
/// Whether the utilisation of links over time is kept (engine.utilisation-bins): only the trace shows it, and it can cost more than the simulation.
enum class TimeSeries { keep, leave_out };
/// Simulates and measures a prepared walk.
void finish(Walk& walk, Where where, TimeSeries series, const Progress& progress = {});

/// The results of one scenario, simulated in a child process, so that any number can follow one another.
Results run_isolated(Scenario scenario);

} // namespace weft
