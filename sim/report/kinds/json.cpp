// results.json: every figure of a run, the input it came from with all defaults spelled out, and the version that made it.
// The layout is versioned: `schema` changes when a field changes its meaning or goes away, not when one is added.
#include "metrics/memory.hpp"
#include "metrics/rates.hpp"
#include "report/json.hpp"
#include "report/report.hpp"
#include "report/upkeep.hpp"
#include "spec/reader.hpp"

#include <ostream>

namespace weft {
namespace {

constexpr std::uint64_t schema_version = 1;

void write_shares(JsonWriter& json, const Breakdown& shares)
{
  json.begin_object()
      .member("compute", shares.compute)
      .member("tensor", shares.tensor)
      .member("context", shares.context)
      .member("expert", shares.expert)
      .member("data", shares.data)
      .member("pipeline", shares.pipeline)
      .member("bubble", shares.bubble)
      .member("other", shares.other)
      .end_object();
}

void write_rates(JsonWriter& json, const Results& results)
{
  json.member("step_time_s", results.step_time.base())
      .member("tokens_per_s", results.tokens_per_s)
      .member("tokens_per_s_per_gpu", results.tokens_per_s_per_gpu)
      .member("model_tflops_per_gpu", results.model_tflops_per_gpu)
      .member("hardware_tflops_per_gpu", results.hardware_tflops_per_gpu)
      .member("mfu", results.mfu)
      .member("hfu", results.hfu)
      .member("mfu_definition", utilisation_definition);
  if (results.days) json.member("days", *results.days);
  if (results.gpu_hours) json.member("gpu_hours", *results.gpu_hours);
  if (!results.collective) return;
  json.key("collective")
      .begin_object()
      .member("time_s", results.collective->time.base())
      .member("algorithm_bandwidth_bytes_per_s", results.collective->algorithm.base())
      .member("bus_bandwidth_bytes_per_s", results.collective->bus.base())
      .end_object();
}

void write_memory(JsonWriter& json, const Report& report)
{
  const Results& results = *report.results;
  json.member("memory_peak_bytes", results.memory_peak.base()).member("memory_capacity_bytes", results.memory_capacity.base());
  if (!results.memory.empty()) json.member("memory_peak_in", results.memory[hungriest(results.memory)].moment);
  json.key("memory").begin_array();
  for (std::size_t role = 0; role < results.memory.size(); ++role) {
    const MemoryNeed& need = results.memory[role];
    json.begin_object();
    if (role < report.job->programs.size()) json.member("program", report.job->programs[role].name);
    json.member("total_bytes", need.total().base()).member("allocated_bytes", need.allocated().base());
    for (const MemoryPart& part : memory_parts) json.member(std::string(part.name) + "_bytes", (need.*part.bytes).base());
    json.member("peak_in", need.moment).end_object();
  }
  json.end_array();
}

void write_breakdown(JsonWriter& json, const Report& report)
{
  const Results& results = *report.results;
  json.key("breakdown").begin_object().key("slowest");
  write_shares(json, results.slowest);
  json.key("mean");
  write_shares(json, results.mean);
  json.key("classes").begin_array();
  for (std::size_t c = 0; c < results.by_class.size(); ++c) {
    const RankClass& ranks = report.folding->ranks[c];
    json.begin_object()
        .member("program", report.job->programs[report.folding->scripts[ranks.script].role].name)
        .member("ranks", std::uint64_t{ranks.ranks})
        .member("representative", std::uint64_t{ranks.representative.value})
        .key("shares");
    write_shares(json, results.by_class[c]);
    json.end_object();
  }
  json.end_array().end_object();
}

void write_links(JsonWriter& json, const Results& results)
{
  json.key("links").begin_object();
  for (const LinkReport& link : results.links)
    json.key(link.name)
        .begin_object()
        .member("links", link.links)
        .member("capacity_bytes_per_s", link.capacity.base())
        .member("bytes_total", link.bytes_total.base())
        .member("bytes_busiest", link.bytes_busiest.base())
        .member("mean_utilisation", link.mean_utilisation)
        .member("busiest_utilisation", link.busiest_utilisation)
        .member("peak_utilisation", link.peak_utilisation)
        .end_object();
  json.end_object();
}

void write_parts(JsonWriter& json, const char* name, const std::vector<CriticalPart>& parts)
{
  json.key(name).begin_object();
  for (const CriticalPart& part : parts) json.member(part.category, part.time.base());
  json.end_object();
}

void render(const Report& report, std::ostream& out)
{
  const Results& results = *report.results;
  JsonWriter json;
  json.begin_object().member("schema", schema_version).member("weft_version", report.version);
  json.member("scenario", report.scenario->file).member("title", report.scenario->title);
  write_rates(json, results);
  if (report.expectation)
    json.key("expectation")
        .begin_object()
        .member("step_time_low_s", report.expectation->low.base())
        .member("step_time_high_s", report.expectation->high.base())
        .member("share", 0.8)
        .member("derived", report.expectation->derived)
        .end_object();
  write_memory(json, report);
  write_upkeep(json, results);
  write_breakdown(json, report);
  write_links(json, results);
  json.key("critical_path").begin_object();
  write_parts(json, "categories_s", results.critical_path);
  write_parts(json, "limits_s", results.critical_links);
  json.end_object();
  json.key("fold")
      .begin_object()
      .member("ranks", std::uint64_t{results.ranks})
      .member("rank_classes", std::uint64_t{results.rank_classes})
      .member("flows", std::uint64_t{results.flows})
      .member("flow_classes", std::uint64_t{results.flow_classes})
      .member("links", std::uint64_t{results.links_used})
      .member("link_classes", std::uint64_t{results.link_classes})
      .end_object();
  json.member("events", results.events);
  json.member("settings", write_value(report.scenario->engine));
  json.member("input", resolved(*report.scenario));
  out << json.end_object().text();
}

} // namespace

extern const ReportKind kind_json_report_kinds;
const ReportKind kind_json_report_kinds{"json", "every figure of the run and its resolved input, as JSON", "results.json", render};

} // namespace weft
