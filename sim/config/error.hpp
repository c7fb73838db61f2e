// The two kinds of error in the house: what a user wrote (ConfigError) and a broken contract of ours (LogicError).
#pragma once
#include <stdexcept>
#include <string>

namespace weft {

/// Where in which file a value was written. line and column count from 1; 0 when unknown.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
};

/// Something a user wrote cannot be used. Shown as one line: `file:line:col: key: problem`.
class ConfigError : public std::runtime_error {
public:
  ConfigError(Place where, std::string key_path, const std::string& problem_text);
  Place place;
  std::string key;     ///< dotted path of the key, empty for the whole file
  std::string problem; ///< what is wrong and, in parentheses, what to do
};

/// The input is fine but the run cannot be completed, e.g. the job does not fit in memory (exit code 3).
class CannotFinish : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// A contract of our own code is broken (exit code 1).
class LogicError : public std::logic_error {
public:
  using std::logic_error::logic_error;
};

} // namespace weft
