#include "study/plan_space.hpp"

#include "cli/commands.hpp"
#include "job/build.hpp"
#include "metrics/memory.hpp"
#include "report/numbers.hpp"
#include "report/text_table.hpp"
#include "units/text.hpp"

#include <algorithm>
#include <ostream>

namespace weft {
namespace {

/// One plan and what its hungriest stage needs.
struct Fit {
  Plan plan;
  MemoryNeed need;
  std::size_t stage = 0;
};

Fit fit_of(const Scenario& scenario, const Plan& plan)
{
  const std::vector<MemoryNeed> needs = memory_needs(with_plan(scenario, plan));
  const std::size_t stage = hungriest(needs);
  return {plan, needs[stage], stage};
}

std::vector<std::string> need_cells(const MemoryNeed& need)
{
  std::vector<std::string> cells{short_text(need.total())};
  for (const MemoryPart& part : memory_parts) cells.push_back(short_text(need.*part.bytes));
  return cells;
}

std::vector<std::string> need_titles()
{
  std::vector<std::string> titles{"peak"};
  for (const MemoryPart& part : memory_parts) titles.emplace_back(part.name);
  return titles;
}

/// The scenario's own plan, stage by stage where stages differ.
std::string own_plan_text(const Scenario& scenario)
{
  const std::vector<MemoryNeed> needs = memory_needs(scenario);
  TextTable table{.rows = {need_titles()}, .columns = "lrrrrrrrrl", .indent = "  "};
  table.rows[0].insert(table.rows[0].begin(), "stage");
  table.rows[0].emplace_back("where");
  for (std::size_t stage = 0; stage < needs.size(); stage++) {
    std::size_t last = stage;
    while (last + 1 < needs.size() && needs[last + 1].total() == needs[stage].total()) last++;
    std::vector<std::string> row = need_cells(needs[stage]);
    row.insert(row.begin(), last > stage ? std::to_string(stage) + " to " + std::to_string(last) : std::to_string(stage));
    row.push_back(needs[stage].moment);
    table.rows.push_back(row);
    stage = last;
  }
  const Bytes most = needs[hungriest(needs)].total(), has = scenario.platform.node.chip.memory;
  return "the scenario's own plan " + std::string(most <= has ? "fits" : "does not fit") + ": " + short_text(most) + " of the " + short_text(has) +
         " of " + scenario.platform.node.chip.name + "\n" + to_text(table);
}

/// Less model parallelism first, then what leaves more memory free.
bool simpler(const Fit& a, const Fit& b)
{
  const auto cut = [](const Plan& p) { return double(p.tp) * p.cp * p.pp; };
  if (cut(a.plan) != cut(b.plan)) return cut(a.plan) < cut(b.plan);
  return a.need.total() < b.need.total();
}

int run(const Context& context)
{
  const Scenario scenario = read_scenario(context.arguments.operands[0], context.arguments.overrides, context.data);
  if (!scenario.workload) throw ConfigError({scenario.file}, "", "trains nothing (name a scenario with a workload)");
  PlanSpace space = space_of(scenario);
  narrow(space, context.arguments.value("--space", ""));
  const std::vector<Plan> plans = plans_in(scenario, space);
  std::vector<Fit> fits;
  for (const Plan& plan : plans)
    if (const Fit fit = fit_of(scenario, plan); fit.need.total() <= scenario.platform.node.chip.memory) fits.push_back(fit);
  std::stable_sort(fits.begin(), fits.end(), simpler);

  *context.out << own_plan_text(scenario)
               << "  counted: tensors at the peak, " << percent(scenario.workload->execution.fragmentation)
               << " of the allocator's memory for what comes and goes lost to fragmentation (workload.fragmentation), driver context and "
                  "communicators\n\n"
               << grouped(std::uint64_t{fits.size()}) << " of " << grouped(std::uint64_t{plans.size()})
               << " plans fit; those with the least model parallelism first:\n";
  TextTable table{.rows = {need_titles()}, .columns = "rrrrrrrrrl", .indent = "  "};
  table.rows[0].insert(table.rows[0].end(), {"stage", "plan"});
  constexpr std::size_t shown_at_most = 40;
  const bool all = context.arguments.has("--all");
  for (std::size_t i = 0; i < fits.size() && (all || i < shown_at_most); i++) {
    std::vector<std::string> row = need_cells(fits[i].need);
    row.push_back(std::to_string(fits[i].stage));
    row.push_back(settings_of(fits[i].plan));
    table.rows.push_back(row);
  }
  *context.out << to_text(table);
  if (!all && fits.size() > shown_at_most) *context.out << "  and " << grouped(std::uint64_t{fits.size() - shown_at_most}) << " more (--all)\n";
  return fits.empty() ? exit_cannot_finish : exit_done;
}

} // namespace

Command fits_command()
{
  return {.name = "fits",
          .operands = "FILE",
          .least_operands = 1,
          .most_operands = 1,
          .summary = "say which parallel plans fit in the accelerators' memory, and what takes it",
          .details = "  weft fits scenarios/quickstart.yaml\n"
                     "  weft fits FILE --space 'pp=1,2,4 recompute=none'      only these\n",
          .options = {set_option(), space_option(), {"--all", "", "show all of them, not the first 40", {}}},
          .run = run};
}

} // namespace weft
