#include "study/validate.hpp"

#include "cli/commands.hpp"
#include "cli/validation_text.hpp"

#include <ostream>

namespace weft {
namespace {

int run(const Context& context)
{
  const Arguments& arguments = context.arguments;
  const std::vector<std::string> files = table_files(context.data, arguments.operands.empty() ? "" : arguments.operands[0]);
  if (files.empty())
    throw ConfigError({context.data.path}, "", "holds no tables in scenarios/validation/tables (set WEFT_DATA to the folder that does)");
  if (arguments.has("--leave-one-out")) {
    *context.out << left_out_text(leave_one_out(simulate_fit(files, context.data)));
    return exit_done;
  }
  std::vector<ValidatedTable> tables;
  BandErrors all;
  bool failed = false;
  for (const std::string& file : files) {
    tables.push_back(validate(file, arguments.overrides, context.data));
    const ValidatedTable& table = tables.back();
    if (!arguments.has("--summary") && !arguments.has("--residuals")) *context.out << table_text(table, files.size() == 1) << "\n" << std::flush;
    for (const std::string& failure : table.failures)
      if (arguments.has("--summary") || arguments.has("--residuals")) *context.err << table.published.title << ": " << failure << "\n";
    failed = failed || !table.failures.empty();
    add(all, table);
  }
  if (files.size() > 1 && !arguments.has("--summary") && !arguments.has("--residuals")) *context.out << bands_text(all) << "\n";
  *context.out << (arguments.has("--residuals") ? residuals_text(tables) : summary_text(tables));
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
                     "  weft validate collectives\n"
                     "  weft validate --summary          the closing summary alone\n"
                     "  weft validate --leave-one-out    the error to expect on a run that nothing was fitted to\n",
          .options = {set_option(),
                      {"--summary", "", "print the closing summary alone", {}},
                      {"--residuals", "", "print what platforms/validation-residuals.yaml holds, from which runs take their intervals", {}},
                      {"--leave-one-out", "",
                       "leave out each family of tables in turn, fit the fitted constants to the others and predict it", {}}},
          .run = run};
}

} // namespace weft
