#include "study/errors.hpp"

#include "config/error.hpp"

#include <algorithm>
#include <cmath>

namespace weft {

double quantile(std::vector<double> values, double share)
{
  if (values.empty()) throw LogicError("a quantile of nothing");
  std::sort(values.begin(), values.end());
  const double rank = std::ceil(share * static_cast<double>(values.size()) - 1e-9);
  return values[static_cast<std::size_t>(std::clamp(rank, 1.0, static_cast<double>(values.size()))) - 1];
}

ErrorSummary summarise(const std::vector<double>& errors)
{
  ErrorSummary s;
  s.rows = errors.size();
  if (errors.empty()) return s;
  std::vector<double> absolute;
  for (const double error : errors) {
    absolute.push_back(std::abs(error));
    s.mean += std::abs(error);
    s.bias += error;
  }
  s.mean /= static_cast<double>(s.rows);
  s.bias /= static_cast<double>(s.rows);
  s.median = quantile(absolute, 0.5);
  s.p90 = quantile(absolute, 0.9);
  s.worst = *std::max_element(absolute.begin(), absolute.end());
  return s;
}

} // namespace weft
