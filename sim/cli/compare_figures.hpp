// The figures that scenarios are compared by: name, number, text. One list for the table, JSON and CSV.
#pragma once
#include "spec/upkeep.hpp"
#include "study/compare.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace weft {

/// One scenario of a comparison.
struct Compared {
  Entry entry;
  Upkeep upkeep;
};

/// A number that may not be known, or only a part of it.
struct FigureValue {
  std::optional<double> number;
  bool at_least = false; ///< a part of the sum is not known
};

enum class Contrast { ratio, difference };

/// One line of the comparison.
struct Figure {
  std::string key;  ///< in JSON and CSV, with its unit: "step_time_s"
  std::string name; ///< in the table
  std::function<FigureValue(const Compared&)> value;
  std::function<std::string(double)> text;
  Contrast contrast = Contrast::ratio; ///< how it is held against the first scenario
};

std::vector<Figure> training_figures();
std::vector<Figure> collective_figures();
/// Power, price, failures and energy of the machines.
std::vector<Figure> machine_figures();
/// What of it hangs on the prices of cables and on the failure rates of optics: each halved and doubled.
std::vector<Figure> sensitivity_figures();

/// ">= 1.2 MW", "not known".
std::string figure_text(const Figure& figure, const FigureValue& value);
/// "+12.3 %", "-1"; empty where one of the two is not wholly known.
std::string contrast_text(const Figure& figure, const FigureValue& base, const FigureValue& other);

} // namespace weft
