#include "cli/arguments.hpp"

#include "config/value.hpp"

#include <algorithm>

namespace weft {
namespace {

[[noreturn]] void misuse(const Command& command, const std::string& problem) { throw ConfigError({"weft " + command.name}, "", problem); }

const OptionInfo& find_option(const Command& command, const std::string& name)
{
  std::vector<std::string> known{"--help"};
  for (const OptionInfo& option : command.options) {
    if (option.name == name) return option;
    known.push_back(option.name);
  }
  misuse(command, "unknown option '" + shown(name) + "'" + suggestion(name, known, "it takes"));
}

Override parse_override(const Command& command, const std::string& text)
{
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    misuse(command, "--set needs key.path=value, got '" + shown(text) + "' (write --set plan.tp=4)");
  if (equals + 1 == text.size())
    misuse(command, "--set " + shown(text.substr(0, equals)) + " has no value (write null for the default, or '' for an empty text)");
  return {text.substr(0, equals), text.substr(equals + 1)};
}

void store(const Command& command, const OptionInfo& option, const std::string& value, Arguments& into)
{
  if (option.name == "--set") {
    into.overrides.push_back(parse_override(command, value));
    return;
  }
  if (into.has(option.name)) misuse(command, option.name + " is given twice");
  if (!option.choices.empty() && std::find(option.choices.begin(), option.choices.end(), value) == option.choices.end())
    misuse(command, option.name + " cannot be '" + shown(value) + "'" + suggestion(value, option.choices, "one of"));
  into.options.emplace(option.name, value);
}

void check_operands(const Command& command, const Arguments& arguments)
{
  const std::size_t given = arguments.operands.size();
  if (given < command.least_operands)
    misuse(command, (given == 0 ? "names nothing to work on" : "needs at least " + std::to_string(command.least_operands) + " files") +
                        " (write weft " + command.name + " " + command.operands + ")");
  if (given > command.most_operands)
    misuse(command, "does not know what to do with '" + shown(arguments.operands[command.most_operands]) + "' (write weft " + command.name +
                        " " + command.operands + ")");
}

} // namespace

Arguments parse(const Command& command, const std::vector<std::string>& words)
{
  Arguments arguments;
  bool options_end = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (options_end || word.size() < 2 || word[0] != '-') {
      arguments.operands.push_back(word);
      continue;
    }
    if (word == "--") {
      options_end = true;
      continue;
    }
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    if (name == "--help" || name == "-h") {
      arguments.help = true;
      return arguments;
    }
    const OptionInfo& option = find_option(command, name);
    const bool attached = equals != std::string::npos;
    if (option.value.empty() && attached) misuse(command, name + " takes no value");
    if (!option.value.empty() && !attached && i + 1 == words.size())
      misuse(command, name + " needs a value (write " + name + " " + option.value + ")");
    const std::string value = option.value.empty() ? "" : attached ? word.substr(equals + 1) : words[++i];
    store(command, option, value, arguments);
  }
  check_operands(command, arguments);
  return arguments;
}

} // namespace weft
