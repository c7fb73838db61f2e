// The walk from a scenario to a played step, for properties of the whole.
#pragma once
#include "engine/isolated.hpp"
#include "fold/compare.hpp"
#include "fold/random_case.hpp"
#include "job/build.hpp"
#include "spec/scenario.hpp"

#include <cmath>

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

/// Whether the unfolded step answers to rounding: in one of a few tries, computations longer by a few units in the last place (2^-50 to
/// 2^-46 of their duration) or not at all move something by more than 1e-10 of the step. Without amplification nothing could move by more
/// than 2^-46 of it, which is 1.4e-14.
inline bool amplifies_rounding(const Folding& plain, const Times& expected, const EngineSettings& settings)
{
  for (std::uint64_t attempt = 0; attempt < 8; ++attempt) {
    Folding nudged = plain;
    hand_made::Draws draw(attempt);
    const double nudge = 1 + std::ldexp(1.0, -50 + 2 * static_cast<int>(attempt % 3));
    for (Script& script : nudged.scripts) {
      for (Action& action : script.actions) action.duration *= draw.one_in(2) ? nudge : 1;
    }
    if (!first_difference(plain, expected, nudged, play(nudged, settings), 1e-10).empty()) return true;
  }
  return false;
}

} // namespace weft::folding_test
