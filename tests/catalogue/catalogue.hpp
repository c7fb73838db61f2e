// The shipped presets, and small runs on them. Nothing here names one: what is in the folders is what is tested.
#pragma once
#include "refusals/run_weft.hpp"
#include "spec/reader.hpp"
#include "study/walk.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

namespace weft::test {

inline DataFolder shipped() { return {WEFT_SOURCE_DIR}; }

/// The text as a scenario over the shipped presets.
inline Scenario scenario_of(const std::string& yaml)
{
  const Scratch scratch;
  const std::string file = (scratch.path() / "scenario.yaml").string();
  std::ofstream(file) << yaml << "\n";
  return read_scenario(file, {}, shipped());
}

/// Runs it in a process of its own; a time above zero is the least that is expected.
inline Results results_of(const std::string& yaml)
{
  CAPTURE(yaml);
  Results results;
  REQUIRE_NOTHROW(results = run_isolated(scenario_of(yaml)));
  CHECK(std::isfinite(results.step_time.base()));
  CHECK(results.step_time > Seconds(0));
  return results;
}

/// What it is refused with; "" when it is not.
inline std::string refused_with(const std::string& yaml)
{
  try {
    prepare(scenario_of(yaml));
  } catch (const ConfigError& error) {
    return error.problem;
  }
  return "";
}

/// All ranks of the platform add up 1 MiB; what comes before is the platform.
inline std::string all_reduce(const std::string& platform)
{
  return "platform: " + platform + "\ncollective: {operation: all-reduce, bytes: 1 MiB}";
}

/// The precision a step on that chip runs in: the first of bf16, fp16 it has.
inline std::string training_precision(const Chip& chip) { return chip.peak.contains(Precision::bf16) ? "bf16" : "fp16"; }

/// One step of a toy model, a replica on each of `ranks` accelerators.
inline std::string small_step(const std::string& platform, int ranks, const Chip& chip)
{
  return "platform: " + platform + "\nworkload: {model: gpt-tiny, sequence: 128, batch: " + std::to_string(ranks) +
         ", precision: " + training_precision(chip) + "}\nplan: {dp: " + std::to_string(ranks) + "}";
}

} // namespace weft::test
