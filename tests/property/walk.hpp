// The walk from a scenario to a played step, for properties of the whole.
#pragma once
#include "engine/isolated.hpp"
#include "fold/compare.hpp"
#include "job/build.hpp"
#include "spec/scenario.hpp"

namespace weft::folding_test {

struct Built {
  Fabric fabric;
  Job job;
  Traffic traffic;
};

inline Built build(const Scenario& scenario)
{
  Built b{build_fabric(scenario.platform, scenario.faults), build_job(scenario), {}};
  b.traffic = lower(b.job, b.fabric, scenario.platform.library, scenario.engine);
  return b;
}

inline Folding fold_as(const Built& b, EngineSettings settings, FoldMode mode, FuseMode fuse)
{
  settings.fold = mode;
  settings.fuse = fuse;
  return fold(b.job, b.traffic, b.fabric, settings);
}

inline Times times_of(const Trace& trace)
{
  Times times;
  for (const auto& spans : trace.spans) {
    times.begin.emplace_back();
    times.end.emplace_back();
    for (const Span& span : spans) {
      times.begin.back().push_back(span.begin.base());
      times.end.back().push_back(span.end.base());
    }
  }
  for (const LinkUse& link : trace.links) times.link_bytes.push_back(link.bytes.base());
  return times;
}

inline Times play(const Folding& folding, const EngineSettings& settings) { return times_of(simulate_isolated(folding, settings)); }

} // namespace weft::folding_test
