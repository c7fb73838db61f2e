// What a refusal says.
#pragma once
#include "config/error.hpp"

#include <string>

namespace weft {

/// The one-line message of the ConfigError that `action` throws; "not refused" when it throws none.
template <class Action> std::string refusal_of(Action action)
{
  try {
    action();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "not refused";
}

} // namespace weft
