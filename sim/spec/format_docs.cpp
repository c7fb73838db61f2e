#include "spec/format_docs.hpp"

#include "spec/export.hpp"
#include "spec/forms.hpp"

namespace weft {
namespace {

/// A section of the reference: one kind of file or one part of a scenario.
struct Section {
  std::string title, where, doc;
  std::vector<FieldDoc> fields;
};

template <class T> Section section(std::string title, std::string where)
{
  return {std::move(title), std::move(where), record_of<T>().doc(), record_of<T>().docs()};
}

std::string cell(const std::string& text)
{
  std::string result;
  for (const char c : text) {
    if (c == '|') result += '\\';
    result += c;
  }
  return result;
}

std::string joined(const std::vector<std::string>& words, const std::string& between)
{
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

std::string type_text(const FieldDoc& field)
{
  if (!field.preset.empty()) return (field.nested.empty() ? "name of a preset in `" : "preset of `") + field.preset + "/`";
  if (!field.choices.empty()) return joined(field.choices, ", ") + (field.type == type_name<Recomputation>() ? "; or a list" : "");
  std::string text = field.type;
  if (!field.keys.empty()) text += " by " + joined(field.keys, ", ");
  if (!field.unit.empty()) text += ", in " + field.unit;
  return text;
}

void add_rows(const std::vector<FieldDoc>& fields, const std::string& prefix, std::string& into)
{
  for (const FieldDoc& field : fields) {
    const std::string missing = field.required                                        ? "**required**"
                                : field.default_text.empty() || !field.nested.empty() ? ""
                                                                                      : "`" + field.default_text + "`";
    into += "| `" + prefix + field.key + "` | " + cell(type_text(field)) + " | " + cell(missing) + " | " + cell(field.doc) + " |\n";
    const bool elsewhere = !field.preset.empty() || field.open; // described in a section of its own
    const std::string inside = prefix + field.key + (field.type.starts_with("list of") ? "[]." : ".");
    if (!elsewhere) add_rows(field.nested, inside, into);
  }
}

std::string rendered(const Section& part)
{
  return "## " + part.title + "\n\n" + part.where + part.doc + "\n\n" + format_table(part.fields) + "\n";
}

/// The parts of a scenario have sections of their own; its table only names them.
Section scenario_section()
{
  Section scenario = section<ScenarioForm>("Scenario", "`scenarios/NAME.yaml`. ");
  scenario.fields = scenario_docs();
  for (FieldDoc& field : scenario.fields) {
    if (field.nested.empty() || !field.preset.empty()) continue;
    field.nested.clear();
    field.default_text.clear();
    field.doc += "; see below";
  }
  return scenario;
}

constexpr const char* introduction = R"(# Formats

Every file is YAML: one mapping, read strictly. An unknown key, a missing unit, a duplicate key or a value out of bounds is refused
with file, line and column. This page is written from the tables that read the files.

- **Quantities** are a number and a unit: `80 GB`, `400 Gbps`, `1.5 us`. `G` is 10^9, `Gi` is 2^30, `b` is a bit, `B` a byte; case matters.
- **Counts and fractions** are bare numbers. `key: null` asks for the default.
- **Presets**: where a preset of a folder is expected, write its name (`chip: a100-80gb` is `platforms/chips/a100-80gb.yaml`), a path
  ending in `.yaml` relative to the file it is written in, or a mapping. A mapping may start from a preset with `base: NAME` and change
  any of its keys; mappings within it merge key by key, anything else replaces. A mapping over a name starts from that name:
  `platform: {base: selene, node: {chip: {memory: 40 GB}}}` keeps the chip of selene's node and changes its memory.
- **Kinds**: `scaleup:` and `fabric:` choose a topology, `routing:` a way of choosing ways, by `kind`, and hold that kind's own keys. Choosing another kind over a preset
  drops the former kind's own keys and keeps the common ones.
- **Overrides**: `--set key.path=value` changes one value of the scenario before presets are looked up: `--set plan.tp=4`,
  `--set platform.node.chip.memory='40 GB'`, `--set faults.stragglers[0].slowdown=2`.
- **Limits**: 16 MiB per file, 1 MiB per line, 64 levels, 2 million values after aliases; tags and merge keys are refused.

Units by type:

)";

std::string unit_table()
{
  std::string text = "| type | units |\n|---|---|\n";
  for (const char* kind : {"size", "operations", "time", "bandwidth", "rate", "power", "energy", "price", "length"})
    text += std::string("| ") + kind + " | " + joined(unit_names(kind), ", ") + " |\n";
  return text + "\n";
}

std::string kind_section(const KindSettings& kind)
{
  std::string text = "### `" + kind.where + "`: " + kind.kind + "\n\n" + kind.summary + (kind.summary.ends_with('.') ? "" : ".");
  if (!kind.source.empty()) text += " Source: " + kind.source + (kind.source.ends_with('.') ? "" : ".");
  text += "\n\n";
  return text + (kind.fields.empty() ? "No settings of its own.\n\n" : format_table(kind.fields) + "\n");
}

} // namespace

std::string format_table(const std::vector<FieldDoc>& fields)
{
  std::string text = "| key | type | default | meaning |\n|---|---|---|---|\n";
  add_rows(fields, "", text);
  return text;
}

std::string format_reference(const std::vector<KindSettings>& kinds)
{
  std::string text = introduction + unit_table();
  text += rendered(scenario_section());
  text += rendered(section<Plan>("Plan", "`plan:` of a scenario. "));
  text += rendered(section<Faults>("Faults", "`faults:` of a scenario. "));
  text += rendered(section<EngineSettings>("Engine", "`engine:` of a scenario. "));
  text += rendered(section<CollectiveJob>("Collective", "`collective:` of a scenario. "));
  Section platforms = section<PlatformForm>("Platforms", "`platforms/clusters/NAME.yaml` and `platform:` of a scenario. ");
  platforms.fields = platform_docs();
  text += rendered(platforms);
  text += rendered(section<FabricForm>("Fabrics", "`fabric:` of a platform. "));
  text += rendered(section<NodeForm>("Nodes", "`platforms/nodes/NAME.yaml`. "));
  Section chips = section<Chip>("Chips", "`platforms/chips/NAME.yaml`. ");
  chips.fields = chip_docs();
  text += rendered(chips);
  text += rendered(section<LinkMedium>("Links", "`platforms/links/NAME.yaml`. "));
  text += rendered(section<SwitchModel>("Switches", "`platforms/switches/NAME.yaml`. "));
  text += rendered(section<CollectiveLibrary>("Libraries", "`platforms/libraries/NAME.yaml`. "));
  text += rendered(section<ExportRule>("Export rules", "`platforms/export/NAME.yaml`, read by `weft export`. "));
  text += rendered(section<WorkloadForm>("Workloads", "`workloads/jobs/NAME.yaml` and `workload:` of a scenario. "));
  text += rendered(section<ModelShape>("Models", "`workloads/models/NAME.yaml`. "));
  if (!kinds.empty()) text += "## Kinds\n\n";
  for (const KindSettings& kind : kinds) text += kind_section(kind);
  text.erase(text.find_last_not_of('\n') + 1);
  return text + "\n";
}

} // namespace weft
