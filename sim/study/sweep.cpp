#include "study/sweep.hpp"

#include "study/children.hpp"
#include "study/walk.hpp"
#include "units/text.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace weft {
namespace {

constexpr std::size_t most_runs = 100'000, at_a_time = 2;

double figure_of(const Results& results) { return results.collective ? results.collective->bus.base() : results.step_time.base(); }

/// What a run's child process hands back: the figure, exactly.
std::string simulate_one(const std::string& file, const std::vector<Override>& settings, const DataFolder& data)
{
  const auto walk = prepare(read_scenario(file, settings, data));
  finish(*walk, Where::this_process, TimeSeries::leave_out);
  return exact_text(figure_of(walk->results));
}

/// Every file under every combination of values.
std::vector<SweepVariant> variants_of(const SweepPlan& plan)
{
  std::vector<SweepVariant> variants;
  for (const std::string& file : plan.files) variants.push_back({file, {}, {}, {}});
  for (const SweepAxis& axis : plan.axes) {
    std::vector<SweepVariant> next;
    for (const SweepVariant& variant : variants)
      for (const std::string& value : axis.values) {
        next.push_back(variant);
        next.back().settings.push_back({axis.path, value});
        if (next.size() > most_runs) throw ConfigError({"weft sweep"}, "", "more than 100,000 runs (give fewer values)");
      }
    variants = std::move(next);
  }
  return variants;
}

/// The figure that all files share.
SweepFigure figure_of_files(const std::vector<SweepVariant>& variants, const DataFolder& data)
{
  std::optional<bool> collective;
  std::string last;
  for (const SweepVariant& variant : variants) {
    if (variant.file == last) continue; // the first combination of each file
    last = variant.file;
    const bool here = read_scenario(variant.file, variant.settings, data).collective.has_value();
    if (collective && *collective != here)
      throw ConfigError({variant.file}, "", "a bare collective and a training job cannot be compared (sweep like with like)");
    collective = here;
  }
  return collective.value_or(false) ? SweepFigure::bus_bandwidth : SweepFigure::step_time;
}

} // namespace

std::vector<std::string> parts_of(const std::string& list)
{
  std::vector<std::string> parts(1);
  int depth = 0;
  char quote = 0;
  for (const char c : list) {
    if (quote == 0 && c == ',' && depth == 0) {
      parts.emplace_back();
      continue;
    }
    if (quote != 0)
      quote = c == quote ? '\0' : quote;
    else if (c == '"' || c == '\'')
      quote = c;
    else if (c == '[' || c == '{')
      ++depth;
    else if (c == ']' || c == '}')
      --depth;
    parts.back() += c;
  }
  for (std::string& part : parts) {
    part.erase(0, std::min(part.find_first_not_of(' '), part.size()));
    part.erase(part.find_last_not_of(' ') + 1);
  }
  return parts;
}

Spread spread_of(std::vector<double> sample)
{
  if (sample.empty()) throw LogicError("the spread of an empty sample");
  std::sort(sample.begin(), sample.end());
  const auto quantile = [&](double share) {
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sample.size())));
    return sample[std::max<std::size_t>(rank, 1) - 1];
  };
  double sum = 0;
  for (const double value : sample) sum += value;
  return {sample.front(), quantile(0.1), quantile(0.5), quantile(0.9), sample.back(), sum / static_cast<double>(sample.size())};
}

SweepResult sweep(const SweepPlan& plan, const DataFolder& data)
{
  SweepResult result;
  result.variants = variants_of(plan);
  const std::size_t seeds = std::max<std::size_t>(1, plan.seeds.size());
  if (result.variants.size() * seeds > most_runs)
    throw ConfigError({"weft sweep"}, "", std::to_string(result.variants.size() * seeds) + " runs are more than 100,000 (use fewer seeds)");
  result.figure = figure_of_files(result.variants, data);

  std::vector<std::function<std::string()>> runs;
  for (const SweepVariant& variant : result.variants)
    for (std::size_t s = 0; s < seeds; ++s) {
      std::vector<Override> settings = variant.settings;
      if (!plan.seeds.empty()) settings.push_back({"engine.seed", std::to_string(plan.seeds[s])});
      runs.emplace_back([file = variant.file, settings = std::move(settings), &data] { return simulate_one(file, settings, data); });
    }
  const std::vector<ChildAnswer> answers = run_in_children(runs, at_a_time);
  std::size_t next = 0;
  for (SweepVariant& variant : result.variants)
    for (std::size_t s = 0; s < seeds; ++s) {
      const ChildAnswer& answer = answers[next++];
      const auto figure = parse_number(answer.text);
      if (!answer.failed && figure)
        variant.figures.push_back(*figure);
      else if (variant.problem.empty())
        variant.problem = answer.text;
    }
  return result;
}

} // namespace weft
