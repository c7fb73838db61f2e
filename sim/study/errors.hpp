// Errors of simulated against published figures, summed up.
#pragma once
#include <cstddef>
#include <vector>

namespace weft {

/// Errors of one figure over some rows, as fractions: mean, ninth decile and largest of their absolute values, median of them, and the mean
/// with its sign.
struct ErrorSummary {
  std::size_t rows = 0;
  double mean = 0, median = 0, p90 = 0, worst = 0, bias = 0;
};
/// Sums up signed errors. A quantile is the smallest error that at least that share of rows does not exceed.
ErrorSummary summarise(const std::vector<double>& errors);
/// The smallest of `values` that at least `share` of them do not exceed. Throws LogicError when there are none.
double quantile(std::vector<double> values, double share);

} // namespace weft
