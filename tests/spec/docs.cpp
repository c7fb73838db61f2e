#include "spec/format_docs.hpp"

#include "spec/data.hpp"
#include "spec/forms.hpp"

#include <set>

using namespace weft;

namespace {

/// Two invented kinds of fabric that share a key.
std::vector<KindSettings> kinds()
{
  const FieldDoc tiers{"tiers", "count", "", "2", "switch levels", false};
  const FieldDoc only{"rails", "count", "", "", "rails per node", true};
  return {{"fabric", "tree", "A folded Clos", "Al-Fares et al. 2008", {tiers}},
          {"fabric", "rails", "One switch per rail", "", {tiers, only}},
          {"scaleup", "ring", "A ring", "", {}}};
}

} // namespace

TEST_CASE("the reference has a row for every key of every record")
{
  const std::string text = format_reference(kinds());
  const auto check = [&](const std::vector<FieldDoc>& fields) {
    for (const FieldDoc& field : fields) {
      CHECK_MESSAGE(text.find("| `" + field.key + "` | ") != std::string::npos, field.key);
      CHECK_MESSAGE(text.find(field.doc) != std::string::npos, field.key);
      CHECK_MESSAGE(!field.doc.empty(), field.key);
    }
  };
  check(record_of<Chip>().docs());
  check(record_of<LinkMedium>().docs());
  check(record_of<SwitchModel>().docs());
  check(record_of<NodeForm>().docs());
  check(record_of<FabricForm>().docs());
  check(record_of<PlatformForm>().docs());
  check(record_of<CollectiveLibrary>().docs());
  check(record_of<ModelShape>().docs());
  check(record_of<WorkloadForm>().docs());
  check(record_of<Plan>().docs());
  check(record_of<Faults>().docs());
  check(record_of<EngineSettings>().docs());
  check(record_of<CollectiveJob>().docs());
  CHECK(text.find("| `compute.kernel-overhead` | time, in us | `3 us` |") != std::string::npos);
  CHECK(text.find("| `protocols[].name` | text | **required** |") != std::string::npos);
  CHECK(text.find("| `chip` | preset of `platforms/chips/` | **required** |") != std::string::npos);
  CHECK(text.find("### `fabric`: tree\n\nA folded Clos. Source: Al-Fares et al. 2008.\n\n| key |") != std::string::npos);
  CHECK(text.find("No settings of its own.") != std::string::npos);
}

TEST_CASE("the schema is one JSON value that names every key of a scenario")
{
  const std::string schema = scenario_schema(kinds());
  const Node tree = read_yaml_text(schema, "schema.json"); // JSON is YAML, and duplicate keys are refused
  CHECK(tree.find("$schema")->text == "https://json-schema.org/draft/2020-12/schema");
  CHECK(tree.find("additionalProperties")->text == "false");
  CHECK(tree.find("required")->items.size() == 1);
  CHECK(tree.find("required")->items.at(0).text == "platform");
  for (const FieldDoc& field : record_of<ScenarioForm>().docs()) CHECK_MESSAGE(tree.find("properties")->find(field.key), field.key);
  for (const char* name : {"clusters", "nodes", "chips", "links", "switches", "libraries", "jobs", "models"})
    CHECK_MESSAGE(tree.find("$defs")->find(name), name);
  const Node& chip = *tree.find("$defs")->find("chips")->find("properties");
  CHECK(chip.find("base"));
  CHECK(chip.find("memory")->find("pattern"));
  CHECK(chip.find("peak")->find("propertyNames")->find("enum")->items.size() == 5);
  const Node& fabric = tree.find("$defs")->find("clusters")->find("properties")->find("fabric")->find("anyOf")->items.at(1);
  CHECK(fabric.find("properties")->find("kind")->find("enum")->items.size() == 2);
  CHECK(fabric.find("properties")->find("rails"));
  CHECK(fabric.find("additionalProperties")->text == "false");
}

TEST_CASE("no record describes a key twice")
{
  const auto check = [](const std::vector<FieldDoc>& fields) {
    std::set<std::string> keys;
    for (const FieldDoc& field : fields) CHECK_MESSAGE(keys.insert(field.key).second, field.key);
  };
  check(record_of<Chip>().docs());
  check(record_of<NodeForm>().docs());
  check(record_of<PlatformForm>().docs());
  check(record_of<WorkloadForm>().docs());
  check(record_of<CollectiveLibrary>().docs());
}
