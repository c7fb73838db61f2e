// Runs functions in child processes, a few at a time: SimGrid allows one simulation per process, and a crash stays in the child.
#pragma once
#include <functional>
#include <string>
#include <vector>

namespace weft {

/// What a child handed back.
struct ChildAnswer {
  bool failed = false;
  std::string text; ///< what the function returned, or why it failed, on one line
};

/// Runs every function in a child of its own, at most `at_a_time` at once; answers in the order of the functions.
/// An exception in a child becomes its answer. Throws std::system_error when no process or pipe can be had.
std::vector<ChildAnswer> run_in_children(const std::vector<std::function<std::string()>>& functions, std::size_t at_a_time);

} // namespace weft
