#include "study/sweep.hpp"

#include "cli/commands.hpp"
#include "report/csv.hpp"
#include "report/json.hpp"
#include "report/numbers.hpp"
#include "report/text_table.hpp"
#include "study/compare.hpp"
#include "units/text.hpp"

#include <charconv>
#include <ostream>

namespace weft {
namespace {

[[noreturn]] void misuse(const std::string& problem) { throw ConfigError({"weft sweep"}, "", problem); }

int seed_of(const std::string& text)
{
  int seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc{} || end != text.data() + text.size() || seed < 0)
    misuse("--seeds needs whole numbers from 0, got '" + shown(text) + "' (write --seeds 1..32 or --seeds 1,5,9)");
  return seed;
}

/// "1..32" or "1,5,9".
std::vector<int> seeds_of(const std::string& text)
{
  constexpr int most_seeds = 100'000;
  std::vector<int> seeds;
  if (text.empty()) return seeds;
  for (const std::string& part : parts_of(text)) {
    const std::size_t dots = part.find("..");
    const int first = seed_of(part.substr(0, dots)), last = dots == std::string::npos ? first : seed_of(part.substr(dots + 2));
    if (last < first || last - first >= most_seeds)
      misuse("--seeds " + shown(part) + " is no range of at most 100,000 seeds (write 1..32)");
    for (int seed = first; seed <= last; ++seed) seeds.push_back(seed);
  }
  return seeds;
}

SweepPlan plan_of(const Arguments& arguments)
{
  SweepPlan plan{arguments.operands, {}, seeds_of(arguments.value("--seeds", ""))};
  for (const Override& change : arguments.overrides) {
    plan.axes.push_back({change.path, parts_of(change.value)});
    for (const std::string& value : plan.axes.back().values)
      if (value.empty()) misuse("--set " + shown(change.path) + " has an empty value in its list (write --set " + change.path + "=A,B)");
  }
  return plan;
}

/// Columns that tell the variants apart: the file, where there are several, and every setting with more than one value.
struct Labels {
  std::vector<std::string> files; ///< short names, by operand
  const SweepPlan& plan;

