#include "chip/export_class.hpp"
#include "cli/commands.hpp"
#include "report/numbers.hpp"
#include "report/text_table.hpp"

#include <ostream>

namespace weft {
namespace {

std::string figures_text(const ExportChip& chip, const ExportFigures& figures)
{
  TextTable table;
  table.columns = "lrl";
  table.rows = {{"total processing performance", grouped(figures.tpp), figures.tpp_how},
                {"performance density", figures.density ? fixed(*figures.density, 2) : "?", figures.density_how},
                {"I/O bandwidth, both ways", std::string(figures.io_is_whole ? "" : ">= ") + short_text(figures.io), figures.io_how},
                {"memory bandwidth", figures.memory_bandwidth > Bandwidth(0) ? short_text(figures.memory_bandwidth) : "none", ""},
                {"memory stack, GB/s per mm2", figures.stack_density ? fixed(*figures.stack_density, 2) : "?", figures.stack_how},
                {"market", name_of(figures.market), ""}};
  const Provenance& from = chip.facts.provenance;
  if (!from.source.empty()) table.rows.push_back({"die, formats and I/O", name_of(from.confidence), from.source});
  return to_text(table);
}

std::string class_text(const ExportClass& found)
{
  switch (found.finding) {
  case Finding::caught:
    return found.tier;
  case Finding::free:
    return "none";
  case Finding::unknown:
    return "not known";
  }
  throw LogicError("a finding without a word");
}

bool in_force(const ExportRule& rule, const std::string& date) { return rule.from <= date && (rule.until.empty() || date < rule.until); }

int run(const Context& context)
{
  const Arguments& arguments = context.arguments;
  const std::string date = arguments.value("--on", "");
  if (arguments.has("--on") && !is_date(date))
    throw ConfigError({"weft export"}, "--on", "expected a date such as 2023-10-17, got '" + shown(date) + "'");
  const std::vector<ExportRule> rules = read_export_rules(context.data);
  const ExportChip chip = read_export_chip(arguments.operands[0], arguments.overrides, context.data);
  const ExportFigures figures = export_figures(chip);
  TextTable table;
  table.rows.push_back({"rule", "from", "until", "class", "why"});
  std::string effects;
  for (const ExportRule& rule : rules) {
    if (!date.empty() && !in_force(rule, date)) continue;
    const ExportClass found = export_class(figures, rule);
    table.rows.push_back({rule.name, rule.from, rule.until.empty() ? "-" : rule.until, class_text(found), found.why});
    if (found.finding == Finding::caught)
      effects += "  " + rule.name + ": " + rule.title + " [" + name_of(rule.provenance.confidence) + "]\n    " + found.effect + "\n";
  }
  *context.out << (chip.chip.title.empty() ? chip.chip.name : chip.chip.title) << "\n" << figures_text(chip, figures) << "\n";
  if (table.rows.size() == 1)
    *context.out << "no rule was in force on " << date << "\n";
  else
    *context.out << to_text(table) << (effects.empty() ? "" : "\n") << effects;
  *context.out << "\nEvery chip is rated as if it were exported to China. A modelling aid, not legal advice.\n";
  return exit_done;
}

} // namespace

Command export_command()
{
  return {.name = "export",
          .operands = "CHIP",
          .least_operands = 1,
          .most_operands = 1,
          .summary = "say where a chip stands under each export rule, with the arithmetic",
          .details = "CHIP is a name from `weft list chips` or a file; `weft list rules` names the rules and their sources.\n\n"
                     "  weft export a800-sxm4-80\n"
                     "  weft export h100-sxm5 --on 2023-01-01\n"
                     "  weft export h100-sxm5 --set constrain.scaleup='400 GB/s' --set constrain.peak=0.3\n",
          .options = {{"--set", "KEY=VALUE", "change one value of the chip: --set scaleup-links=8 (may be repeated)", {}},
                      {"--on", "DATE", "only the rules in force on that day, such as 2023-10-17", {}}},
          .run = run};
}

} // namespace weft
