#include "cli/entry.hpp"

#include "cli/commands.hpp"
#include "config/error.hpp"

#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <new>
#include <string>
#include <string_view>

#include <poll.h>
#include <unistd.h>

#ifndef WEFT_VERSION
#error "WEFT_VERSION is the version of the CMake project"
#endif
#ifndef WEFT_SOURCE_DIR
#error "WEFT_SOURCE_DIR is the folder that holds platforms/, workloads/ and scenarios/"
#endif

namespace weft {
namespace {

std::string environment(const char* name)
{
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// Blocks where the terminal's character set has them.
Bars bars_of_terminal()
{
  if (isatty(STDOUT_FILENO) == 0) return Bars::none;
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string value = environment(name);
    if (value.empty()) continue;
    return value.find("UTF-8") != std::string::npos || value.find("utf8") != std::string::npos ? Bars::blocks : Bars::ascii;
  }
  return Bars::ascii;
}

Context context_of_process()
{
  const std::string data = environment("WEFT_DATA");
  Context context;
  context.data = {data.empty() ? WEFT_SOURCE_DIR : data};
  context.version = WEFT_VERSION;
  context.out = &std::cout;
  context.err = &std::cerr;
  context.bars = bars_of_terminal();
  context.shows_progress = isatty(STDERR_FILENO) != 0;
  return context;
}

int complain(int code, const std::string& line)
{
  std::cout.flush(); // what came before the problem, in order
  std::cerr << line << std::endl;
  return code;
}

/// Whether standard output is a pipe that nobody reads any more.
bool reader_has_gone()
{
  pollfd pipe{STDOUT_FILENO, POLLOUT, 0};
  return poll(&pipe, 1, 0) == 1 && (pipe.revents & POLLERR) != 0;
}

/// A reader that has gone (`weft list | head`) is no failure; a full disk is.
int flush(int code)
{
  std::cout.flush();
  if (std::cout.good() || reader_has_gone()) return code;
  return complain(exit_cannot_finish, "standard output cannot be written (is the disk full?)");
}

} // namespace

int weft_main(int argc, const char* const* argv)
{
  std::signal(SIGPIPE, SIG_IGN);
  std::ios::sync_with_stdio(false);
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  try {
    return flush(run_command_line(words, context_of_process()));
  } catch (const ConfigError& error) {
    return complain(exit_bad_input, error.what());
  } catch (const CannotFinish& error) {
    return complain(exit_cannot_finish, error.what());
  } catch (const std::bad_alloc&) {
    return complain(exit_cannot_finish, "out of memory (try engine.fold: auto, engine.fidelity: coupled, or a smaller scenario)");
  } catch (const std::exception& error) {
    return complain(exit_our_fault, std::string("internal error: ") + error.what() + " (please report it with the scenario)");
  }
}

} // namespace weft
