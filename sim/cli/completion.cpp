// Shell completion, written from the same tables that parse the command line.
#include "cli/commands.hpp"

#include <ostream>

namespace weft {
namespace {

std::string names_of(const std::vector<Command>& commands)
{
  std::string names;
  for (const Command& command : commands) names += (names.empty() ? "" : " ") + command.name;
  return names;
}

std::string options_of(const Command& command)
{
  std::string names = "--help";
  for (const OptionInfo& option : command.options) names += " " + option.name;
  return names;
}

std::string bash(const std::vector<Command>& commands)
{
  std::string text = "# bash completion for weft: source <(weft completion bash)\n"
                     "_weft() {\n"
                     "  local word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
                     "  if [ \"$COMP_CWORD\" -eq 1 ]; then COMPREPLY=($(compgen -W \"" +
                     names_of(commands) +
                     " --help --version\" -- \"$word\")); return; fi\n"
                     "  case \"${COMP_WORDS[1]}:$before\" in\n";
  for (const Command& command : commands)
    for (const OptionInfo& option : command.options) {
      if (option.choices.empty()) continue;
      std::string choices;
      for (const std::string& choice : option.choices) choices += (choices.empty() ? "" : " ") + choice;
      text += "    " + command.name + ":" + option.name + ") COMPREPLY=($(compgen -W \"" + choices + "\" -- \"$word\")); return ;;\n";
    }
  text += "  esac\n  case \"${COMP_WORDS[1]}\" in\n";
  for (const Command& command : commands)
    text +=
        "    " + command.name + ") COMPREPLY=($(compgen -W \"" + options_of(command) + "\" -- \"$word\") $(compgen -f -- \"$word\")) ;;\n";
  return text + "  esac\n}\ncomplete -o filenames -F _weft weft\n";
}

int run(const Context& context)
{
  const std::string shell = context.arguments.operands[0];
  if (shell != "bash" && shell != "zsh")
    throw ConfigError({"weft completion"}, "", "knows bash and zsh, not '" + shell + "' (write weft completion bash)");
  if (shell == "zsh")
    *context.out << "# zsh completion for weft: source <(weft completion zsh)\nautoload -U +X bashcompinit && bashcompinit\n";
  *context.out << bash(all_commands());
  return exit_done;
}

} // namespace

Command completion_command()
{
  return {.name = "completion",
          .operands = "bash|zsh",
          .least_operands = 1,
          .most_operands = 1,
          .summary = "print what makes the shell complete commands and options",
          .details = "  source <(weft completion bash)\n",
          .options = {},
          .run = run};
}

} // namespace weft
