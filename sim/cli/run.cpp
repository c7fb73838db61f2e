#include "cli/commands.hpp"
#include "cli/dump.hpp"
#include "cli/progress.hpp"
#include "report/report.hpp"
#include "study/walk.hpp"

#include <filesystem>
#include <ostream>

namespace weft {
namespace {

std::vector<std::string> report_names()
{
  std::vector<std::string> names;
  for (const ReportKind* kind : report_kinds()) names.emplace_back(kind->name);
  return names;
}

/// Files and the trace on the terminal show utilisation over time, the other forms only totals.
TimeSeries needed_series(const Arguments& arguments)
{
  return arguments.has("--out") || arguments.value("--format", "table") == "perfetto" ? TimeSeries::keep : TimeSeries::leave_out;
}

void simulate_with_progress(Walk& walk, const Context& context)
{
  ProgressLine line(context.shows_progress && !context.arguments.has("--quiet") ? context.err : nullptr);
  finish(walk, Where::this_process, needed_series(context.arguments), line.callback());
}

/// Without the file there is no interval; with a broken one there is an error.
std::optional<Expectation> expectation_of(const Scenario& scenario, const Results& results, const DataFolder& data)
{
  const std::string file = data.path + "/platforms/validation-residuals.yaml";
  if (!std::filesystem::exists(file)) return std::nullopt;
  return expect(scenario, results.step_time, record_of<Residuals>().read(read_yaml_file(file)));
}

int run(const Context& context)
{
  const Arguments& arguments = context.arguments;
  const std::string folder = arguments.value("--out", "");
  if (arguments.has("--out")) {
    if (folder.empty()) throw ConfigError({"weft run"}, "", "--out needs a folder (write --out DIR)");
    check_folder(folder);
  }
  Scenario scenario = read_scenario(arguments.operands[0], arguments.overrides, context.data);
  if (arguments.has("--dump")) {
    dump(arguments.value("--dump", ""), std::move(scenario), *context.out);
    return exit_done;
  }
  const auto walk = prepare(std::move(scenario));
  simulate_with_progress(*walk, context);
  const Report report{.scenario = &walk->scenario,
                      .fabric = &walk->fabric,
                      .job = &walk->job,
                      .folding = &walk->folding,
                      .trace = &walk->trace,
                      .results = &walk->results,
                      .version = context.version,
                      .bars = context.bars,
                      .expectation = expectation_of(walk->scenario, walk->results, context.data)};
  if (!folder.empty()) write_reports(report, folder);
  const std::string format = arguments.value("--format", "table");
  if (!arguments.has("--quiet")) find_report(format)->render(report, *context.out);
  return exit_done;
}

} // namespace

Command run_command()
{
  return {.name = "run",
          .operands = "FILE",
          .least_operands = 1,
          .most_operands = 1,
          .summary = "simulate one training step of a scenario and say where the time went",
          .details =
              "  weft run scenarios/quickstart.yaml\n"
              "  weft run scenarios/quickstart.yaml --set plan.tp=4 --set plan.pp=32\n"
              "  weft run scenarios/quickstart.yaml --set engine.fold=off          every rank by itself, to check the folding\n"
              "  weft run scenarios/quickstart.yaml --out results                  results.json, tasks.csv, links.csv, memory.csv, trace.json.gz\n"
              "  weft run scenarios/quickstart.yaml --format json | jq .mfu\n"
              "  weft run scenarios/quickstart.yaml --dump spec                    the input with every preset and default spelled out\n",
          .options = {set_option(),
                      {"--out", "DIR", "write results.json, tasks.csv, links.csv, memory.csv and trace.json.gz there", {}},
                      {"--format", "KIND", "what to print, table unless said", report_names()},
                      {"--dump", "STAGE", "print one stage of the walk instead", stage_names()},
                      {"--quiet", "", "print nothing but problems", {}}},
          .run = run};
}

} // namespace weft
