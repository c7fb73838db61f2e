#include "metrics/breakdown.hpp"
#include "metrics/critical_path.hpp"
#include "metrics/links.hpp"
#include "metrics/memory.hpp"
#include "metrics/rates.hpp"
#include "metrics/results.hpp"

namespace weft {

Results measure(const Scenario& scenario, const Fabric& fabric, const Job& job, const Folding& folding, const Trace& trace)
{
  Results results;
  results.step_time = trace.end;
  results.ranks = job.ranks.size();
  results.rank_classes = folding.ranks.size();
  results.flows = folding.total_flows;
  results.flow_classes = folding.traffic.flows.size();
  results.links_used = folding.total_links;
  results.link_classes = folding.links.size();
  results.events = trace.events;

  for (std::size_t c = 0; c < folding.ranks.size(); ++c) results.by_class.push_back(breakdown_of(folding, trace, c));
  results.mean = mean_breakdown(folding, results.by_class);
  results.slowest_class = slowest_class(results.by_class);
  if (!results.by_class.empty()) results.slowest = results.by_class[results.slowest_class];

  results.links = link_reports(fabric, folding, trace);
  CriticalPath path = critical_path(fabric, folding, trace);
  results.critical_path = std::move(path.categories);
  results.critical_links = std::move(path.links);

  results.memory = memory_needs(scenario);
  if (!results.memory.empty()) results.memory_peak = results.memory[hungriest(results.memory)].total();
  results.memory_capacity = scenario.platform.node.chip.memory;

  results.bill = bill_of(scenario.platform, fabric);
  results.machine = machine_upkeep(results.bill, scenario.upkeep);
  results.run = run_upkeep(results.machine, scenario, results.ranks, results.step_time);

  if (scenario.workload) add_training_rates(results, scenario);
  if (scenario.collective) add_collective_rates(results, *scenario.collective);
  return results;
}

} // namespace weft
