// All commands, and what each may use while it runs.
#pragma once
#include "cli/arguments.hpp"
#include "report/report.hpp"

#include <iosfwd>
#include <string>
#include <vector>

namespace weft {

/// What a command works with.
struct Context {
  Arguments arguments;
  DataFolder data;
  std::string version;
  std::ostream* out = nullptr; ///< standard output
  std::ostream* err = nullptr; ///< standard error
  Bars bars = Bars::none;      ///< how to draw on standard output
  bool shows_progress = false; ///< standard error is a terminal
};

constexpr int exit_done = 0, exit_our_fault = 1, exit_bad_input = 2, exit_cannot_finish = 3;

// One per file: cli/NAME.cpp.
Command run_command();
Command compare_command();
Command sweep_command();
Command check_command();
Command topo_command();
Command list_command();
Command export_command();
Command import_command();
Command validate_command();
Command search_command();
Command fits_command();
Command docs_command();
Command completion_command();

/// Every command in the order of help.
std::vector<Command> all_commands();

/// `--set KEY=VALUE`, which most commands share.
OptionInfo set_option();
/// `--space`, the plans a study looks at.
OptionInfo space_option();

/// Text of `weft --help` and `weft COMMAND --help`.
std::string general_help(const std::vector<Command>& commands, const std::string& version);
std::string command_help(const Command& command);

/// Runs a command line (without the program's name). Throws what the rooms throw.
int run_command_line(const std::vector<std::string>& words, Context context);

} // namespace weft
