#include "study/leave_one_out.hpp"

#include "config/error.hpp"
#include "study/children.hpp"
#include "study/walk.hpp"
#include "units/text.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <sstream>

namespace weft {
namespace {

/// "step line streams": the step time in seconds, the chip's line, and whether its share of streaming is fitted. Where it is not, nothing is
/// simulated for other factors of it: "same line".
std::string simulate_scaled(const RowScenario& row, const FitFactors& factors, const DataFolder& data)
{
  Scenario scenario = read_scenario(row.file, row.overrides, data);
  Chip& chip = scenario.platform.node.chip;
  chip.compute.matmul_efficiency *= factors.products;
  chip.compute.matmul_efficiency_fp8 *= factors.products;
  const bool streams = chip.compute.streaming_share < 1;
  const std::string line = chip_line(chip.name);
  if (!streams && factors.streams != 1) return "same " + line;
  chip.compute.streaming_share *= factors.streams;
  const auto walk = prepare(std::move(scenario));
  finish(*walk, Where::this_process, TimeSeries::leave_out);
  return exact_text(walk->results.step_time.base()) + " " + line + (streams ? " streams" : "");
}

/// Between which two factors of the grid one lies, and how far behind the lower in 1 / factor: the time of a kernel is straight in that.
struct Between {
  std::size_t low;
  double part;
};
Between between(double factor)
{
  const std::size_t low = factor < fit_grid[1] ? 0 : 1;
  return {low, (1 / factor - 1 / fit_grid[low]) / (1 / fit_grid[low + 1] - 1 / fit_grid[low])};
}

double step_at(const FittedRow& row, const FitFactors& factors)
{
  const Between p = between(factors.products), s = between(factors.streams);
  const auto along = [&](std::size_t at) {
    return row.simulated[at][s.low].base() * (1 - s.part) + row.simulated[at][s.low + 1].base() * s.part;
  };
  return along(p.low) * (1 - p.part) + along(p.low + 1) * p.part;
}

double error_at(const FittedRow& row, const FitFactors& factors) { return step_at(row, factors) / row.published.base() - 1; }

/// Mean over families of the mean absolute error of their rows.
double cost(const std::vector<const FittedRow*>& rows, const FitFactors& factors)
{
  std::map<std::string, std::pair<double, double>> families; // sum, rows
  for (const FittedRow* row : rows) {
    auto& [sum, count] = families[row->family];
    sum += std::abs(error_at(*row, factors));
    count += 1;
  }
  double total = 0;
  for (const auto& [name, family] : families) total += family.first / family.second;
  return total / static_cast<double>(families.size());
}

/// Factors in steps from 1 outwards, up to the ends of the grid.
std::vector<double> outwards(double step)
{
  std::vector<double> factors{1};
  for (int i = 1; 1 + i * step <= fit_grid.back() + 1e-9; i++)
    for (const double factor : {1 - i * step, 1 + i * step})
      if (factor >= fit_grid.front() - 1e-9) factors.push_back(factor);
  return factors;
}

FitFactors fitted_factors(const std::vector<const FittedRow*>& rows)
{
  FitFactors best;
  if (rows.empty()) return best;
  const bool streams = std::any_of(rows.begin(), rows.end(), [](const FittedRow* row) { return row->fits_streams; });
  double least = cost(rows, best);
  for (const double s : streams ? outwards(0.05) : std::vector<double>{1})
    for (const double p : outwards(0.01))
      if (const double here = cost(rows, {p, s}); here < least - 1e-12) {
        best = {p, s};
        least = here;
      }
  return best;
}

} // namespace

std::vector<FittedRow> simulate_fit(const std::vector<std::string>& files, const DataFolder& data)
{
  std::vector<FittedRow> rows;
  std::vector<std::function<std::string()>> simulations;
  for (const std::string& file : files) {
    const PublishedTable table = read_table(file);
    for (const PublishedRow& row : table.rows) {
      if (!row.step) continue;
      rows.push_back({table.family.empty() ? table.title : table.family, {}, *row.step});
      for (const double products : fit_grid)
        for (const double streams : fit_grid)
          simulations.emplace_back([scenario = scenario_of(row, file, {}), products, streams, &data] {
            return simulate_scaled(scenario, {products, streams}, data);
          });
    }
  }
  constexpr std::size_t at_a_time = 2;
  const std::vector<ChildAnswer> answers = run_in_children(simulations, at_a_time);
  for (std::size_t a = 0; a < answers.size(); a++) {
    FittedRow& row = rows[a / (fit_grid.size() * fit_grid.size())];
    std::istringstream text(answers[a].text);
    std::string step, streams;
    text >> step >> row.chip_line >> streams;
    const bool same = step == "same";
    const auto seconds = same ? std::optional<double>(0) : parse_number(step);
    if (answers[a].failed || !seconds) throw CannotFinish("a row of " + row.family + " could not be simulated: " + answers[a].text);
    row.fits_streams = row.fits_streams || streams == "streams";
    auto& at = row.simulated[a / fit_grid.size() % fit_grid.size()];
    if (row.fits_streams)
      at[a % fit_grid.size()] = Seconds(*seconds);
    else if (!same)
      at.fill(Seconds(*seconds));
  }
  return rows;
}

std::vector<LeftOut> leave_one_out(const std::vector<FittedRow>& rows)
{
  std::vector<LeftOut> result;
  std::set<std::string> seen;
  for (const FittedRow& first : rows) {
    if (!seen.insert(first.family).second) continue;
    LeftOut left{first.family, {}, {}, {}};
    std::vector<double> fitted, predicted;
    for (const FittedRow& row : rows) {
      if (row.family != first.family) continue;
      const auto [at, added] = left.factors.try_emplace(row.chip_line);
      if (added) {
        std::vector<const FittedRow*> others;
        for (const FittedRow& other : rows)
          if (other.family != first.family && other.chip_line == row.chip_line) others.push_back(&other);
        at->second = fitted_factors(others);
      }
      fitted.push_back(error_at(row, {}));
      predicted.push_back(error_at(row, at->second));
    }
    left.fitted = summarise(fitted);
    left.predicted = summarise(predicted);
    result.push_back(std::move(left));
  }
  return result;
}

} // namespace weft
