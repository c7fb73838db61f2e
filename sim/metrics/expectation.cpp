#include "metrics/expectation.hpp"

#include <algorithm>

namespace weft {
namespace {

ResidualKind widest(const std::vector<ResidualKind>& kinds)
{
  ResidualKind all = kinds.front();
  for (const ResidualKind& kind : kinds) {
    all.low = std::min(all.low, kind.low);
    all.high = std::max(all.high, kind.high);
  }
  all.rows = 0;
  all.most_accelerators = 0;
  for (const ResidualKind& kind : kinds) {
    all.rows += kind.rows;
    all.most_accelerators = std::max(all.most_accelerators, kind.most_accelerators);
  }
  return all;
}

} // namespace

std::optional<Expectation> expect(const Scenario& scenario, Seconds step, const Residuals& residuals)
{
  if (!scenario.workload) return std::nullopt;
  const Workload& workload = *scenario.workload;
  const std::string line = chip_line(scenario.platform.node.chip.name), style = name_of(workload.execution.kernels);
  std::vector<ResidualKind> same, of_chip;
  constexpr int fewest = 10; // rows from which deciles say something
  std::vector<ResidualKind> all;
  for (const ResidualKind& kind : residuals.kinds) {
    if (kind.rows < fewest) continue;
    all.push_back(kind);
    if (kind.chips != line) continue;
    of_chip.push_back(kind);
    if (kind.kernels == workload.execution.kernels) same.push_back(kind);
  }
  if (all.empty()) return std::nullopt;
  const ResidualKind kind = widest(!same.empty() ? same : !of_chip.empty() ? of_chip : all);
  Expectation result;
  result.derived = std::to_string(kind.rows) + " published runs on " + (of_chip.empty() ? "other chips" : line) +
                   (same.empty() ? ", all kernel styles" : ", " + style + " kernels");
  double widening = 1;
  const auto widen = [&](const std::string& why) {
    widening *= 1.5;
    result.derived += "; widened by half: " + why;
  };
  if (of_chip.empty()) widen("no published run on " + line);
  if (workload.model.experts.count > 0) widen("no published run of a mixture of experts");
  const double accelerators = static_cast<double>(scenario.platform.nodes) * scenario.platform.node.accelerators;
  if (accelerators > 4.0 * kind.most_accelerators) widen("no published run of a quarter of this size");
  const double centre = (kind.low + kind.high) / 2, half = (kind.high - kind.low) / 2 * widening;
  result.low = step * std::max(0.0, 1 + centre - half);
  result.high = step * (1 + centre + half);
  return result;
}

} // namespace weft
