#include "cli/commands.hpp"
#include "fabric/routing.hpp"
#include "fabric/topology.hpp"
#include "import/format.hpp"
#include "schedule/schedule.hpp"
#include "spec/format_docs.hpp"

#include <ostream>

namespace weft {
namespace {

template <class Kind> void add(std::vector<KindSettings>& all, const char* where, const std::vector<const Kind*>& kinds)
{
  for (const Kind* kind : kinds) {
    std::vector<FieldDoc> fields;
    if constexpr (requires { kind->settings; })
      if (kind->settings) fields = kind->settings();
    all.push_back({where, kind->name, kind->summary, kind->source == nullptr ? "" : kind->source, std::move(fields)});
  }
}

/// The kinds whose own keys or words a user may write.
std::vector<KindSettings> all_kinds()
{
  std::vector<KindSettings> all;
  add(all, "scaleup", scaleup_kinds());
  add(all, "fabric", topology_kinds());
  add(all, "routing", routing_kinds());
  add(all, "schedule", schedule_kinds());
  add(all, "import", import_formats());
  return all;
}

int run(const Context& context)
{
  const std::string wanted = context.arguments.operands[0];
  if (wanted == "formats")
    *context.out << format_reference(all_kinds());
  else if (wanted == "schema")
    *context.out << scenario_schema(all_kinds());
  else
    throw ConfigError({"weft docs"}, "", "knows formats and schema, not '" + shown(wanted) + "' (write weft docs formats)");
  return exit_done;
}

} // namespace

Command docs_command()
{
  return {.name = "docs",
          .operands = "formats|schema",
          .least_operands = 1,
          .most_operands = 1,
          .summary = "print the reference of all YAML keys, or a JSON Schema for editors",
          .details = "  weft docs formats > docs/formats.md\n"
                     "  weft docs schema > docs/scenario.schema.json\n",
          .options = {},
          .run = run};
}

} // namespace weft
