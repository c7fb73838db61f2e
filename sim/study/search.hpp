// Finds the best plans of a space without simulating most of them, and without ever missing one.
#pragma once
#include "study/plan_space.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weft {

/// What plans are ranked by: the time of a step, or that time multiplied by the accelerators it takes.
enum class Goal { time, cost };
template <> struct Choices<Goal> {
  static constexpr std::array<const char*, 2> names{"time", "cost"};
};

/// One simulated plan.
struct RankedPlan {
  Plan plan;
  Seconds step;
  Bytes memory; ///< of the accelerator that needs most
  /// What it is ranked by, in seconds or accelerator-seconds.
  [[nodiscard]] double score(Goal goal) const;
};

/// What is known of each plan, by settings_of: simulated step times. A search given these does not simulate them again.
using KnownSteps = std::map<std::string, Seconds>;

struct SearchSettings {
  Goal goal = Goal::time;
  std::size_t top = 10;      ///< plans wanted
  std::size_t at_a_time = 2; ///< processes
};

struct SearchResult {
  std::vector<RankedPlan> best; ///< best first, at most `top`; equal scores in the order of the space
  std::size_t plans = 0;        ///< that the rules allow
  std::size_t too_large = 0;    ///< of them, do not fit in memory
  std::size_t cut_off = 0;      ///< of them, cannot be among the best: their least time is above the worst of the best
  std::size_t simulated = 0;
  std::vector<std::string> failures; ///< plans that could not be simulated, and why
};

/// Called with the share of plans decided and the state to resume from.
using SearchProgress = std::function<void(double share, const KnownSteps& known)>;

/// Plans that fit are sorted by their least time (study/bound) and simulated in that order until the least time of the next is above the
/// `top`-th best step found: from there on none can be better, so what is returned is what simulating every plan would give.
SearchResult search(const Scenario& scenario, const std::vector<Plan>& plans, const SearchSettings& settings, KnownSteps known = {},
                    const SearchProgress& progress = {});

} // namespace weft
