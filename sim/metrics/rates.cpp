#include "metrics/rates.hpp"

#include "config/error.hpp"
#include "job/expert_load.hpp"

#include <cmath>

namespace weft {

void add_training_rates(Results& results, const Scenario& scenario)
{
  const Workload& workload = *scenario.workload;
  const double ranks = static_cast<double>(results.ranks);
  const auto peak = scenario.platform.node.chip.peak.find(workload.precision);
  if (peak == scenario.platform.node.chip.peak.end()) throw LogicError("the chip has no peak at the precision of the run");
  const double tokens = static_cast<double>(workload.batch) * workload.sequence;
  results.tokens_per_s = tokens / results.step_time.base();
  results.tokens_per_s_per_gpu = results.tokens_per_s / ranks;

  const double samples_per_gpu = workload.batch / ranks;
  const StepFlops flops = flops_per_sample(scenario);
  const FlopRate model = flops.model * samples_per_gpu / results.step_time, hardware = flops.hardware * samples_per_gpu / results.step_time;
  results.model_tflops_per_gpu = model / FlopRate(1e12);
  results.hardware_tflops_per_gpu = hardware / FlopRate(1e12);
  results.mfu = model / peak->second;
  results.hfu = hardware / peak->second;

  if (workload.token_budget <= 0) return;
  const double hours = workload.token_budget / results.tokens_per_s / 3600;
  results.days = hours / 24;
  results.gpu_hours = hours * ranks;
}

double bus_factor(const std::string& operation, double ranks)
{
  if (operation == "all-reduce") return 2 * (ranks - 1) / ranks;
  if (operation == "broadcast" || operation == "send" || operation == "permutation") return 1;
  return (ranks - 1) / ranks;
}

void add_collective_rates(Results& results, const CollectiveJob& collective)
{
  CollectiveRates rates;
  rates.time = results.step_time / static_cast<double>(collective.repetitions);
  rates.algorithm = collective.bytes / rates.time;
  const double fleet = static_cast<double>(results.ranks), stride = collective.stride;
  const double callers = collective.ranks > 0 ? collective.ranks : std::ceil(fleet / stride);
  rates.bus = rates.algorithm * bus_factor(collective.operation, callers);
  results.collective = rates;
}

} // namespace weft
