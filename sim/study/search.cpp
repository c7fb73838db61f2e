#include "study/search.hpp"

#include "config/error.hpp"
#include "config/value.hpp"
#include "job/build.hpp"
#include "metrics/memory.hpp"
#include "study/bound.hpp"
#include "study/children.hpp"
#include "study/walk.hpp"
#include "units/text.hpp"

#include <algorithm>

namespace weft {
namespace {

double scored(Seconds step, const Plan& plan, Goal goal)
{
  return step.base() * (goal == Goal::cost ? double(plan.tp) * plan.cp * plan.pp * plan.dp : 1);
}

/// A plan that fits, and the score it cannot undercut.
struct Candidate {
  std::size_t number = 0; ///< in the space
  Bytes memory;
  double least = 0;
};

Bytes peak_memory(const Scenario& scenario)
{
  const std::vector<MemoryNeed> needs = memory_needs(scenario);
  return needs.empty() ? Bytes(0) : needs[hungriest(needs)].total();
}

/// Least times of a slice of the plans, computed in a child: one number per line.
std::string least_times(const Scenario& scenario, const std::vector<Plan>& plans, const std::vector<Candidate>& candidates, std::size_t from,
                        std::size_t to, Bandwidth fastest)
{
  std::string text;
  for (std::size_t i = from; i < to; i++) {
    const Job job = build_job(with_plan(scenario, plans[candidates[i].number]));
    text += exact_text(least_time(job, fastest).base()) + "\n";
  }
  return text;
}

/// Gives every candidate its least score; slices of the plans are worked on side by side.
void bound(const Scenario& scenario, const std::vector<Plan>& plans, std::vector<Candidate>& candidates, const Fabric& fabric,
           const SearchSettings& settings, const std::function<void(double)>& progress)
{
  constexpr std::size_t slice = 32, slices_per_round = 16;
  const Bandwidth fastest = fastest_accelerator(fabric);
  for (std::size_t round = 0; round < candidates.size(); round += slice * slices_per_round) {
    const std::size_t end = std::min(candidates.size(), round + slice * slices_per_round);
    std::vector<std::function<std::string()>> slices;
    for (std::size_t from = round; from < end; from += slice)
      slices.emplace_back([&, from] { return least_times(scenario, plans, candidates, from, std::min(end, from + slice), fastest); });
    const std::vector<ChildAnswer> answers = run_in_children(slices, settings.at_a_time);
    std::size_t next = round;
    for (const ChildAnswer& answer : answers) {
      if (answer.failed) throw LogicError("least times of plans: " + answer.text);
      for (std::size_t begin = 0; begin < answer.text.size(); begin = answer.text.find('\n', begin) + 1) {
        const auto least = parse_number(answer.text.substr(begin, answer.text.find('\n', begin) - begin));
        Candidate& candidate = candidates[next++];
        candidate.least = scored(Seconds(least.value_or(0)), plans[candidate.number], settings.goal);
      }
    }
    if (progress) progress(double(end) / double(candidates.size()));
  }
}

/// The step time of one plan, simulated here.
std::string simulated_step(const Scenario& scenario, const Plan& plan)
{
  const auto walk = prepare(with_plan(scenario, plan));
  finish(*walk, Where::this_process, TimeSeries::leave_out);
  return exact_text(walk->results.step_time.base());
}

/// Keeps the best plans found.
class Ranking {
public:
  Ranking(SearchResult& result, const SearchSettings& settings) : result_(result), settings_(settings) {}

  void add(const Plan& plan, Seconds step, const Candidate& candidate)
  {
    const Entry entry{scored(step, plan, settings_.goal), candidate.number};
    const auto at = std::upper_bound(order_.begin(), order_.end(), entry);
    result_.best.insert(result_.best.begin() + (at - order_.begin()), {plan, step, candidate.memory});
    order_.insert(at, entry);
    if (order_.size() > settings_.top) order_.pop_back(), result_.best.pop_back();
  }
  /// Whether a plan of this least score may still be among the best. Rounding of sums is forgiven.
  [[nodiscard]] bool may_join(double least) const { return order_.size() < settings_.top || least <= order_.back().first * (1 + 1e-9); }

private:
  using Entry = std::pair<double, std::size_t>;
  SearchResult& result_;
  const SearchSettings& settings_;
  std::vector<Entry> order_;
};

} // namespace

double RankedPlan::score(Goal goal) const { return scored(step, plan, goal); }

SearchResult search(const Scenario& scenario, const std::vector<Plan>& plans, const SearchSettings& settings, KnownSteps known,
                    const SearchProgress& progress)
{
  SearchResult result;
  result.plans = plans.size();
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < plans.size(); i++) {
    const Bytes memory = peak_memory(with_plan(scenario, plans[i]));
    if (memory <= scenario.platform.node.chip.memory || scenario.engine.memory == MemoryCheck::warn) candidates.push_back({i, memory, 0});
  }
  result.too_large = plans.size() - candidates.size();
  // Least times are quick, simulations are not: the line moves over the first half for the former, the second for the latter.
  const Fabric fabric = build_fabric(scenario.platform, scenario.faults, static_cast<std::uint64_t>(scenario.engine.seed));
  bound(scenario, plans, candidates, fabric, settings, [&](double share) {
    if (progress) progress(share / 2, known);
  });
  std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) { return a.least < b.least; });

  Ranking ranking(result, settings);
  constexpr std::size_t wave = 8; // simulated together before the next look at the ranking; fixed, so that the result is
  for (std::size_t next = 0; next < candidates.size() && ranking.may_join(candidates[next].least);) {
    std::vector<std::size_t> together;
    std::vector<std::function<std::string()>> simulations;
    for (; together.size() < wave && next < candidates.size() && ranking.may_join(candidates[next].least); next++) {
      together.push_back(next);
      const Plan& plan = plans[candidates[next].number];
      if (!known.count(settings_of(plan))) simulations.emplace_back([&scenario, &plan] { return simulated_step(scenario, plan); });
    }
    const std::vector<ChildAnswer> answers = run_in_children(simulations, settings.at_a_time);
    auto answer = answers.begin();
    for (const std::size_t index : together) {
      const Plan& plan = plans[candidates[index].number];
      const std::string key = settings_of(plan);
      if (!known.count(key)) {
        const auto step = answer->failed ? std::nullopt : parse_number(answer->text);
        if (step) known[key] = Seconds(*step);
        if (!step) result.failures.push_back(key + ": " + answer->text);
        ++answer;
      }
      if (!known.count(key)) continue;
      ranking.add(plan, known.at(key), candidates[index]);
      result.simulated++;
    }
    if (progress) progress(0.5 + 0.5 * double(next) / double(candidates.size()), known);
  }
  result.cut_off = candidates.size() - result.simulated - result.failures.size();
  return result;
}

} // namespace weft
