#include "cli/validation_text.hpp"

#include "report/numbers.hpp"
#include "report/text_table.hpp"
#include "units/text.hpp"

#include <algorithm>
#include <map>

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
         limit(mean) + ", ninth decile " + percent(summary.p90) + ", worst " + percent(summary.worst) + limit(worst) + ", bias " +
         error_text(summary.bias) + "\n";
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

std::string operations_text(const ValidatedTable& table)
{
  if (table.operations.empty()) return "";
  TextTable text{.rows = {{"kernel", "published", "by the chip's constants", "error of the time"}}, .columns = "lrrr", .indent = "  "};
  for (const ValidatedOperation& op : table.operations) {
    if (!op.error)
      text.rows.push_back({op.published.id, "", "failed"});
    else if (op.published.rate)
      text.rows.push_back({op.published.id, short_text(*op.published.rate), short_text(op.rate), error_text(op.error)});
    else
      text.rows.push_back({op.published.id, short_text(*op.published.bandwidth), short_text(op.bandwidth), error_text(op.error)});
  }
  const auto& limit = table.published.tolerance.median_operation;
  return to_text(text) + "  single kernels: median absolute error " + percent(table.operation.median) +
         (limit ? " (allowed " + percent(*limit) + ")" : "") + ", mean " + percent(table.operation.mean) + "\n";
}

/// Forward and backward times of one layer.
std::string layers_text(const ValidatedTable& table)
{
  TextTable text{.rows = {{"one layer", "forward published", "simulated", "error", "backward published", "simulated", "error"}},
                 .columns = "lrrrrrr",
                 .indent = "  "};
  for (const ValidatedRow& row : table.rows)
    if (row.forward_error && row.backward_error)
      text.rows.push_back({row.published.id, short_text(*row.published.forward), short_text(row.forward), error_text(row.forward_error),
                           short_text(*row.published.backward), short_text(row.backward), error_text(row.backward_error)});
  return text.rows.size() == 1 ? "" : to_text(text);
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

} // namespace

std::string table_text(const ValidatedTable& table, bool points)
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
  result += layers_text(table) + operations_text(table);
  if (points)
    for (const ValidatedSeries& one : table.series) result += points_text(one) + "\n";
  result += series_text(table);
  result += summary("step time", table.step, tolerance.mean_step, tolerance.worst_step) +
            summary(("memory (" + name_of(table.published.memory_kind) + ")").c_str(), table.memory, tolerance.mean_memory, tolerance.worst_memory) +
            summary("layer times", table.layer, tolerance.mean_layer, std::nullopt);
  for (const std::string& failure : table.failures) result += "  FAILED: " + failure + "\n";
  return result;
}

namespace {

void add_markdown(std::string& text, const std::string& name, const char* figure, const ErrorSummary& errors)
{
  if (errors.rows == 0) return;
  text += "| " + name + " | " + figure + " | " + std::to_string(errors.rows) + " | " + percent(errors.mean) + " | " +
          percent(errors.p90) + " | " + percent(errors.worst) + " | " + error_text(errors.bias) + " |\n";
}

void add_markdown(std::string& text, const FamilySummary& family)
{
  add_markdown(text, family.name, "step time", family.step);
  add_markdown(text, family.name, "time of one layer", family.layer);
  add_markdown(text, family.name, "peak memory", family.memory);
  add_markdown(text, family.name, "single kernels", family.operation);
}

} // namespace

std::string summary_text(const std::vector<ValidatedTable>& tables)
{
  std::string text = "| published runs | figure | rows | mean absolute error | ninth decile | worst | bias |\n"
                     "|---|---|---|---|---|---|---|\n";
  for (const FamilySummary& family : by_family(tables)) add_markdown(text, family);
  add_markdown(text, all_families(tables));
  return text;
}

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

std::string residuals_text(const std::vector<ValidatedTable>& tables)
{
  struct Kind {
    std::vector<double> residuals;
    int most_accelerators = 0;
  };
  std::map<std::pair<std::string, std::string>, Kind> kinds;
  for (const ValidatedTable& table : tables)
    for (const ValidatedRow& row : table.rows) {
      if (!row.step_error) continue;
      Kind& kind = kinds[{row.chip_line, row.kernels}];
      kind.residuals.push_back(1 / (1 + *row.step_error) - 1);
      kind.most_accelerators = std::max(kind.most_accelerators, row.accelerators);
    }
  std::string text = "# Written by `weft validate --residuals`: how far published step times lay from their simulations. `weft run` makes its "
                     "interval of it.\n"
                     "title: first and ninth decile of published / simulated - 1 by line of chips and execution style\n"
                     "source: the tables of scenarios/validation\n"
                     "confidence: verified\n"
                     "kinds:\n";
  for (const auto& [name, kind] : kinds)
    text += "  - {chips: " + name.first + ", kernels: " + name.second + ", rows: " + std::to_string(kind.residuals.size()) +
            ", most-accelerators: " + std::to_string(kind.most_accelerators) + ", low: " + fixed(quantile(kind.residuals, 0.1), 3) +
            ", high: " + fixed(quantile(kind.residuals, 0.9), 3) + "}\n";
  return text;
}

std::string left_out_text(const std::vector<LeftOut>& families)
{
  std::string text = "| left out | rows | mean absolute error | when left out | bias when left out | fitted to the others |\n"
                     "|---|---|---|---|---|---|\n";
  for (const LeftOut& left : families) {
    std::string factors;
    for (const auto& [line, by] : left.factors)
      factors += (factors.empty() ? "" : ", ") + line + " x " + fixed(by.products, 2) + (by.streams == 1 ? "" : ", streams x " + fixed(by.streams, 2));
    text += "| " + left.family + " | " + std::to_string(left.fitted.rows) + " | " + percent(left.fitted.mean) + " | " +
            percent(left.predicted.mean) + " | " + error_text(left.predicted.bias) + " | " + factors + " |\n";
  }
  return text;
}

} // namespace weft
