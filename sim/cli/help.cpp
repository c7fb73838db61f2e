#include "cli/commands.hpp"
#include "config/value.hpp"
#include "report/text_table.hpp"

#include <algorithm>
#include <ostream>

namespace weft {

OptionInfo set_option() { return {"--set", "KEY=VALUE", "change one value of the scenario: --set plan.tp=4 (may be repeated)", {}}; }

std::vector<Command> all_commands()
{
  return {run_command(),
          compare_command(),
          sweep_command(),
          search_command(),
          fits_command(),
          check_command(),
          topo_command(),
          list_command(),
          import_command(),
          export_command(),
          validate_command(),
          docs_command(),
          completion_command()};
}

std::string general_help(const std::vector<Command>& commands, const std::string& version)
{
  std::string text = "weft " + version +
                     ": simulates the training of a model on a cluster of accelerators and says where the time goes\n"
                     "\n"
                     "A scenario (a YAML file) names a platform, a workload and a parallel plan. Start with one that comes along:\n"
                     "\n"
                     "  weft run scenarios/quickstart.yaml                     simulate one step, print the answer\n"
                     "  weft run scenarios/quickstart.yaml --set plan.tp=4     the same with one value changed\n"
                     "  weft run scenarios/quickstart.yaml --out results       also write JSON, CSV and a trace for ui.perfetto.dev\n"
                     "  weft compare A.yaml B.yaml                             side by side, and what makes the difference\n"
                     "  weft search scenarios/quickstart.yaml                  find the fastest plan for this model on this machine\n"
                     "  weft check scenarios/quickstart.yaml                   say in words what would be simulated\n"
                     "\n"
                     "commands:\n";
  TextTable table;
  for (const Command& command : commands)
    table.rows.push_back({command.name + (command.operands.empty() ? "" : " " + command.operands), command.summary});
  text += to_text(table);
  return text + "\n"
                "weft COMMAND --help explains one command. weft --version prints the version.\n"
                "Exit codes: 0 done, 1 a fault of weft, 2 the input is wrong, 3 the run cannot be finished (does not fit in memory, say).\n"
                "WEFT_DATA names the folder that holds platforms/, workloads/ and scenarios/ when they are not where weft was built.\n";
}

std::string command_help(const Command& command)
{
  std::string text = "weft " + command.name + (command.operands.empty() ? "" : " " + command.operands) +
                     (command.options.empty() ? "" : " [options]") + "\n  " + command.summary + "\n";
  if (!command.details.empty()) text += "\n" + command.details;
  if (command.options.empty()) return text;
  TextTable table;
  for (const OptionInfo& option : command.options) {
    std::string choices;
    for (const std::string& choice : option.choices) choices += (choices.empty() ? " (" : ", ") + choice;
    table.rows.push_back(
        {option.name + (option.value.empty() ? "" : " " + option.value), option.help + choices + (choices.empty() ? "" : ")")});
  }
  return text + "\noptions:\n" + to_text(table);
}

int run_command_line(const std::vector<std::string>& words, Context context)
{
  const std::vector<Command> commands = all_commands();
  const std::string first = words.empty() ? "--help" : words.front();
  if (first == "--version" || first == "version") {
    *context.out << "weft " << context.version << "\n";
    return exit_done;
  }
  const bool asks_for_help = first == "--help" || first == "-h" || first == "help";
  if (asks_for_help && words.size() < 2) {
    *context.out << general_help(commands, context.version);
    return words.empty() ? exit_bad_input : exit_done;
  }
  const std::string name = asks_for_help ? words[1] : first;
  const auto command = std::find_if(commands.begin(), commands.end(), [&](const Command& c) { return c.name == name; });
  if (command == commands.end()) {
    std::vector<std::string> known;
    for (const Command& c : commands) known.push_back(c.name);
    const bool is_file = name.find('.') != std::string::npos || name.find('/') != std::string::npos;
    throw ConfigError({"weft"}, "",
                      std::string("unknown ") + (name[0] == '-' ? "option" : "command") + " '" + shown(name) + "'" +
                          (is_file ? " (write weft run FILE)" : suggestion(name, known, "commands")));
  }
  if (!asks_for_help) context.arguments = parse(*command, {words.begin() + 1, words.end()});
  if (asks_for_help || context.arguments.help) {
    *context.out << command_help(*command);
    return exit_done;
  }
  return command->run(context);
}

} // namespace weft
