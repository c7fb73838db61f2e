#include "cli/commands.hpp"
#include "cli/compare_figures.hpp"
#include "report/csv.hpp"
#include "report/json.hpp"
#include "report/numbers.hpp"
#include "report/text_table.hpp"
#include "report/upkeep.hpp"
#include "study/walk.hpp"
#include "units/text.hpp"

#include <algorithm>
#include <ostream>

namespace weft {
namespace {

/// The figures of the runs and of the machines they ran on.
struct Comparison {
  std::vector<Figure> run, machine;
};

void add_figures(TextTable& table, const std::vector<Compared>& compared, const std::vector<Figure>& figures)
{
  for (const Figure& figure : figures) {
    const FigureValue base = figure.value(compared.front());
    std::vector<std::string> row{figure.name};
    bool known = false;
    for (std::size_t e = 0; e < compared.size(); ++e) {
      const FigureValue value = figure.value(compared[e]);
      known = known || value.number;
      row.push_back(figure_text(figure, value));
      if (e > 0) row.push_back(contrast_text(figure, base, value));
    }
    if (known) table.rows.push_back(row);
  }
}

/// Shares of the critical path, differences in points of the first scenario's step.
void add_critical_path(TextTable& table, const std::vector<Compared>& compared)
{
  std::vector<Entry> entries;
  for (const Compared& one : compared) entries.push_back(one.entry);
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
      row.push_back(short_text(Seconds(time)));
      if (e > 0) row.push_back((time < base ? "" : "+") + fixed(100 * (time - base) / step, 1) + " points");
    }
    table.rows.push_back(row);
  }
}

/// What the sums lack, with the scenarios they lack it in.
std::string lacking_text(const std::vector<Compared>& compared)
{
  std::vector<std::pair<std::string, std::string>> lines;
  for (const Compared& one : compared)
    for (const std::string& part : unknowns(one.entry.results.machine)) {
      const auto found = std::find_if(lines.begin(), lines.end(), [&](const auto& line) { return line.first == part; });
      if (found == lines.end())
        lines.emplace_back(part, one.entry.name);
      else
        found->second += ", " + one.entry.name;
    }
  std::string text;
  for (const auto& [part, names] : lines) text += "not known: " + part + " (" + names + ")\n";
  return text.empty() ? "" : "\n" + text;
}

void write_table(const std::vector<Compared>& compared, const Comparison& comparison, std::ostream& out)
{
  TextTable table{.rows = {{""}}, .columns = "l" + std::string(2 * compared.size(), 'r'), .indent = ""};
  for (std::size_t e = 0; e < compared.size(); ++e) {
    table.rows[0].push_back(compared[e].entry.name);
    if (e > 0) table.rows[0].emplace_back("vs " + compared.front().entry.name);
  }
  add_figures(table, compared, comparison.run);
  add_critical_path(table, compared);
  table.rows.push_back({"machine"});
  add_figures(table, compared, comparison.machine);
  out << to_text(table) << lacking_text(compared) << "\n";
  for (std::size_t e = 1; e < compared.size(); ++e) out << explain(compared.front().entry, compared[e].entry) << "\n";
}

void write_json(const std::vector<Compared>& compared, const Comparison& comparison, const Context& context)
{
  JsonWriter json;
  json.begin_object().member("schema", std::uint64_t{1}).member("weft_version", context.version).key("scenarios").begin_array();
  for (std::size_t e = 0; e < compared.size(); ++e) {
    const Entry& entry = compared[e].entry;
    std::vector<std::string> at_least;
    json.begin_object().member("name", entry.name).member("file", context.arguments.operands[e]).key("figures").begin_object();
    for (const auto* figures : {&comparison.run, &comparison.machine})
      for (const Figure& figure : *figures) {
        const FigureValue value = figure.value(compared[e]);
        json.key(figure.key);
        if (value.number)
          json.value(*value.number);
        else
          json.null();
        if (value.at_least) at_least.push_back(figure.key);
      }
    json.end_object().key("at_least").begin_array(); // of these figures a part is not known
    for (const std::string& key : at_least) json.value(key);
    json.end_array().key("not_known").begin_array();
    for (const std::string& part : unknowns(entry.results.machine)) json.value(part);
    json.end_array().key("critical_path_s").begin_object();
    for (const CriticalPart& part : entry.results.critical_path) json.member(part.category, part.time.base());
    json.end_object();
    if (e > 0) json.member("difference", explain(compared.front().entry, entry));
    json.end_object();
  }
  json.end_array().end_object();
  *context.out << json.text();
}

void write_csv(const std::vector<Compared>& compared, const Comparison& comparison, std::ostream& out)
{
  out << "figure";
  for (const Compared& one : compared) out << "," << csv_field(one.entry.name);
  out << "\n";
  for (const auto* figures : {&comparison.run, &comparison.machine})
    for (const Figure& figure : *figures) {
      out << figure.key;
      for (const Compared& one : compared) {
        const FigureValue value = figure.value(one);
        out << "," << (value.number ? (value.at_least ? ">=" : "") + shortest(*value.number) : "");
      }
      out << "\n";
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

  std::vector<Compared> compared;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Upkeep upkeep = scenarios[i].upkeep;
    compared.push_back({{names[i], run_isolated(std::move(scenarios[i]))}, upkeep});
  }
  Comparison comparison{collective ? collective_figures() : training_figures(), machine_figures()};
  if (context.arguments.has("--sensitivity"))
    for (Figure& figure : sensitivity_figures()) comparison.machine.push_back(std::move(figure));
  const std::string format = context.arguments.value("--format", "table");
  if (format == "json")
    write_json(compared, comparison, context);
  else if (format == "csv")
    write_csv(compared, comparison, *context.out);
  else
    write_table(compared, comparison, *context.out);
  return exit_done;
}

} // namespace

Command compare_command()
{
  return {
      .name = "compare",
      .operands = "A.yaml B.yaml ...",
      .least_operands = 2,
      .most_operands = 64,
      .summary = "simulate several scenarios, print them side by side and what makes the difference",
      .details = "The first scenario is what the others are held against.\n\n"
                 "  weft compare scenarios/export/gpt3-a100.yaml scenarios/export/gpt3-a800.yaml\n"
                 "  weft compare A.yaml B.yaml --set plan.tp=2          the same change to both\n"
                 "  weft compare A.yaml B.yaml --sensitivity            prices of cables and failures of optics halved and doubled\n"
                 "  weft compare A.yaml B.yaml --format csv\n",
      .options = {set_option(),
                  {"--format", "KIND", "what to print, table unless said", {"table", "json", "csv"}},
                  {"--sensitivity", "", "add what the figures would be at half and double prices of cables and failures of optics", {}}},
      .run = run};
}

} // namespace weft
