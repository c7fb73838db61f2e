#include "study/search.hpp"

#include "cli/commands.hpp"
#include "cli/progress.hpp"
#include "cli/write_file.hpp"
#include "model/decoder.hpp"
#include "report/numbers.hpp"
#include "report/text_table.hpp"
#include "study/search_state.hpp"
#include "units/text.hpp"

#include <filesystem>
#include <ostream>

namespace weft {
namespace {

Scenario training_scenario(const Context& context)
{
  Scenario scenario = read_scenario(context.arguments.operands[0], context.arguments.overrides, context.data);
  if (!scenario.workload) throw ConfigError({scenario.file}, "", "trains nothing (name a scenario with a workload)");
  return scenario;
}

PlanSpace asked_space(const Context& context, const Scenario& scenario)
{
  PlanSpace space = space_of(scenario);
  narrow(space, context.arguments.value("--space", ""));
  const int most = scenario.platform.nodes * scenario.platform.node.accelerators;
  for (const int accelerators : space.accelerators)
    if (accelerators > most)
      throw ConfigError({"weft"}, "--space", "the platform has " + std::to_string(most) + " accelerators, not " + std::to_string(accelerators) +
                                                 " (choose fewer)");
  return space;
}

int positive_number(const Context& context, const char* option, const char* otherwise)
{
  const std::string text = context.arguments.value(option, otherwise);
  const auto number = parse_number(text);
  if (!number || *number < 1 || *number > 100'000 || *number != static_cast<int>(*number))
    throw ConfigError({"weft search"}, "", std::string(option) + " needs a whole number from 1 to 100000, got '" + shown(text) + "'");
  return static_cast<int>(*number);
}

std::vector<std::string> plan_cells(const Plan& plan)
{
  const auto text = [](int number) { return std::to_string(number); };
  return {text(plan.tp),         text(plan.pp), text(plan.dp), text(plan.cp),           text(plan.ep),
          text(plan.microbatch), plan.schedule, text(plan.virtual_stages), name_of(plan.recompute), name_of(plan.zero)};
}
const std::vector<std::string> plan_heads{"tp", "pp", "dp", "cp", "ep", "microbatch", "schedule", "chunks", "recompute", "zero"};
const std::string plan_columns = "rrrrrrlrll";

std::string ranking_text(const SearchResult& result, const Scenario& scenario, Goal goal)
{
  TextTable table{.rows = {{"", "step time", "tokens/s/GPU", "memory"}}, .columns = "rrrr" + plan_columns, .indent = "  "};
  if (goal == Goal::cost) table.rows[0].insert(table.rows[0].begin() + 2, "GPU-hours a step"), table.columns = "r" + table.columns;
  const bool budget = scenario.workload->token_budget > 0;
  if (budget) table.rows[0].insert(table.rows[0].begin() + 2, "days"), table.columns = "r" + table.columns;
  table.rows[0].insert(table.rows[0].end(), plan_heads.begin(), plan_heads.end());
  const double tokens = double(scenario.workload->batch) * scenario.workload->sequence;
  for (std::size_t i = 0; i < result.best.size(); i++) {
    const RankedPlan& ranked = result.best[i];
    const double accelerators = ranked.score(Goal::cost) / ranked.step.base();
    std::vector<std::string> row{std::to_string(i + 1), short_text(ranked.step)};
    if (budget) row.push_back(fixed(scenario.workload->token_budget / tokens * ranked.step.base() / 86'400, 1));
    if (goal == Goal::cost) row.push_back(fixed(ranked.score(Goal::cost) / 3600, 2));
    row.push_back(fixed(tokens / ranked.step.base() / accelerators, 1));
    row.push_back(short_text(ranked.memory));
    const std::vector<std::string> cells = plan_cells(ranked.plan);
    row.insert(row.end(), cells.begin(), cells.end());
    table.rows.push_back(row);
  }
  return to_text(table);
}

std::string counts_text(const SearchResult& result)
{
  const auto number = [](std::size_t count) { return grouped(std::uint64_t{count}); };
  return number(result.plans) + " plans: " + number(result.too_large) + " do not fit in memory, " + number(result.cut_off) +
         " cannot be among the best (their least possible time is above the last one shown), " + number(result.simulated) + " simulated.\n";
}

std::string csv_of(const SearchResult& result)
{
  std::string text = "rank,step_seconds,memory_bytes";
  for (const std::string& head : plan_heads) text += "," + head;
  text += "\n";
  for (std::size_t i = 0; i < result.best.size(); i++) {
    const RankedPlan& ranked = result.best[i];
    text += std::to_string(i + 1) + "," + exact_text(ranked.step.base()) + "," + exact_text(ranked.memory.base());
    for (const std::string& cell : plan_cells(ranked.plan)) text += "," + cell;
    text += "\n";
  }
  return text;
}

int run(const Context& context)
{
  const Arguments& arguments = context.arguments;
  const Scenario scenario = training_scenario(context);
  const std::string state = arguments.value("--state", "");
  SearchSettings settings;
  settings.goal = arguments.value("--by", "time") == "cost" ? Goal::cost : Goal::time;
  settings.top = static_cast<std::size_t>(positive_number(context, "--top", "10"));
  KnownSteps known;
  if (!state.empty() && std::filesystem::exists(state)) known = read_state(state, scenario);
  const std::vector<Plan> plans = plans_in(scenario, asked_space(context, scenario));

  SearchResult result;
  {
    ProgressLine line(context.shows_progress ? context.err : nullptr);
    std::size_t saved = known.size();
    result = search(scenario, plans, settings, std::move(known), [&](double share, const KnownSteps& now) {
      line.show(share);
      if (state.empty() || now.size() == saved) return;
      write_file(state, to_text(now, scenario));
      saved = now.size();
    });
  }
  if (arguments.has("--out")) write_file(arguments.value("--out", ""), csv_of(result));
  *context.out << counts_text(result);
  for (const std::string& failure : result.failures) *context.out << "not simulated: " << failure << "\n";
  if (result.best.empty()) {
    *context.out << "no plan fits (try a wider --space, or weft fits " << scenario.file << ")\n";
    return exit_cannot_finish;
  }
  *context.out << "\n" << ranking_text(result, scenario, settings.goal) << "\nthe first of them again:\n  weft run " << scenario.file;
  for (const Override& change : arguments.overrides) *context.out << " --set " << change.path << "=" << change.value;
  std::string settings_text = " " + settings_of(result.best.front().plan);
  for (std::size_t at = settings_text.find(' '); at != std::string::npos; at = settings_text.find(' ', at + 7))
    settings_text.replace(at, 1, " --set ");
  *context.out << settings_text << "\n";
  return exit_done;
}

} // namespace

OptionInfo space_option()
{
  return {"--space", "KEY=A,B ...", "values to try instead of all: --space 'tp=4,8 recompute=none schedule=1f1b' (keys: accelerators, tp, pp, "
                                    "cp, ep, microbatch, virtual-stages, schedule, recompute, zero)", {}};
}

Command search_command()
{
  return {.name = "search",
          .operands = "FILE",
          .least_operands = 1,
          .most_operands = 1,
          .summary = "find the fastest or cheapest parallel plans of a scenario",
          .details = "Goes through every plan that model, batch and machine allow. Plans that do not fit in memory are left out; the rest are\n"
                     "sorted by the least time their computations and bytes need without any contention, and simulated in that order until\n"
                     "no remaining plan can be among the best. Nothing is lost: the ranking is that of simulating all of them.\n\n"
                     "  weft search scenarios/quickstart.yaml --space 'tp=8 recompute=full microbatch=1'\n"
                     "  weft search FILE --top 5 --state search.txt         stop at any time, go on with the same command\n"
                     "  weft search FILE --by cost --space 'accelerators=256,512,1024'\n",
          .options = {set_option(),
                      space_option(),
                      {"--by", "GOAL", "rank by step time, or by accelerator-hours", {"time", "cost"}},
                      {"--top", "N", "plans to show (10)", {}},
                      {"--state", "FILE", "keep what was simulated in FILE, and take from it what is known", {}},
                      {"--out", "FILE", "also write the ranking as CSV", {}}},
          .run = run};
}

} // namespace weft
