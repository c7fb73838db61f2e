// A small hand-made report: one training scenario, the two-stage step of the metrics tests, figures easy to recognise.
#pragma once
#include "../metrics/two_stages.hpp"
#include "report/report.hpp"

#include <memory>
#include <sstream>

namespace weft::test {

struct SmallReport {
  std::unique_ptr<TwoStages> step = two_stages();
  Scenario scenario;
  Results results;
  Report report;

  SmallReport()
  {
    scenario.file = "small.yaml";
    scenario.title = "A \"small\" step";
    scenario.platform.nodes = 2;
    scenario.platform.node.name = "toy-node";
    scenario.platform.node.chip.name = "toy-chip";
    scenario.workload = Workload{};
    scenario.workload->token_budget = 300e9;
    results.step_time = Seconds(10);
    results.tokens_per_s = 173512.4;
    results.tokens_per_s_per_gpu = 169.44;
    results.model_tflops_per_gpu = 140.3;
    results.hardware_tflops_per_gpu = 187.1;
    results.mfu = 0.4497;
    results.hfu = 0.5997;
    results.days = 20.01;
    results.gpu_hours = 491773.6;
    results.slowest = {.compute = 0.5, .tensor = 0.2, .data = 0.1, .pipeline = 0.05, .bubble = 0.1, .other = 0.05};
    results.mean = {.compute = 0.25, .tensor = 0.25, .data = 0.25, .pipeline = 0.05, .bubble = 0.15, .other = 0.05};
    results.by_class = {results.slowest, results.mean};
    results.links = {{.name = "nvlink",
                      .capacity = Bandwidth(100),
                      .links = 6,
                      .bytes_total = Bytes(1800),
                      .bytes_busiest = Bytes(300),
                      .mean_utilisation = 0.3,
                      .busiest_utilisation = 0.3,
                      .peak_utilisation = 1}};
    results.critical_path = {{"compute", Seconds(7)}, {"tensor", Seconds(3)}, {"data", Seconds(0)}};
    results.critical_links = {{"nvlink", Seconds(2.5)}, {"latency", Seconds(0.5)}};
    results.memory = {{.weights = Bytes(1024), .gradients = Bytes(0), .optimizer = Bytes(0), .activations = Bytes(0), .buffers = Bytes(0)}};
    results.memory_peak = Bytes(1024);
    results.memory_capacity = Bytes(4096);
    results.ranks = 1024, results.rank_classes = 16, results.flows = 5000, results.flow_classes = 40, results.links_used = 3000,
    results.link_classes = 12, results.events = 12345;
    report = Report{.scenario = &scenario,
                    .fabric = &step->fabric,
                    .job = &step->job,
                    .folding = &step->folding,
                    .trace = &step->trace,
                    .results = &results,
                    .version = "0.1.0",
                    .bars = Bars::none};
  }
  SmallReport(const SmallReport&) = delete;
  SmallReport& operator=(const SmallReport&) = delete;

  [[nodiscard]] std::string rendered(const std::string& kind) const
  {
    std::ostringstream out;
    find_report(kind)->render(report, out);
    return out.str();
  }
};

} // namespace weft::test
