// What error to expect on a run nobody fitted to: each family of tables is left out in turn, the fitted constants are fitted anew to the
// others, and the one left out is predicted.
//
// One constant per line of chips ("a100", "h100") is fitted to training runs: the share of the matrix peak that products sustain
// (compute.matmul-efficiency, and with it that of fp8). All others come from microbenchmarks or data sheets and stay as they are.
#pragma once
#include "spec/residuals.hpp"
#include "study/validate.hpp"

#include <map>
#include <string>
#include <vector>

namespace weft {

/// Simulated step times of one row with its chip's matrix share multiplied by each factor of `fit_factors`.
struct FittedRow {
  std::string family, chip_line;
  Seconds published;
  std::vector<Seconds> simulated;
};
/// Factors the search interpolates between.
inline const std::vector<double> fit_factors{0.85, 1.0, 1.15};

/// One family left out.
struct LeftOut {
  std::string family;
  ErrorSummary fitted;    ///< with the constants as they stand
  ErrorSummary predicted; ///< with the constants fitted to the other families
  std::map<std::string, double> factors; ///< per line of chips: what the fit multiplies the constant by; lines that no other family uses stay
};

/// Simulates every row with a published step time at every factor, in child processes.
std::vector<FittedRow> simulate_fit(const std::vector<std::string>& files, const DataFolder& data);
/// Fits and predicts. The fit takes the factor from 0.850 to 1.150 in steps of 0.005 with the least mean over families of their mean absolute
/// error, the one nearest to 1 among equals. Pure arithmetic.
std::vector<LeftOut> leave_one_out(const std::vector<FittedRow>& rows);
} // namespace weft
