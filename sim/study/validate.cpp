#include "study/validate.hpp"

#include "study/children.hpp"
#include "study/walk.hpp"
#include "units/text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <sstream>

namespace weft {
namespace {

Check<std::optional<double>> share()
{
  return {"above 0, at most 1", [](const std::optional<double>& v) { return !v || (*v > 0 && *v <= 1); }};
}

Check<std::optional<Seconds>> some_time()
{
  return {"above zero", [](const std::optional<Seconds>& v) { return !v || *v > Seconds(0); }};
}

Check<std::optional<Bytes>> some_bytes()
{
  return {"above zero", [](const std::optional<Bytes>& v) { return !v || *v > Bytes(0); }};
}

} // namespace

template <> const Record<Tolerance>& record_of<Tolerance>()
{
  static const Record<Tolerance> record =
      Record<Tolerance>("tolerance", "largest errors a table may have, as fractions of the published value")
          .optional("mean-step", &Tolerance::mean_step, "mean absolute error of the step time", share())
          .optional("worst-step", &Tolerance::worst_step, "largest absolute error of a step time", share())
          .optional("mean-memory", &Tolerance::mean_memory, "mean absolute error of the peak memory", share())
          .optional("worst-memory", &Tolerance::worst_memory, "largest absolute error of a peak memory", share())
          .optional("mean-small", &Tolerance::mean_small, "mean absolute error of bus bandwidths of series below 16 MiB", share())
          .optional("mean-large", &Tolerance::mean_large, "mean absolute error of bus bandwidths of series from 16 MiB on", share());
  return record;
}

template <> const Record<PublishedRow>& record_of<PublishedRow>()
{
  static const Record<PublishedRow> record =
      Record<PublishedRow>("row", "one published run")
          .required("id", &PublishedRow::id, "how the source names it")
          .required("scenario", &PublishedRow::scenario, "file of the scenario, beside the table")
          .optional("set", &PublishedRow::set, "settings of the scenario by key path, such as {plan.tp: 8}")
          .optional("step", &PublishedRow::step, "published step time", some_time())
          .optional("memory", &PublishedRow::memory, "published peak memory per accelerator", some_bytes())
          .optional("source", &PublishedRow::source, "where exactly in the source")
          .rule([](const Node& node, const PublishedRow& row) {
            if (!row.step && !row.memory) refuse(node, "a row needs a published figure (write step, memory or both)");
          });
  return record;
}

template <> const Record<PublishedTable>& record_of<PublishedTable>()
{
  static const Record<PublishedTable> record =
      Record<PublishedTable>("table", "published runs to hold simulations to")
          .required("title", &PublishedTable::title, "name of the table")
          .required("source", &PublishedTable::source, "where the figures are published")
          .optional("confidence", &PublishedTable::confidence, "how far the figures are to be trusted")
          .optional("note", &PublishedTable::note, "what to know before comparing")
          .optional("tolerance", &PublishedTable::tolerance, "largest errors allowed")
          .optional("rows", &PublishedTable::rows, "the runs")
          .optional("series", &PublishedTable::series, "bare collectives by size")
          .rule([](const Node& node, const PublishedTable& table) {
            if (table.rows.empty() && table.series.empty()) refuse(node, "a table needs something published (write rows or series)");
          });
  return record;
}

PublishedTable read_table(const std::string& file) { return record_of<PublishedTable>().read(read_yaml_file(file)); }

std::vector<std::string> table_files(const DataFolder& data, const std::string& name)
{
  namespace fs = std::filesystem;
  if (!name.empty() && fs::exists(name)) return {name};
  const fs::path folder = fs::path(data.path) / "scenarios" / "validation" / "tables";
  std::vector<std::string> files;
  std::string known;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  if (name.empty()) return files;
  std::vector<std::string> family;
  for (const std::string& file : files) {
    const std::string stem = fs::path(file).stem().string();
    if (stem == name) return {file};
    if (stem.starts_with(name + "-")) family.push_back(file);
    known += (known.empty() ? "" : ", ") + stem;
  }
  if (!family.empty()) return family;
  throw ConfigError({name}, "", "there is no such table (known: " + (known.empty() ? "none" : known) + ")");
}

namespace {

/// What a row's child process hands back: seconds and bytes, exactly.
std::string simulate_row(const std::string& scenario_file, const std::vector<Override>& overrides, const DataFolder& data)
{
  const auto walk = prepare(read_scenario(scenario_file, overrides, data));
  finish(*walk, Where::this_process, TimeSeries::leave_out);
  return exact_text(walk->results.step_time.base()) + " " + exact_text(walk->results.memory_peak.base());
}

/// The row's own settings, then the user's.
std::vector<Override> settings_of(const PublishedRow& row, const std::vector<Override>& overrides)
{
  std::vector<Override> all;
  for (const auto& [path, value] : row.set) all.push_back({path, value});
  all.insert(all.end(), overrides.begin(), overrides.end());
  return all;
}

ErrorSummary summarise(const std::vector<ValidatedRow>& rows, std::optional<double> ValidatedRow::*error)
{
  ErrorSummary summary;
  for (const ValidatedRow& row : rows) {
    if (!(row.*error)) continue;
    summary.rows += 1;
    summary.mean += std::abs(*(row.*error));
    summary.worst = std::max(summary.worst, std::abs(*(row.*error)));
  }
  if (summary.rows > 0) summary.mean /= static_cast<double>(summary.rows);
  return summary;
}

std::string percent(double fraction)
{
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f %%", 100 * fraction);
  return text.data();
}

void hold(std::vector<std::string>& failures, const std::string& what, double error, const std::optional<double>& limit)
{
  if (limit && error > *limit) failures.push_back(what + " is " + percent(error) + ", above the " + percent(*limit) + " allowed");
}

} // namespace

ValidatedTable judge(PublishedTable published, std::vector<ValidatedRow> rows, std::vector<ValidatedSeries> series)
{
  ValidatedTable table{std::move(published), std::move(rows), {}, {}, std::move(series), {}, {}, {}};
  for (ValidatedRow& row : table.rows) {
    if (!row.problem.empty()) {
      table.failures.push_back("row " + row.published.id + " could not be simulated: " + row.problem);
      continue;
    }
    if (row.published.step) row.step_error = row.step / *row.published.step - 1;
    if (row.published.memory) row.memory_error = row.memory / *row.published.memory - 1;
  }
  table.step = summarise(table.rows, &ValidatedRow::step_error);
  table.memory = summarise(table.rows, &ValidatedRow::memory_error);
  const Tolerance& tolerance = table.published.tolerance;
  hold(table.failures, "the mean error of step times", table.step.mean, tolerance.mean_step);
  hold(table.failures, "the worst error of a step time", table.step.worst, tolerance.worst_step);
  hold(table.failures, "the mean error of memory", table.memory.mean, tolerance.mean_memory);
  hold(table.failures, "the worst error of memory", table.memory.worst, tolerance.worst_memory);
  for (const ValidatedSeries& one : table.series)
    for (const ValidatedPoint& point : one.points)
      if (!point.problem.empty())
        table.failures.push_back("series " + one.published.id + " could not be simulated at " + short_text(point.published.bytes) + ": " +
                                 point.problem);
  table.small = joined_errors(table.series, &ValidatedSeries::small);
  table.large = joined_errors(table.series, &ValidatedSeries::large);
  hold(table.failures, "the mean error of bus bandwidths below 16 MiB", table.small.mean, tolerance.mean_small);
  hold(table.failures, "the mean error of bus bandwidths from 16 MiB on", table.large.mean, tolerance.mean_large);
  return table;
}

ValidatedTable validate(const std::string& file, const std::vector<Override>& overrides, const DataFolder& data)
{
  PublishedTable published = read_table(file);
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  std::vector<std::function<std::string()>> simulations;
  for (const PublishedRow& row : published.rows)
    simulations.emplace_back([settings = settings_of(row, overrides), &data, scenario = (folder / row.scenario).lexically_normal().string()] {
      return simulate_row(scenario, settings, data);
    });
  constexpr std::size_t at_a_time = 2;
  const std::vector<ChildAnswer> answers = run_in_children(simulations, at_a_time);

  std::vector<ValidatedRow> rows;
  for (std::size_t r = 0; r < answers.size(); ++r) {
    ValidatedRow row{.published = published.rows[r], .problem = {}, .step = {}, .memory = {}, .step_error = {}, .memory_error = {}};
    const std::string& text = answers[r].text;
    const std::size_t space = text.find(' ');
    const auto step = parse_number(text.substr(0, space));
    const auto memory = space == std::string::npos ? std::nullopt : parse_number(text.substr(space + 1));
    if (answers[r].failed || !step || !memory)
      row.problem = text;
    else {
      row.step = Seconds(*step);
      row.memory = Bytes(*memory);
    }
    rows.push_back(std::move(row));
  }
  std::vector<ValidatedSeries> series = simulate_series(published.series, folder.string(), overrides, data);
  return judge(std::move(published), std::move(rows), std::move(series));
}

} // namespace weft
