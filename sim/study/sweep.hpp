// Sweeps: one scenario under every combination of some settings, each under several seeds, and the spread of its main figure.
#pragma once
#include "spec/reader.hpp"

#include <string>
#include <vector>

namespace weft {

/// A setting and the values it takes.
struct SweepAxis {
  std::string path;
  std::vector<std::string> values;
};
/// What is to be run: files x values of every axis x seeds.
struct SweepPlan {
  std::vector<std::string> files;
  std::vector<SweepAxis> axes;
  std::vector<int> seeds; ///< of engine.seed; empty: the one each scenario has
};

/// What a sweep measures: bus bandwidth (bytes per second) of bare collectives, else step time (seconds).
enum class SweepFigure { step_time, bus_bandwidth };

/// Order statistics of a sample. Quantiles are observed values: the smallest that so large a share of the sample does not exceed.
struct Spread {
  double least = 0, tenth = 0, median = 0, ninetieth = 0, most = 0, mean = 0;
};
/// Throws LogicError for an empty sample.
Spread spread_of(std::vector<double> sample);

/// One combination and its figures.
struct SweepVariant {
  std::string file;
  std::vector<Override> settings;
  std::vector<double> figures; ///< by seed
  std::string problem;         ///< why a run failed, the first one; empty when all went well
};
struct SweepResult {
  SweepFigure figure = SweepFigure::step_time;
  std::vector<SweepVariant> variants; ///< files slowest, the last axis fastest
};

/// Simulates everything, two at a time in child processes. Throws ConfigError when there are more than 100,000 runs, or when bare
/// collectives and training jobs are mixed; what only some combination refuses is that variant's problem.
SweepResult sweep(const SweepPlan& plan, const DataFolder& data);

/// "a,b,c" as [a, b, c]; commas inside brackets, braces and quotes do not part; blanks around a part go.
std::vector<std::string> parts_of(const std::string& list);

} // namespace weft
