// What a run tells: times, rates, shares, links, memory, critical path. Plain data, filled by measure(), read by reports and studies.
#pragma once
#include "engine/trace.hpp"
#include "fabric/fabric.hpp"
#include "fold/folding.hpp"
#include "job/build.hpp"
#include "metrics/bill.hpp"
#include "metrics/upkeep.hpp"
#include "spec/scenario.hpp"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace weft {

/// Shares of the step of one accelerator; they add up to 1.
struct Breakdown {
  double compute = 0;
  double tensor = 0, context = 0, expert = 0, data = 0, pipeline = 0; ///< exposed: no computation ran beside it
  double bubble = 0;                         ///< waiting for another stage's result
  double other = 0;
};
/// Time of the step of one accelerator in which it was busy with something of its own.
constexpr double busy_share(const Breakdown& b) { return b.compute + b.tensor + b.context + b.expert + b.data + b.pipeline; }

/// A medium class of the fabric, e.g. "nvlink3 up".
struct LinkReport {
  std::string name;
  Bandwidth capacity;             ///< payload, of the busiest link
  std::uint64_t links = 0;        ///< that carry traffic
  Bytes bytes_total;              ///< over all links of the class
  Bytes bytes_busiest;            ///< on the busiest link
  double mean_utilisation = 0;    ///< of capacity over the step, mean over the links that carry traffic
  double busiest_utilisation = 0; ///< of the busiest link, mean over the step
  double peak_utilisation = 0;    ///< highest at any time on any link
};
/// One part of the critical path.
struct CriticalPart {
  std::string category; ///< category_names; among critical_links: a medium class, or "latency"
  Seconds time;
};
/// What nccl-tests would print for a bare collective.
struct CollectiveRates {
  Seconds time;        ///< of one call
  Bandwidth algorithm; ///< payload / time
  Bandwidth bus;       ///< algorithm x the factor of the operation (nccl-tests, doc/PERFORMANCE.md)
};
/// Everything `results.json` holds.
struct Results {
  Seconds step_time;
  double tokens_per_s = 0, tokens_per_s_per_gpu = 0;
  double model_tflops_per_gpu = 0, hardware_tflops_per_gpu = 0;
  double mfu = 0, hfu = 0;         ///< model / hardware flops over dense matrix peak at the run's precision
  Breakdown slowest, mean;         ///< slowest: the rank class with the least bubble and waiting (longest busy); mean: over all ranks
  std::size_t slowest_class = 0;   ///< index into by_class
  std::vector<Breakdown> by_class; ///< per rank class
  std::vector<LinkReport> links;
  std::vector<CriticalPart> critical_path;  ///< by category, adds up to step_time
  std::vector<CriticalPart> critical_links; ///< its communication by what limited it, adds up to the communication on the path
  std::vector<MemoryNeed> memory;           ///< per role
  Bytes memory_peak, memory_capacity;
  std::optional<double> days, gpu_hours;     ///< for the token budget
  std::optional<CollectiveRates> collective; ///< of a bare collective; the rates of training are zero then
  Bill bill;                                 ///< of the whole platform
  MachineUpkeep machine;
  RunUpkeep run;
  std::size_t ranks = 0, rank_classes = 0, flows = 0, flow_classes = 0, links_used = 0, link_classes = 0;
  std::uint64_t events = 0;
};

/// Pure arithmetic on constants.
Results measure(const Scenario& scenario, const Fabric& fabric, const Job& job, const Folding& folding, const Trace& trace);

} // namespace weft
