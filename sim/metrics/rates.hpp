// Rates people quote: tokens per second, model flops utilisation, bus bandwidth, days for a token budget.
#pragma once
#include "metrics/results.hpp"

namespace weft {

/// What MFU and HFU mean here; printed with them.
/// MFU: Chowdhery et al. 2022 (PaLM, arXiv:2204.02311, appendix B) as Korthikanti et al. 2022 (arXiv:2205.05198, section 6) use it.
constexpr const char* utilisation_definition =
    "MFU (HFU): matrix-product flops of the model, forward and backward, without (with) recomputation, per second and accelerator, "
    "over the dense peak at the run's precision";
/// The same for a terminal.
constexpr const char* utilisation_in_lines =
    "MFU, HFU: flops of the model's matrix products per second and accelerator over the dense peak at the run's precision;\n"
    "MFU without what recomputation repeats, HFU with it.";

/// Fills tokens/s, TFLOP/s, MFU, HFU, days and GPU-hours of a training step that takes results.step_time on results.ranks accelerators.
void add_training_rates(Results& results, const Scenario& scenario);
/// Fills the bandwidths of a bare collective.
void add_collective_rates(Results& results, const CollectiveJob& collective);
/// Bus bandwidth over algorithm bandwidth on n ranks, as nccl-tests, doc/PERFORMANCE.md: all-reduce 2(n-1)/n, reduce-scatter,
/// all-gather and all-to-all (n-1)/n, broadcast and send 1.
double bus_factor(const std::string& operation, double ranks);

} // namespace weft
