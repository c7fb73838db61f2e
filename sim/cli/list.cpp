#include "cli/commands.hpp"
#include "collectives/collective.hpp"
#include "config/value.hpp"
#include "fabric/routing.hpp"
#include "fabric/topology.hpp"
#include "import/format.hpp"
#include "report/numbers.hpp"
#include "report/text_table.hpp"
#include "schedule/schedule.hpp"
#include "spec/export.hpp"
#include "units/text.hpp"

#include <functional>
#include <ostream>

namespace weft {
namespace {

/// One entry: its name, what it is, and where its figures or its method come from.
struct Listed {
  std::string name, about, source;
};

/// A list a user can ask for.
struct Listing {
  std::string name, title;
  std::function<std::vector<Listed>(const DataFolder&)> entries;
};

std::string source_of(const Provenance& provenance) { return provenance.source + " [" + name_of(provenance.confidence) + "]"; }

std::vector<Listed> chips(const DataFolder& data)
{
  std::vector<Listed> list;
  for (const std::string& name : preset_names("platforms/chips", data)) {
    const Chip chip = read_chip(name, data);
    std::string peaks;
    for (const auto& [precision, rate] : chip.peak) peaks += name_of(precision) + " " + short_text(rate) + ", ";
    if (peaks.empty()) peaks = "no matrix unit in floating point, ";
    list.push_back({name,
                    chip.title + ": " + peaks + short_text(chip.memory) +
                        (chip.memory_bandwidth > Bandwidth(0) ? " at " + short_text(chip.memory_bandwidth) : " on the chip") +
                        (chip.no_training.empty() ? "" : "; cannot train"),
                    source_of(chip.provenance)});
  }
  return list;
}

std::vector<Listed> nodes(const DataFolder& data)
{
  std::vector<Listed> list;
  for (const std::string& name : preset_names("platforms/nodes", data)) {
    const NodeModel node = read_node(name, data);
    list.push_back({name,
                    node.title + ": " + std::to_string(node.accelerators) + " x " + node.chip.name + ", " + node.scaleup + ", " +
                        std::to_string(node.adapters.count) + " x " + node.adapters.name,
                    source_of(node.provenance)});
  }
  return list;
}

std::vector<Listed> links(const DataFolder& data)
{
  std::vector<Listed> list;
  for (const std::string& name : preset_names("platforms/links", data)) {
    const LinkMedium link = read_link(name, data);
    list.push_back({name,
                    link.title + ": " + short_text(link.bandwidth) + " each way, " + percent(link.efficiency, 0) + " of it payload, " +
                        short_text(link.latency),
                    source_of(link.provenance)});
  }
  return list;
}

std::vector<Listed> switches(const DataFolder& data)
{
  std::vector<Listed> list;
  for (const std::string& name : preset_names("platforms/switches", data)) {
    const SwitchModel model = read_switch(name, data);
    list.push_back({name,
                    model.title + ": " + std::to_string(model.ports) + " ports of " + short_text(model.port_bandwidth) + ", " +
                        short_text(model.latency),
                    source_of(model.provenance)});
  }
  return list;
}

std::vector<Listed> models(const DataFolder& data)
{
  std::vector<Listed> list;
  for (const std::string& name : preset_names("workloads/models", data)) {
    const ModelShape model = read_model(name, data);
    std::string shape = std::to_string(model.layers) + " layers of " + std::to_string(model.hidden) + ", " + std::to_string(model.heads) +
                        " heads, vocabulary " + std::to_string(model.vocabulary);
    if (model.experts.count > 0)
      shape += ", " + std::to_string(model.experts.count) + " experts with " + std::to_string(model.experts.active) + " per token";
    if (!model.convolutions.empty())
      shape = std::to_string(model.convolutions.size()) + " kinds of convolutions, " + std::to_string(model.vocabulary) + " classes";
    list.push_back({name, model.title + ": " + shape, source_of(model.provenance)});
  }
  return list;
}

std::vector<Listed> clusters(const DataFolder& data)
{
  std::vector<Listed> list;
  for (const std::string& name : preset_names("platforms/clusters", data)) {
    const Platform platform = read_platform(name, {}, data);
    list.push_back({name, platform.title + ": " + std::to_string(platform.nodes) + " x " + platform.node.name + ", " + platform.fabric.kind,
                    source_of(platform.provenance)});
  }
  return list;
}

std::vector<Listed> libraries(const DataFolder& data)
{
  std::vector<Listed> list;
  for (const std::string& name : preset_names("platforms/libraries", data)) {
    const CollectiveLibrary library = read_library(name, data);
    std::string protocols;
    for (const CollectiveLibrary::Protocol& one : library.protocols) protocols += (protocols.empty() ? "" : ", ") + one.name;
    list.push_back(
        {name, library.title + ": " + protocols + (library.in_switch ? ", reduces in the switch" : ""), source_of(library.provenance)});
  }
  return list;
}

std::vector<Listed> jobs(const DataFolder& data)
{
  std::vector<Listed> list;
  for (const std::string& name : preset_names("workloads/jobs", data)) {
    const Workload job = read_workload(name, data);
    list.push_back({name,
                    job.title + ": " + job.model.name + ", sequences of " + std::to_string(job.sequence) + ", batch " +
                        std::to_string(job.batch) + ", " + name_of(job.precision),
                    source_of(job.provenance)});
  }
  return list;
}

std::vector<Listed> rules(const DataFolder& data)
{
  std::vector<Listed> list;
  for (const ExportRule& rule : read_export_rules(data)) {
    std::string tiers;
    for (const ExportTier& tier : rule.tiers) tiers += (tiers.empty() ? "" : ", ") + tier.name;
    list.push_back({rule.name, rule.title + ": " + tiers + "; from " + rule.from + (rule.until.empty() ? "" : " until " + rule.until),
                    source_of(rule.provenance)});
  }
  return list;
}

template <class Kind> std::vector<Listed> kinds(const std::vector<const Kind*>& all)
{
  std::vector<Listed> list;
  for (const Kind* kind : all) list.push_back({kind->name, kind->summary, kind->source});
  return list;
}

std::vector<Listed> reports()
{
  std::vector<Listed> list;
  for (const ReportKind* kind : report_kinds())
    list.push_back({kind->name, kind->summary, kind->file == nullptr ? "to the terminal" : std::string("--out writes ") + kind->file});
  return list;
}

std::vector<Listing> listings()
{
  return {{"chips", "accelerators (node.chip)", chips},
          {"nodes", "servers (platform.node)", nodes},
          {"links", "cables and ports", links},
          {"switches", "switches (fabric.switch)", switches},
          {"clusters", "whole machines (platform)", clusters},
          {"libraries", "collective libraries (platform.library)", libraries},
          {"models", "network shapes (workload.model)", models},
          {"jobs", "training jobs (workload)", jobs},
          {"rules", "export rules (weft export)", rules},
          {"scaleup", "ways to wire a node (node.scaleup)", [](const DataFolder&) { return kinds(scaleup_kinds()); }},
          {"topologies", "ways to join nodes (fabric.kind)", [](const DataFolder&) { return kinds(topology_kinds()); }},
          {"routings", "path choice (platform.routing)", [](const DataFolder&) { return kinds(routing_kinds()); }},
          {"collectives", "collective algorithms (engine.collectives)", [](const DataFolder&) { return kinds(collective_kinds()); }},
          {"schedules", "pipeline schedules (plan.schedule)", [](const DataFolder&) { return kinds(schedule_kinds()); }},
          {"imports", "files of other programs (import)", [](const DataFolder&) { return kinds(import_formats()); }},
          {"reports", "outputs (run --format)", [](const DataFolder&) { return reports(); }}};
}

std::string text_of(const Listing& listing, const DataFolder& data)
{
  std::string text = listing.name + ": " + listing.title + "\n";
  std::size_t width = 0;
  const std::vector<Listed> entries = listing.entries(data);
  for (const Listed& entry : entries) width = std::max(width, display_width(entry.name));
  const std::string margin(width + 4, ' ');
  for (const Listed& entry : entries)
    text += "  " + entry.name + std::string(width - display_width(entry.name) + 2, ' ') + entry.about + "\n" +
            (entry.source.empty() ? "" : margin + entry.source + "\n");
  return text;
}

int run(const Context& context)
{
  const std::vector<Listing> all = listings();
  const std::string wanted = context.arguments.operands.empty() ? "" : context.arguments.operands[0];
  std::vector<std::string> names;
  bool first = true;
  for (const Listing& listing : all) {
    names.push_back(listing.name);
    if (!wanted.empty() && wanted != listing.name) continue;
    *context.out << (first ? "" : "\n") << text_of(listing, context.data);
    first = false;
  }
  if (first) throw ConfigError({"weft list"}, "", "there is no list of '" + shown(wanted) + "'" + suggestion(wanted, names, "one of"));
  return exit_done;
}

} // namespace

Command list_command()
{
  return {.name = "list",
          .operands = "[WHAT]",
          .least_operands = 0,
          .most_operands = 1,
          .summary = "print the presets and kinds there are, with their sources",
          .details = "WHAT is one of chips, nodes, links, switches, clusters, libraries, models, jobs, rules, scaleup, "
                     "topologies, routings, collectives, schedules, imports, reports.\n"
                     "After each source stands how far its figures can be trusted: verified, high, medium, unsure, estimate.\n\n"
                     "  weft list chips\n",
          .options = {},
          .run = run};
}

} // namespace weft
