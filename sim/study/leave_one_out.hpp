// What error to expect on a run nobody fitted to: each family of tables is left out in turn, the fitted constants are fitted anew to the
// others, and the one left out is predicted.
//
// Per line of chips ("a100", "h100") the share of the matrix peak that products sustain is fitted to training runs (compute.matmul-efficiency,
// and with it that of fp8), and where it is below 1 what streaming kernels sustain (compute.streaming-share). All others come from
// microbenchmarks or data sheets and stay as they are.
#pragma once
#include "spec/residuals.hpp"
#include "study/validate.hpp"

#include <array>
#include <map>
#include <string>
#include <vector>

namespace weft {

/// What the two fitted constants of a chip are multiplied by.
struct FitFactors {
  double products = 1, streams = 1;
  bool operator==(const FitFactors&) const = default;
};
/// Factors of either constant that the search interpolates between.
inline constexpr std::array<double, 3> fit_grid{0.8, 1.0, 1.25};

/// Simulated step times of one row, by factors of products and then of streams.
struct FittedRow {
  std::string family, chip_line;
  Seconds published;
  std::array<std::array<Seconds, 3>, 3> simulated{};
  bool fits_streams = false; ///< its chip has a fitted share of streaming
};

/// One family left out.
struct LeftOut {
  std::string family;
  ErrorSummary fitted;    ///< with the constants as they stand
  ErrorSummary predicted; ///< with the constants fitted to the other families
  std::map<std::string, FitFactors> factors; ///< per line of chips; lines that no other family uses stay
};

/// Simulates every row with a published step time at every pair of factors, in child processes.
std::vector<FittedRow> simulate_fit(const std::vector<std::string>& files, const DataFolder& data);
/// Fits and predicts. The fit takes the factors from 0.80 to 1.25 in steps of 0.01 (streams 0.05) with the least mean over families of their
/// mean absolute error, those nearest to 1 among equals. Pure arithmetic.
std::vector<LeftOut> leave_one_out(const std::vector<FittedRow>& rows);
} // namespace weft
