// What the engine returns: when every action of every class ran, what released it, and what every link class carried.
#pragma once
#include "units/quantity.hpp"

#include <cstdint>
#include <vector>

namespace weft {

/// One played action of a rank class.
struct Span {
  Seconds ready; ///< head of its lane and all waits done; of a meeting: its arrival
  Seconds begin; ///< of a meeting: when the last member arrived; else = ready
  Seconds end;
  std::uint32_t released_class = 0, released_action = none; ///< the action whose end made `begin` possible, last; none: start of step
  static constexpr std::uint32_t none = 0xffffffff;
};

/// One link of a link class over the step.
struct LinkUse {
  Bytes bytes;
  Seconds busy;    ///< time with any flow on it
  double peak = 0; ///< highest share of capacity in use at any time
};

/// The simulated step.
struct Trace {
  Seconds end;                                 ///< last event
  std::vector<std::vector<Span>> spans;        ///< per rank class, per action of its script
  std::vector<LinkUse> links;                  ///< per link class
  std::vector<std::vector<float>> utilisation; ///< per link class: mean share of capacity per bin of end / bins; empty when not asked
  std::uint64_t events = 0, flows = 0;         ///< timers fired, flows played
};

} // namespace weft
