#include "study/search_state.hpp"

#include "config/error.hpp"
#include "units/hash.hpp"
#include "spec/reader.hpp"
#include "units/text.hpp"

#include <fstream>

namespace weft {
namespace {

/// Names a scenario by everything but its plan, which the search varies.
std::string first_line(const Scenario& scenario)
{
  std::uint64_t hash = 0;
  for (const char letter : to_yaml(resolved(with_plan(scenario, {})))) hash = hash_with(hash, static_cast<unsigned char>(letter));
  return "weft search state 1, scenario " + std::to_string(hash);
}

} // namespace

std::string to_text(const KnownSteps& known, const Scenario& scenario)
{
  std::string text = first_line(scenario) + "\n";
  for (const auto& [plan, step] : known) text += exact_text(step.base()) + " " + plan + "\n";
  return text;
}

KnownSteps read_state(const std::string& file, const Scenario& scenario)
{
  std::ifstream in(file);
  std::string line;
  if (!in || !std::getline(in, line)) throw ConfigError({file}, "", "cannot be read (name the file an earlier search wrote with --state)");
  if (line != first_line(scenario))
    throw ConfigError({file, 1}, "", "belongs to another scenario or is no state of a search (name another file, or remove this one)");
  KnownSteps known;
  for (int number = 2; std::getline(in, line); number++) {
    const std::size_t space = line.find(' ');
    const auto step = space == std::string::npos ? std::nullopt : parse_number(line.substr(0, space));
    if (!step || *step <= 0) throw ConfigError({file, number}, "", "is not a step time and a plan (remove the line)");
    known[line.substr(space + 1)] = Seconds(*step);
  }
  return known;
}

} // namespace weft
