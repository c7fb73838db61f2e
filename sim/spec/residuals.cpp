#include "spec/residuals.hpp"

namespace weft {

template <> const Record<ResidualKind>& record_of<ResidualKind>()
{
  static const Record<ResidualKind> record =
      Record<ResidualKind>("kind", "published runs of one kind against their simulations")
          .required("chips", &ResidualKind::chips, "line of chips: the chip's name up to the first dash")
          .required("kernels", &ResidualKind::kernels, "how the framework runs kernels")
          .required("rows", &ResidualKind::rows, "published runs", in_range(1, 1'000'000))
          .required("most-accelerators", &ResidualKind::most_accelerators, "of the largest run", in_range(1, 100'000'000))
          .required("low", &ResidualKind::low, "first decile of published / simulated - 1", in_range(-1.0, 10.0))
          .required("high", &ResidualKind::high, "ninth decile", in_range(-1.0, 10.0));
  return record;
}

template <> const Record<Residuals>& record_of<Residuals>()
{
  static const Record<Residuals> record = Record<Residuals>("residuals", "published against simulated step times by kind of run")
                                              .optional("title", &Residuals::title, "what they are")
                                              .inlined(&Residuals::provenance)
                                              .required("kinds", &Residuals::kinds, "the kinds");
  return record;
}

std::string chip_line(const std::string& chip) { return chip.substr(0, chip.find('-')); }

} // namespace weft
