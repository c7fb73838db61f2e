#include "study/walk.hpp"

#include "engine/isolated.hpp"
#include "metrics/memory.hpp"
#include "traffic/traffic.hpp"

namespace weft {

std::unique_ptr<Walk> prepare(Scenario scenario)
{
  auto walk = std::make_unique<Walk>(std::move(scenario));
  const Scenario& given = walk->scenario;
  walk->fabric = build_fabric(given.platform, given.faults, static_cast<std::uint64_t>(given.engine.seed));
  walk->job = build_job(given);
  if (given.engine.memory == MemoryCheck::refuse) {
    const std::string objection = memory_objection(given, memory_needs(given));
    if (!objection.empty()) throw CannotFinish(given.file + ": " + objection);
  }
  const Traffic traffic = lower(walk->job, walk->fabric, given.platform.library, given.engine);
  walk->folding = fold(walk->job, traffic, walk->fabric, given.engine);
  return walk;
}

void finish(Walk& walk, Where where, TimeSeries series, const Progress& progress)
{
  EngineSettings settings = walk.scenario.engine;
  if (series == TimeSeries::leave_out) settings.utilisation_bins = 0;
  walk.trace = where == Where::this_process ? simulate(walk.folding, settings, progress) : simulate_isolated(walk.folding, settings);
  walk.results = measure(walk.scenario, walk.fabric, walk.job, walk.folding, walk.trace);
}

Results run_isolated(Scenario scenario)
{
  const auto walk = prepare(std::move(scenario));
  finish(*walk, Where::child_process, TimeSeries::leave_out);
  return walk->results;
}

} // namespace weft
