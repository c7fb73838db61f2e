#include "engine/whole_weights.hpp"

#include "config/error.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

namespace weft {
namespace {

const char* const advice = " (use engine kind 'fluid', which takes any weight)";

bool is_whole(double value) { return value >= 0.5 && std::abs(value - std::round(value)) <= 1e-11 * value; }

double weight_multiplier(const Traffic& traffic)
{
  std::set<double> weights;
  for (const Charge& charge : traffic.charges) weights.insert(charge.weight);
  std::uint32_t multiplier = 1;
  for (const double weight : weights) {
    std::uint32_t factor = 1;
    while (multiplier * factor <= most_repeats && !is_whole(weight * multiplier * factor)) factor++;
    if (multiplier * factor > most_repeats)
      throw CannotFinish("engine 'simgrid' needs link weights with a common denominator of at most " + std::to_string(most_repeats) +
                         advice);
    multiplier *= factor;
  }
  return multiplier;
}

void check_paths(const Traffic& traffic, double multiplier)
{
  for (std::uint32_t flow = 0; flow < traffic.flows.size(); flow++) {
    double hops = 0;
    for (const Charge& charge : traffic.charges_of(flow)) hops += charge.weight * multiplier;
    if (hops > most_hops)
      throw CannotFinish("engine 'simgrid' would need a path of " + std::to_string(std::llround(hops)) + " hops, more than " +
                         std::to_string(most_hops) + advice);
  }
}

/// Sizes in use, smallest and largest.
std::pair<double, double> size_range(const Traffic& traffic)
{
  double least = INFINITY, most = 0;
  const auto see = [&](Bytes bytes) {
    if (bytes.base() <= 0) return;
    least = std::min(least, bytes.base());
    most = std::max(most, bytes.base());
  };
  for (const FlowUse& use : traffic.uses) see(use.bytes);
  for (const Transfer& transfer : traffic.transfers)
    for (const auto& step : transfer.steps)
      for (const StepMessage& message : step) see(message.bytes);
  return {least, most};
}

double size_multiplier(const Traffic& traffic, double weight)
{
  constexpr double wanted = 1e12;  // rounding of the smallest size then is 5e-13
  constexpr double required = 1e9; // and must never exceed 5e-10
  constexpr double largest = 1e18; // fits 64 bits with room to spare
  const auto [least, most] = size_range(traffic);
  if (most == 0) return 1;
  // A power of two: scaling then is exact and changes no digit of a rate.
  const double scale = std::exp2(std::floor(std::log2(std::min(wanted / least, largest / most)) + std::log2(weight)));
  if (least / weight * scale < required)
    throw CannotFinish("engine 'simgrid' cannot represent transfers whose sizes differ by more than a factor of 1e9" + std::string(advice));
  return scale;
}

} // namespace

WholeScales whole_scales(const Traffic& traffic)
{
  WholeScales scales;
  scales.weight = weight_multiplier(traffic);
  check_paths(traffic, scales.weight);
  scales.size = size_multiplier(traffic, scales.weight);
  return scales;
}

} // namespace weft
