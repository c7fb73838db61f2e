// Reading what export rules are about, and working `constrain:` into a chip.
#include "spec/export.hpp"

#include "config/record.hpp"
#include "spec/preset.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace weft {
namespace {

/// The mapping of one of the chip's notes with nothing beside it, for its record to read.
Node notes_of(const Node& chip)
{
  Node notes = chip;
  std::erase_if(notes.entries, [](const auto& entry) { return entry.first != "constrain" && entry.first != "export"; });
  return notes;
}

void cap_links(Node& chip, Bandwidth cap, const Node& where, const DataFolder& data)
{
  const Node* name = chip.find("scaleup-link");
  Node* count = chip.find("scaleup-links");
  if (!name || name->kind != Node::Kind::scalar || name->text.empty() || !count)
    refuse(where, "the chip has no scale-up links to cap (leave it out)");
  LinkMedium link;
  read_value(expand(*name, link_shape(), data), link);
  int links = 0;
  read_value(*count, links);
  const Bandwidth both_ways = link.bandwidth * 2;
  const double whole = std::floor(cap / both_ways * (1 + 1e-12));
  if (whole < 1) refuse(where, "less than one link of " + name->text + " (" + short_text(both_ways) + " both ways)");
  if (whole < links) count->text = std::to_string(static_cast<int>(whole));
}

void scale_peaks(Node& chip, double share)
{
  Node* peaks = chip.find("peak");
  if (!peaks || peaks->kind != Node::Kind::mapping) return; // refused when the chip is read
  for (auto& [precision, value] : peaks->entries) {
    if (value.kind == Node::Kind::null) continue;
    FlopRate rate;
    read_value(value, rate);
    value.text = exact_text(rate * share);
  }
}

void cap_memory(Node& chip, Bandwidth cap)
{
  Node* value = chip.find("memory-bandwidth");
  if (!value) return; // refused when the chip is read
  Bandwidth bandwidth;
  read_value(*value, bandwidth);
  if (bandwidth > cap) value->text = exact_text(cap);
}

} // namespace

ChipNotes take_notes(Node& chip, const DataFolder& data)
{
  ChipNotes notes;
  if (chip.find("constrain") || chip.find("export")) notes = record_of<ChipNotes>().read(notes_of(chip));
  if (notes.constrain) {
    const Node& where = *chip.find("constrain");
    if (notes.constrain->scaleup) cap_links(chip, *notes.constrain->scaleup, *where.find("scaleup"), data);
    if (notes.constrain->peak < 1) scale_peaks(chip, notes.constrain->peak);
    if (notes.constrain->memory_bandwidth) cap_memory(chip, *notes.constrain->memory_bandwidth);
    if (notes.export_facts)
      for (auto& [format, rate] : notes.export_facts->other_peaks) rate = rate * notes.constrain->peak;
  }
  std::erase_if(chip.entries, [](const auto& entry) { return entry.first == "constrain" || entry.first == "export"; });
  return notes;
}

std::vector<FieldDoc> chip_docs()
{
  std::vector<FieldDoc> docs = record_of<Chip>().docs();
  for (const FieldDoc& field : record_of<ChipNotes>().docs()) docs.push_back(field);
  return docs;
}

ExportChip read_export_chip(const std::string& name_or_file, const std::vector<Override>& overrides, const DataFolder& data)
{
  Node written = scalar_node(name_or_file);
  for (const Override& change : overrides) apply_override(written, chip_shape(), change);
  Node tree = expand_with_notes(written, chip_shape(), data);
  ExportChip result;
  result.facts = take_notes(tree, data).export_facts.value_or(ExportFacts{});
  read_value(tree, result.chip);
  if (!result.chip.scaleup_link.empty()) read_value(expand(*tree.find("scaleup-link"), link_shape(), data), result.scaleup);
  return result;
}

std::vector<ExportRule> read_export_rules(const DataFolder& data)
{
  const std::string folder = "platforms/export";
  std::vector<ExportRule> rules;
  for (const std::string& name : preset_names(folder, data)) {
    rules.push_back(record_of<ExportRule>().read(read_yaml_file((std::filesystem::path(data.path) / folder / (name + ".yaml")).string())));
    if (rules.back().name.empty()) rules.back().name = name;
  }
  std::stable_sort(rules.begin(), rules.end(), [](const ExportRule& a, const ExportRule& b) { return a.from < b.from; });
  return rules;
}

} // namespace weft
