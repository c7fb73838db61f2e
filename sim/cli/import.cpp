#include "cli/commands.hpp"
#include "cli/write_file.hpp"
#include "import/format.hpp"

#include <ostream>

namespace weft {
namespace {

/// The value an `import` key would have for what was typed.
Node request_of(const Arguments& arguments)
{
  Node request = mapping_node();
  request.place.file = "weft import";
  const auto put = [&](const char* key, const std::string& value) {
    Node text = scalar_node(value);
    text.place.file = request.place.file;
    text.key = key;
    request.entries.emplace_back(key, std::move(text));
  };
  put("file", arguments.operands[0]);
  if (arguments.has("--format")) put("format", arguments.value("--format", ""));
  if (arguments.has("--accelerators")) put("accelerators", arguments.value("--accelerators", ""));
  if (arguments.has("--ignore-unknown")) put("unknown", "ignore");
  for (const Override& setting : arguments.overrides) set_path(request, setting.path, setting.value, "--set");
  return request;
}

std::string place_in_words(const Place& place) { return place.file + (place.line > 0 ? ":" + std::to_string(place.line) : ""); }

/// A comment may not end before its text does.
std::string on_one_comment_line(std::string text)
{
  for (char& c : text)
    if (c == '\n' || c == '\r') c = ' ';
  return text;
}

int run(const Context& context)
{
  const Arguments& arguments = context.arguments;
  const Node request = request_of(arguments);
  const ImportFormat& format = format_of(request);
  Imported imported = import_foreign(request, format.subject);
  const bool is_network = format.subject == ImportSubject::network;
  std::string text = on_one_comment_line("# From " + arguments.operands[0] + ", read as " + format.name + ".") + "\n";
  for (const ImportNote& note : imported.notes) text += on_one_comment_line("# " + place_in_words(note.place) + ": " + note.text) + "\n";
  if (arguments.has("--platform")) {
    Node name = scalar_node(arguments.value("--platform", ""));
    if (is_network) (void)read_platform(name.text, {}, context.data); // refuses an unknown one
    imported.tree.entries.insert(imported.tree.entries.begin(), {is_network ? "base" : "platform", std::move(name)});
  } else {
    text += is_network
                ? "# Add `base: NAME`, a machine of `weft list clusters` that has the chips and whatever else the file does not say.\n"
                : "# Add `platform: NAME`, a machine of `weft list clusters`.\n";
  }
  text += to_yaml(imported.tree);
  if (arguments.has("--out"))
    write_file(arguments.value("--out", ""), text);
  else
    *context.out << text;
  return exit_done;
}

std::vector<std::string> format_names()
{
  std::vector<std::string> names;
  for (const ImportFormat* format : import_formats()) names.emplace_back(format->name);
  return names;
}

} // namespace

Command import_command()
{
  return {.name = "import",
          .operands = "FILE",
          .least_operands = 1,
          .most_operands = 1,
          .summary = "print a file of another program as Weft YAML",
          .details = "Formats are listed by `weft list imports`; a file's own is told from its content. The same files can stand in a\n"
                     "platform or scenario as `import: FILE`, without this step.\n\n"
                     "  weft import topology.graphml --platform dgx-h100-fat-tree --out mine.yaml\n"
                     "  weft import cluster.dot --set servers='host*' --set bandwidth-unit=Gbps\n"
                     "  weft topo mine.yaml\n"
                     "  weft import pretrain_gpt.sh --platform dgx-h100-superpod --accelerators 256 --out job.yaml\n",
          .options = {{"--format", "FORMAT", "read it as this format", format_names()},
                      {"--platform", "NAME", "the machine to start from: what the file does not say stays as it is there", {}},
                      {"--accelerators", "N", "of a training job, where its file does not say", {}},
                      {"--ignore-unknown", "", "go on without settings of a training job that are not known here", {}},
                      {"--set", "KEY=VALUE", "a setting of the format (may be repeated)", {}},
                      {"--out", "FILE", "write to a file instead of standard output", {}}},
          .run = run};
}

} // namespace weft