  [[nodiscard]] std::vector<std::string> header() const
  {
    std::vector<std::string> columns;
    if (plan.files.size() > 1) columns.emplace_back("scenario");
    for (const SweepAxis& axis : plan.axes)
      if (axis.values.size() > 1) columns.push_back(axis.path);
    return columns;
  }
  [[nodiscard]] std::vector<std::string> of(const SweepVariant& variant) const
  {
    std::vector<std::string> cells;
    if (plan.files.size() > 1)
      for (std::size_t f = 0; f < plan.files.size(); ++f)
        if (plan.files[f] == variant.file) {
          cells.push_back(files[f]);
          break;
        }
    for (std::size_t a = 0; a < plan.axes.size(); ++a)
      if (plan.axes[a].values.size() > 1) cells.push_back(variant.settings[a].value);
    return cells;
  }
};

using Figures = std::vector<double>;
Figures figures_of(const Spread& spread) { return {spread.least, spread.tenth, spread.median, spread.ninetieth, spread.most, spread.mean}; }
const std::vector<std::string>& figure_names()
{
  static const std::vector<std::string> names{"min", "p10", "median", "p90", "max", "mean"};
  return names;
}

void write_table(std::ostream& out, const SweepResult& result, const Labels& labels)
{
  const bool time = result.figure == SweepFigure::step_time;
  TextTable table{.rows = {labels.header()}, .columns = "", .indent = ""};
  table.columns = std::string(table.rows[0].size(), 'l') + "rrrrrrr";
  table.rows[0].emplace_back("runs");
  table.rows[0].insert(table.rows[0].end(), figure_names().begin(), figure_names().end());
  for (const SweepVariant& variant : result.variants) {
    std::vector<std::string> row = labels.of(variant);
    row.push_back(std::to_string(variant.figures.size()));
    if (variant.problem.empty())
      for (const double figure : figures_of(spread_of(variant.figures)))
        row.push_back(time ? short_text(Seconds(figure)) : short_text(Bandwidth(figure)));
    else
      row.emplace_back("failed");
    table.rows.push_back(std::move(row));
  }
  out << (time ? "step time\n" : "bus bandwidth\n") << to_text(table);
  for (const SweepVariant& variant : result.variants)
    if (!variant.problem.empty()) out << "failed: " << variant.problem << "\n";
}

void write_csv(std::ostream& out, const SweepResult& result, const Labels& labels)
{
  std::string line;
  for (const std::string& column : labels.header()) line += csv_field(column) + ",";
  line += "figure,runs";
  for (const std::string& name : figure_names()) line += "," + name;
  out << line << "\n";
  for (const SweepVariant& variant : result.variants) {
    line.clear();
    for (const std::string& cell : labels.of(variant)) line += csv_field(cell) + ",";
    line += std::string(result.figure == SweepFigure::step_time ? "step_time_s" : "bus_bandwidth_bytes_per_s") + "," +
            std::to_string(variant.figures.size());
    for (std::size_t f = 0; f < figure_names().size(); ++f)
      line += "," + (variant.problem.empty() ? shortest(figures_of(spread_of(variant.figures))[f]) : std::string());
    out << line << "\n";
  }
}

void write_json(std::ostream& out, const SweepResult& result, const SweepPlan& plan)
{
  JsonWriter json;
  json.begin_object().member("figure", result.figure == SweepFigure::step_time ? "step_time_s" : "bus_bandwidth_bytes_per_s");
  json.key("seeds").begin_array();
  for (const int seed : plan.seeds) json.value(static_cast<std::uint64_t>(seed));
  json.end_array().key("variants").begin_array();
  for (const SweepVariant& variant : result.variants) {
    json.begin_object().member("scenario", variant.file).key("set").begin_object();
    for (const Override& setting : variant.settings) json.member(setting.path, setting.value);
    json.end_object();
    if (!variant.problem.empty()) json.member("problem", variant.problem);
    if (variant.problem.empty())
      for (std::size_t f = 0; f < figure_names().size(); ++f) json.member(figure_names()[f], figures_of(spread_of(variant.figures))[f]);
    json.key("figures").begin_array();
    for (const double figure : variant.figures) json.value(figure);
    json.end_array().end_object();
  }
  json.end_array().end_object();
  out << json.text();
}

int run(const Context& context)
{
  const SweepPlan plan = plan_of(context.arguments);
  const SweepResult result = sweep(plan, context.data);
  const Labels labels{short_names(plan.files), plan};
  const std::string format = context.arguments.value("--format", "table");
  if (format == "json")
    write_json(*context.out, result, plan);
  else if (format == "csv")
    write_csv(*context.out, result, labels);
  else
    write_table(*context.out, result, labels);
  for (const SweepVariant& variant : result.variants)
    if (!variant.problem.empty()) {
      if (format != "table") *context.err << variant.problem << "\n";
      return exit_cannot_finish;
    }
  return exit_done;
}

} // namespace

Command sweep_command()
{
  return {.name = "sweep",
          .operands = "FILE ...",
          .least_operands = 1,
          .most_operands = 64,
          .summary = "simulate scenarios under lists of values and seeds, print how step time or bus bandwidth spreads",
          .details = "--set takes a list of values here; several lists are combined. Runs go two at a time.\n\n"
                     "  weft sweep FILE --set platform.routing=ecmp,spray --seeds 1..32\n"
                     "  weft sweep FILE --set plan.tp=1,2,4,8 --set engine.memory=warn\n"
                     "  weft sweep A.yaml B.yaml --set 'platform.routing=ecmp,{kind: ecmp, queue-pairs: 4}' --format csv\n",
          .options = {{"--set", "KEY=A,B,...", "values one setting takes in turn (may be repeated)", {}},
                      {"--seeds", "LIST", "values of engine.seed, such as 1..32 or 1,5,9; without: the scenario's own", {}},
                      {"--format", "FORMAT", "how to print", {"table", "csv", "json"}}},
          .run = run};
}

} // namespace weft
