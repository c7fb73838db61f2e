#include "study/leave_one_out.hpp"

#include "config/error.hpp"
#include "study/children.hpp"
#include "study/walk.hpp"
#include "units/text.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

namespace weft {
namespace {

std::string simulate_scaled(const RowScenario& row, double factor, const DataFolder& data)
{
  Scenario scenario = read_scenario(row.file, row.overrides, data);
  Chip& chip = scenario.platform.node.chip;
  chip.compute.matmul_efficiency *= factor;
  chip.compute.matmul_efficiency_fp8 *= factor;
  const std::string line = chip_line(chip.name);
  const auto walk = prepare(std::move(scenario));
  finish(*walk, Where::this_process, TimeSeries::leave_out);
  return exact_text(walk->results.step_time.base()) + " " + line;
}

/// Step time at any factor: straight in 1 / factor between the simulated ones, since the time of a product is.
double step_at(const FittedRow& row, double factor)
{
  const std::size_t last = fit_factors.size() - 1;
  std::size_t above = 1;
  while (above < last && fit_factors[above] < factor) above++;
  const double low = 1 / fit_factors[above - 1], high = 1 / fit_factors[above];
  const double part = (1 / factor - low) / (high - low);
  return row.simulated[above - 1].base() * (1 - part) + row.simulated[above].base() * part;
}

double error_at(const FittedRow& row, double factor) { return step_at(row, factor) / row.published.base() - 1; }

/// Mean over families of the mean absolute error of their rows.
double cost(const std::vector<const FittedRow*>& rows, double factor)
{
  std::map<std::string, std::pair<double, double>> families; // sum, rows
  for (const FittedRow* row : rows) {
    auto& [sum, count] = families[row->family];
    sum += std::abs(error_at(*row, factor));
    count += 1;
  }
  double total = 0;
  for (const auto& [name, family] : families) total += family.first / family.second;
  return total / static_cast<double>(families.size());
}

double fitted_factor(const std::vector<const FittedRow*>& rows)
{
  if (rows.empty()) return 1;
  double best = 1, least = cost(rows, 1);
  for (int step = 1; step <= 30; step++)
    for (const double factor : {1 - 0.005 * step, 1 + 0.005 * step})
      if (const double here = cost(rows, factor); here < least - 1e-12) {
        best = factor;
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
      rows.push_back({table.family.empty() ? table.title : table.family, {}, *row.step, {}});
      for (const double factor : fit_factors)
        simulations.emplace_back([scenario = scenario_of(row, file, {}), factor, &data] { return simulate_scaled(scenario, factor, data); });
    }
  }
  constexpr std::size_t at_a_time = 2;
  const std::vector<ChildAnswer> answers = run_in_children(simulations, at_a_time);
  for (std::size_t a = 0; a < answers.size(); a++) {
    const std::string& text = answers[a].text;
    const std::size_t space = text.find(' ');
    const auto step = parse_number(text.substr(0, space));
    if (answers[a].failed || !step) throw CannotFinish("a row of " + rows[a / fit_factors.size()].family + " could not be simulated: " + text);
    FittedRow& row = rows[a / fit_factors.size()];
    row.simulated.emplace_back(*step);
    row.chip_line = text.substr(space + 1);
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
      const auto [at, added] = left.factors.try_emplace(row.chip_line, 1.0);
      if (added) {
        std::vector<const FittedRow*> others;
        for (const FittedRow& other : rows)
          if (other.family != first.family && other.chip_line == row.chip_line) others.push_back(&other);
        at->second = fitted_factor(others);
      }
      fitted.push_back(error_at(row, 1));
      predicted.push_back(error_at(row, at->second));
    }
    left.fitted = summarise(fitted);
    left.predicted = summarise(predicted);
    result.push_back(std::move(left));
  }
  return result;
}

} // namespace weft
