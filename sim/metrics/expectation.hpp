// The interval in which a published step time would be expected, from how far earlier ones of its kind lay from their simulations.
#pragma once
#include "spec/residuals.hpp"
#include "spec/scenario.hpp"

#include <optional>
#include <string>

namespace weft {

/// An interval around a simulated step time, and what it was derived from, in words.
struct Expectation {
  Seconds low, high;
  std::string derived;
};

/// Eight of ten published runs of the scenario's kind (line of chips, execution style) lie in the interval. A kind with fewer than ten
/// takes the widest of all kinds of its chips, else of all kinds. What no published run covers widens the interval, each case by half: a mixture of
/// experts, a chip without runs, more than four times the accelerators of the largest run. Nothing for bare collectives or without residuals.
std::optional<Expectation> expect(const Scenario& scenario, Seconds step, const Residuals& residuals);

} // namespace weft
