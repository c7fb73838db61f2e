// A line on the terminal that says how far the simulation is. The only user of a clock in the house.
#pragma once
#include "engine/simulate.hpp"

#include <chrono>
#include <iosfwd>

namespace weft {

/// Shows a share of work done on `out`, from two seconds on; wipes it out in the end.
class ProgressLine {
  using Clock = std::chrono::steady_clock;
  std::ostream* out_;
  Clock::time_point start_ = Clock::now(), last_ = start_;
  bool shown_ = false;

public:
  /// nullptr: shows nothing.
  explicit ProgressLine(std::ostream* out) : out_(out) {}
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  void show(double share);
  /// For simulate(); must not outlive this line.
  [[nodiscard]] Progress callback();
};

} // namespace weft
