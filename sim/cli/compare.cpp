#include "study/compare.hpp"

#include "cli/commands.hpp"
#include "report/numbers.hpp"
#include "report/text_table.hpp"
#include "study/walk.hpp"
#include "units/text.hpp"

#include <algorithm>
#include <functional>
#include <ostream>

namespace weft {
namespace {

/// One line of the comparison: a figure of each scenario as text and as the number that is compared.
struct Figure {
  std::string name;
  std::function<double(const Results&)> number;
  std::function<std::string(double)> text;
};

std::string seconds_text(double value) { return short_text(Seconds(value)); }
std::string bytes_text(double value) { return short_text(Bytes(value)); }
std::string bandwidth_text(double value) { return short_text(Bandwidth(value)); }
std::string whole_text(double value) { return grouped(value); }
std::string one_decimal(double value) { return fixed(value, 1); }
std::string percent_text(double value) { return percent(value); }

std::vector<Figure> training_figures()
{
  return {{"step time", [](const Results& r) { return r.step_time.base(); }, seconds_text},
          {"tokens/s", [](const Results& r) { return r.tokens_per_s; }, whole_text},
          {"tokens/s per GPU", [](const Results& r) { return r.tokens_per_s_per_gpu; }, whole_text},
          {"model TFLOP/s per GPU", [](const Results& r) { return r.model_tflops_per_gpu; }, one_decimal},
          {"MFU", [](const Results& r) { return r.mfu; }, percent_text},
          {"HFU", [](const Results& r) { return r.hfu; }, percent_text},
          {"memory per GPU", [](const Results& r) { return r.memory_peak.base(); }, bytes_text}};
}

std::vector<Figure> collective_figures()
{
  return {{"time of one call", [](const Results& r) { return r.collective->time.base(); }, seconds_text},
          {"algorithm bandwidth", [](const Results& r) { return r.collective->algorithm.base(); }, bandwidth_text},
          {"bus bandwidth", [](const Results& r) { return r.collective->bus.base(); }, bandwidth_text}};
}

std::string difference(double base, double other)
{
  if (base == 0) return other == 0 ? "=" : "";
  const double change = other / base - 1;
  return (change < 0 ? "" : "+") + percent(change);
}

void add_figures(TextTable& table, const std::vector<Entry>& entries, const std::vector<Figure>& figures)
{
  for (const Figure& figure : figures) {
    const double base = figure.number(entries.front().results);
    std::vector<std::string> row{figure.name};
    for (std::size_t e = 0; e < entries.size(); ++e) {
      const double value = figure.number(entries[e].results);
      row.push_back(figure.text(value));
      if (e > 0) row.push_back(difference(base, value));
    }
    table.rows.push_back(row);
  }
}

/// Shares of the critical path, differences in points of the first scenario's step.
void add_critical_path(TextTable& table, const std::vector<Entry>& entries)
{
  const double step = entries.front().results.step_time.base();
  table.rows.push_back({"critical path"});
  for (std::size_t p = 0; p < entries.front().results.critical_path.size(); ++p) {
    const bool rounding = std::all_of(entries.begin(), entries.end(),
                                      [&](const Entry& e) { return e.results.critical_path[p].time <= e.results.step_time * 1e-9; });
    if (rounding) continue;
    std::vector<std::string> row{"  " + entries.front().results.critical_path[p].category};
    const double base = entries.front().results.critical_path[p].time.base();
    for (std::size_t e = 0; e < entries.size(); ++e) {
      const double time = entries[e].results.critical_path[p].time.base();
      row.push_back(seconds_text(time));
      if (e > 0) row.push_back((time < base ? "" : "+") + fixed(100 * (time - base) / step, 1) + " points");
    }
    table.rows.push_back(row);
  }
}

int run(const Context& context)
{
  const std::vector<std::string> names = short_names(context.arguments.operands);
  std::vector<Scenario> scenarios; // all are read before any is simulated: a slip in the last file costs no waiting
  for (const std::string& file : context.arguments.operands)
    scenarios.push_back(read_scenario(file, context.arguments.overrides, context.data));
  const bool collective = scenarios.front().collective.has_value();
  for (const Scenario& scenario : scenarios)
    if (scenario.collective.has_value() != collective)
      throw ConfigError({scenario.file}, "", "a bare collective and a training job cannot be compared (compare like with like)");

  std::vector<Entry> entries;
  for (std::size_t i = 0; i < names.size(); ++i) entries.push_back({names[i], run_isolated(std::move(scenarios[i]))});

  TextTable table{.rows = {{""}}, .columns = "l" + std::string(2 * entries.size(), 'r'), .indent = ""};
  for (std::size_t e = 0; e < entries.size(); ++e) {
    table.rows[0].push_back(entries[e].name);
    if (e > 0) table.rows[0].emplace_back("vs " + entries.front().name);
  }
  add_figures(table, entries, collective ? collective_figures() : training_figures());
  add_critical_path(table, entries);
  *context.out << to_text(table) << "\n";
  for (std::size_t e = 1; e < entries.size(); ++e) *context.out << explain(entries.front(), entries[e]) << "\n";
  return exit_done;
}

} // namespace

Command compare_command()
{
  return {.name = "compare",
          .operands = "A.yaml B.yaml ...",
          .least_operands = 2,
          .most_operands = 64,
          .summary = "simulate several scenarios, print them side by side and what makes the difference",
          .details = "The first scenario is what the others are held against.\n\n"
                     "  weft compare scenarios/export/gpt3-a100.yaml scenarios/export/gpt3-a800.yaml\n"
                     "  weft compare A.yaml B.yaml --set plan.tp=2          the same change to both\n",
          .options = {set_option()},
          .run = run};
}

} // namespace weft
