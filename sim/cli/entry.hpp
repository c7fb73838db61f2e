// The door of the program: from argc and argv to an exit code.
#pragma once

namespace weft {

/// Runs `weft`. The one place that catches: prints one line to standard error and returns 0 done, 1 our fault, 2 bad input, 3 cannot
/// finish. Ignores SIGPIPE. Output is flushed; the caller should leave with std::_Exit, because SimGrid's shutdown is not safe after a
/// simulation.
int weft_main(int argc, const char* const* argv);

} // namespace weft
