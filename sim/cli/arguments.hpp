// What was typed after `weft`: a command, its files and options. Every command describes its options in a table; help, parsing and
// shell completion read the same table.
#pragma once
#include "spec/reader.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weft {

/// An option a command understands.
struct OptionInfo {
  std::string name;  ///< "--out"
  std::string value; ///< name of its value in help, "DIR"; empty: takes none
  std::string help;
  std::vector<std::string> choices; ///< the only values allowed; empty: any
};

struct Context;

/// One `weft COMMAND`.
struct Command {
  std::string name;
  std::string operands; ///< "FILE", "A.yaml B.yaml ..."
  std::size_t least_operands = 0, most_operands = 0;
  std::string summary;                          ///< one line
  std::string details;                          ///< paragraphs and examples for `weft COMMAND --help`
  std::vector<OptionInfo> options;              ///< besides --help
  int (*run)(const Context& context) = nullptr; ///< returns the exit code
};

/// A parsed command line.
struct Arguments {
  std::vector<std::string> operands;
  std::vector<Override> overrides;            ///< --set, in order
  std::map<std::string, std::string> options; ///< by name; flags have an empty value
  bool help = false;

  [[nodiscard]] bool has(const std::string& option) const { return options.count(option) > 0; }
  [[nodiscard]] std::string value(const std::string& option, const std::string& otherwise) const
  {
    const auto found = options.find(option);
    return found == options.end() ? otherwise : found->second;
  }
};

/// Parses what follows the command's name. Throws ConfigError: unknown option (with the nearest), missing or forbidden value,
/// too few or too many operands.
Arguments parse(const Command& command, const std::vector<std::string>& words);

} // namespace weft
