// The answer at a glance, for the terminal.
#include "metrics/memory.hpp"
#include "metrics/rates.hpp"
#include "report/numbers.hpp"
#include "report/report.hpp"
#include "report/text_table.hpp"
#include "report/upkeep.hpp"
#include "units/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <ostream>

namespace weft {
namespace {

constexpr int bar_width = 30;

std::string bar(double share, Bars bars)
{
  if (bars == Bars::none) return "";
  std::string text;
  for (int i = 0; i < static_cast<int>(std::lround(share * bar_width)); ++i) text += bars == Bars::ascii ? "#" : "\u2588";
  return text;
}

std::string heading(const Report& report)
{
  const Scenario& scenario = *report.scenario;
  std::string text = scenario.title.empty() ? scenario.file : scenario.title;
  return text + "\n" + "  " + scenario.file + ", " + grouped(std::uint64_t{report.results->ranks}) + " " +
         scenario.platform.node.chip.name + " in " + grouped(std::uint64_t(scenario.platform.nodes)) + " " + scenario.platform.node.name +
         ", weft " + report.version + "\n";
}

TextTable training_answer(const Report& report)
{
  const Results& results = *report.results;
  TextTable table{.rows = {}, .columns = "lrlr", .indent = "  "};
  table.rows.push_back({"step time", short_text(results.step_time)});
  if (report.expectation)
    table.rows.push_back({"8 of 10 would measure", short_text(report.expectation->low) + " to " + short_text(report.expectation->high)});
  table.rows.push_back(
      {"tokens/s", grouped(results.tokens_per_s), "tokens/s per GPU",
       results.tokens_per_s_per_gpu < 1000 ? fixed(results.tokens_per_s_per_gpu, 1) : grouped(results.tokens_per_s_per_gpu)});
  table.rows.push_back({"model TFLOP/s per GPU", fixed(results.model_tflops_per_gpu, 1), "MFU", percent(results.mfu)});
  table.rows.push_back({"hardware TFLOP/s per GPU", fixed(results.hardware_tflops_per_gpu, 1), "HFU", percent(results.hfu)});
  if (results.days && results.gpu_hours)
    table.rows.push_back({"days for " + fixed(report.scenario->workload->token_budget / 1e9, 0) + "e9 tokens", fixed(*results.days, 1),
                          "GPU-hours", grouped(*results.gpu_hours)});
  return table;
}

TextTable collective_answer(const Results& results)
{
  TextTable table{.rows = {}, .columns = "lr", .indent = "  "};
  table.rows.push_back({"time of one call", short_text(results.collective->time)});
  table.rows.push_back({"algorithm bandwidth", short_text(results.collective->algorithm)});
  table.rows.push_back({"bus bandwidth", short_text(results.collective->bus)});
  return table;
}

std::string shares(const Report& report)
{
  const Results& results = *report.results;
  struct Line {
    const char* name;
    double Breakdown::*share;
    enum { always, where_there_is } shown = always;
  };
  constexpr std::array<Line, 8> lines{{{"compute", &Breakdown::compute},
                                       {"exposed tensor-parallel communication", &Breakdown::tensor},
                                       {"exposed context-parallel communication", &Breakdown::context, Line::where_there_is},
                                       {"exposed expert-parallel communication", &Breakdown::expert, Line::where_there_is},
                                       {"exposed data-parallel communication", &Breakdown::data},
                                       {"exposed pipeline messages", &Breakdown::pipeline},
                                       {"pipeline bubble", &Breakdown::bubble},
                                       {"other", &Breakdown::other}}};
  TextTable table{.rows = {{"where the step went", "slowest", "mean"}}, .columns = "lrrl", .indent = ""};
  for (const Line& line : lines) {
    if (line.shown == Line::where_there_is && results.slowest.*line.share + results.mean.*line.share == 0) continue;
    table.rows.push_back({std::string("  ") + line.name, percent(results.slowest.*line.share), percent(results.mean.*line.share),
                          bar(results.slowest.*line.share, report.bars)});
  }
  return to_text(table);
}

std::string links(const Results& results)
{
  if (results.links.empty()) return "";
  TextTable table{.rows = {{"busiest links", "links", "bytes in all", "on the busiest", "mean use", "busiest", "peak"}},
                  .columns = "lrrrrrr",
                  .indent = ""};
  constexpr std::size_t most = 8;
  for (std::size_t i = 0; i < std::min(most, results.links.size()); ++i) {
    const LinkReport& link = results.links[i];
    table.rows.push_back({"  " + link.name, grouped(link.links), short_text(link.bytes_total), short_text(link.bytes_busiest),
                          percent(link.mean_utilisation), percent(link.busiest_utilisation), percent(link.peak_utilisation)});
  }
  return "\n" + to_text(table);
}

std::string critical_path(const Results& results)
{
  TextTable table{.rows = {{"critical path", "time", "share"}}, .columns = "lrr", .indent = ""};
  const auto add = [&](const std::string& name, Seconds time) {
    table.rows.push_back({name, short_text(time), percent(time / results.step_time)});
  };
  const Seconds least = results.step_time * 1e-9; // less is rounding
  for (const CriticalPart& part : results.critical_path)
    if (part.time > least) add("  " + part.category, part.time);
  for (const CriticalPart& part : results.critical_links)
    if (part.time > least)
      add(part.category == "latency" ? "  of it latency of messages" : "  of it limited by " + part.category, part.time);
  return "\n" + to_text(table);
}

std::string memory(const Report& report)
{
  const Results& results = *report.results;
  if (results.memory_peak <= Bytes(0)) return "";
  const std::size_t role = hungriest(results.memory);
  const MemoryNeed& need = results.memory[role];
  TextTable table{.rows = {{"memory per GPU", short_text(results.memory_peak) + " of " + short_text(results.memory_capacity),
                            percent(results.memory_peak / results.memory_capacity)}},
                  .columns = "lrr",
                  .indent = ""};
  const auto add = [&](const char* name, Bytes bytes) { table.rows.push_back({std::string("  ") + name, short_text(bytes)}); };
  for (const MemoryPart& part : memory_parts)
    if (need.*part.bytes > Bytes(0)) add(part.name, need.*part.bytes);
  std::string text = "\n" + to_text(table);
  if (role < report.job->programs.size())
    text += "  on " + report.job->programs[role].name + ", which needs most" + (need.moment.empty() ? "" : ", in the " + need.moment) + "\n";
  if (results.memory_peak > results.memory_capacity)
    text += "  warning: " + short_text(results.memory_peak - results.memory_capacity) +
            " more than there is; simulated because engine.memory is warn\n";
  return text;
}

std::string folded(const Results& results)
{
  const auto pair = [](std::size_t classes, std::size_t members, const char* name) {
    return grouped(std::uint64_t{classes}) + " stood for " + grouped(std::uint64_t{members}) + " " + name;
  };
  return "classes of equals: " + pair(results.rank_classes, results.ranks, "ranks") + ", " +
         pair(results.flow_classes, results.flows, "flows") + ", " + pair(results.link_classes, results.links_used, "links") + "; " +
         grouped(results.events) + " events\n";
}

void render(const Report& report, std::ostream& out)
{
  const Results& results = *report.results;
  out << heading(report) << "\n" << to_text(results.collective ? collective_answer(results) : training_answer(report));
  if (!results.collective) out << "\n" << shares(report);
  if (report.expectation) out << "interval of the step time: " << report.expectation->derived << "\n\n";
  out << links(results) << critical_path(results) << memory(report) << upkeep_table(results) << "\n";
  if (!results.collective) out << utilisation_in_lines << "\n";
  out << folded(results);
}

} // namespace

extern const ReportKind kind_table_report_kinds;
const ReportKind kind_table_report_kinds{"table", "the answer at a glance, for the terminal", nullptr, render};

} // namespace weft
