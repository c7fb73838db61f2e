#include "engine/simulate.hpp"

#include "engine/check.hpp"
#include "engine/fused_use.hpp"
#include "engine/network.hpp"
#include "engine/player.hpp"

#include <algorithm>

namespace weft {
namespace {

/// No lane can be faster than its timers in sequence.
Seconds least_end(const Folding& folding)
{
  Seconds least;
  for (const Script& script : folding.scripts) {
    std::array<double, 256> lane{};
    for (const Action& action : script.actions) {
      lane[action.lane] += action.duration.base();
      least = std::max(least, Seconds(lane[action.lane]));
    }
  }
  return least;
}

} // namespace

Trace simulate(const Folding& folding, const EngineSettings& settings, const Progress& progress)
{
  check_playable(folding);
  NetworkInput input{.capacities = {},
                     .traffic = &folding.traffic,
                     .utilisation_bins = std::max(0, settings.utilisation_bins),
                     .least_end = least_end(folding)};
  for (const LinkClass& link : folding.links) input.capacities.push_back(link.capacity);
  const auto network = settings.kind == EngineKind::fluid ? fluid_network(input) : simgrid_network(input);
  Player player(folding, *network, progress);
  player.play();

  NetworkUse use = network->use();
  Trace trace{.end = network->now(),
              .spans = player.take_spans(),
              .links = std::move(use.links),
              .utilisation = std::move(use.utilisation),
              .events = use.events,
              .flows = use.flows};
  add_fused_use(folding, trace);
  return trace;
}

} // namespace weft
