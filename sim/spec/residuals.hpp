// How far published runs lay from their simulations, by kind of run: what error bars are made of. `weft validate --residuals` writes the file.
#pragma once
#include "spec/provenance.hpp"
#include "spec/workload.hpp"

#include <string>
#include <vector>

namespace weft {

/// Published runs of one kind. Quantiles are of published / simulated - 1, so that they are applied to a simulated time.
struct ResidualKind {
  std::string chips;                        ///< line of chips: "a100"
  KernelStyle kernels = KernelStyle::fused;
  int rows = 0;
  int most_accelerators = 0;                ///< of the largest run
  double low = 0, high = 0;                 ///< first and ninth decile
};
template <> const Record<ResidualKind>& record_of<ResidualKind>();

struct Residuals {
  std::string title;
  Provenance provenance;
  std::vector<ResidualKind> kinds;
};
template <> const Record<Residuals>& record_of<Residuals>();

/// Line of a chip: its name up to the first dash.
std::string chip_line(const std::string& chip);

} // namespace weft
