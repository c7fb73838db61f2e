#include "study/validate.hpp"

#include "cli/commands.hpp"
#include "report/numbers.hpp"
#include "report/text_table.hpp"
#include "units/text.hpp"

#include <ostream>

namespace weft {
namespace {

std::string error_text(const std::optional<double>& error) { return error ? (*error < 0 ? "" : "+") + percent(*error) : ""; }

bool has_memory(const ValidatedTable& table)
{
  for (const ValidatedRow& row : table.rows)
    if (row.published.memory) return true;
  return false;
}

std::string summary(const char* what, const ErrorSummary& summary, const std::optional<double>& mean, const std::optional<double>& worst)
{
  if (summary.rows == 0) return "";
  const auto limit = [](const std::optional<double>& value) { return value ? " (allowed " + percent(*value) + ")" : std::string(); };
  return std::string("  ") + what + " over " + std::to_string(summary.rows) + " rows: mean absolute error " + percent(summary.mean) +
         limit(mean) + ", worst " + percent(summary.worst) + limit(worst) + "\n";
}

std::string band(const SeriesErrors& errors) { return errors.points == 0 ? "" : percent(errors.mean); }
std::string worst(const SeriesErrors& errors) { return errors.points == 0 ? "" : percent(errors.worst); }
std::string bias(const SeriesErrors& errors) { return errors.points == 0 ? "" : error_text(errors.bias); }

std::vector<std::string> band_cells(const std::string& name, const SeriesErrors& small, const SeriesErrors& large)
{
  return {name, band(small), worst(small), bias(small), band(large), worst(large), bias(large)};
}

/// One line per series, and one for all: bus bandwidths, in both bands of sizes.
std::string series_text(const ValidatedTable& table)
{
  if (table.series.empty()) return "";
  TextTable text{.rows = {{"bus bandwidth", "< 16 MiB: mean", "worst", "bias", ">= 16 MiB: mean", "worst", "bias"}},
                 .columns = "lrrrrrr",
                 .indent = "  "};
  for (const ValidatedSeries& one : table.series) text.rows.push_back(band_cells(one.published.id, one.small, one.large));
  if (table.series.size() > 1) text.rows.push_back(band_cells("all", table.small, table.large));
  const auto limit = [](const char* sizes, const std::optional<double>& value) {
    return value ? std::string("  ") + sizes + ": mean absolute error allowed " + percent(*value) + "\n" : "";
  };
  const Tolerance& tolerance = table.published.tolerance;
  const auto worst_limit = [](const char* sizes, const std::optional<double>& value) {
    return value ? std::string("  ") + sizes + ": worst error allowed " + percent(*value) + "\n" : "";
  };
  return to_text(text) + limit("below 16 MiB", tolerance.mean_small) + worst_limit("below 16 MiB", tolerance.worst_small) +
         limit("from 16 MiB on", tolerance.mean_large) + worst_limit("from 16 MiB on", tolerance.worst_large);
}

/// The last line of several tables: their bus bandwidths together.
std::string bands_text(const BandErrors& all)
{
  const auto text = [](const char* sizes, const SeriesErrors& errors) {
    return errors.points == 0 ? std::string()
                              : std::string("  ") + sizes + ": mean absolute error " + percent(errors.mean) + " over " +
                                    std::to_string(errors.points) + " points, bias " + error_text(errors.bias) + "\n";
  };
  const std::string lines = text("below 16 MiB", all.small) + text("from 16 MiB on", all.large);
  return lines.empty() ? "" : "\nBus bandwidths of all tables\n" + lines;
}

/// Every point of one series, for a table looked at alone.
std::string points_text(const ValidatedSeries& series)
{
  TextTable text{.rows = {{"bytes", "published", "simulated", "error"}}, .columns = "rrrr", .indent = "  "};
  for (const ValidatedPoint& point : series.points) {
    const PublishedPoint& published = point.published;
    const std::string size = short_text(published.bytes);
    if (!point.error)
      text.rows.push_back({size, "", "failed"});
    else if (published.bus)
      text.rows.push_back({size, short_text(*published.bus), short_text(point.bus), error_text(point.error)});
    else
      text.rows.push_back({size, short_text(*published.time), short_text(point.time), error_text(point.error)});
  }
  return "  " + series.published.id + "\n" + to_text(text);
}

std::string text_of(const ValidatedTable& table, bool points)
{
  const bool memory = has_memory(table);
  TextTable text{.rows = {{"row", "published", "simulated", "error"}}, .columns = "lrrrrrr", .indent = "  "};
  if (memory) text.rows[0].insert(text.rows[0].end(), {"memory published", "simulated", "error"});
  for (const ValidatedRow& row : table.rows) {
    if (!row.problem.empty()) {
      text.rows.push_back({row.published.id, "", "failed"});
      continue;
    }
    text.rows.push_back(
        {row.published.id, row.published.step ? short_text(*row.published.step) : "", short_text(row.step), error_text(row.step_error)});
    if (memory)
      text.rows.back().insert(text.rows.back().end(), {row.published.memory ? short_text(*row.published.memory) : "",
                                                       short_text(row.memory), error_text(row.memory_error)});
  }
  const Tolerance& tolerance = table.published.tolerance;
  std::string result = table.published.title + "\n  " + table.published.source + "\n";
  if (!table.rows.empty()) result += to_text(text);
  if (points)
    for (const ValidatedSeries& one : table.series) result += points_text(one) + "\n";
  result += series_text(table);
  result += summary("step time", table.step, tolerance.mean_step, tolerance.worst_step) +
            summary("memory", table.memory, tolerance.mean_memory, tolerance.worst_memory);
  for (const std::string& failure : table.failures) result += "  FAILED: " + failure + "\n";
  return result;
}

int run(const Context& context)
{
  const Arguments& arguments = context.arguments;
  const std::vector<std::string> files = table_files(context.data, arguments.operands.empty() ? "" : arguments.operands[0]);
  if (files.empty())
    throw ConfigError({context.data.path}, "", "holds no tables in scenarios/validation/tables (set WEFT_DATA to the folder that does)");
  bool failed = false;
  BandErrors all;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const ValidatedTable table = validate(files[i], arguments.overrides, context.data);
    *context.out << (i == 0 ? "" : "\n") << text_of(table, files.size() == 1) << std::flush;
    failed = failed || !table.failures.empty();
    add(all, table);
  }
  if (files.size() > 1) *context.out << bands_text(all);
  return failed ? exit_our_fault : exit_done;
}

} // namespace

Command validate_command()
{
  return {.name = "validate",
          .operands = "[TABLE]",
          .least_operands = 0,
          .most_operands = 1,
          .summary = "simulate published runs and print the error of every row",
          .details = "Tables are in scenarios/validation/tables; all are run unless one is named. Exit code 1 when an error is above what "
                     "its table allows.\n\n"
                     "  weft validate\n"
                     "  weft validate megatron-sc21\n"
                     "  weft validate collectives\n",
          .options = {set_option()},
          .run = run};
}

} // namespace weft
