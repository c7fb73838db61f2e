#include "spec/preset.hpp"

#include <algorithm>
#include <filesystem>

namespace weft {
namespace {

namespace fs = std::filesystem;

/// Files entered on the way down a chain of bases.
using Chain = std::vector<std::string>;
constexpr std::size_t longest_chain = 64;

bool names_a_file(const std::string& word) { return word.ends_with(".yaml") || word.ends_with(".yml"); }

bool is_plain_word(const std::string& word)
{
  return !word.empty() && word.front() != '.' && word.size() <= 200 && std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
}

/// The file a word or path names: paths are relative to the file they are written in.
std::string file_of(const Node& name, const PresetShape& shape, const DataFolder& data)
{
  if (names_a_file(name.text)) {
    const fs::path path(name.text);
    if (path.is_absolute()) return name.text;
    return (fs::path(name.place.file).parent_path() / path).lexically_normal().string();
  }
  if (!is_plain_word(name.text))
    refuse(name, "not a name of a " + shape.thing + ": '" + shown(name.text) + "' (write a name of " + shape.folder +
                     " or a path ending in .yaml)");
  const fs::path file = fs::path(data.path) / shape.folder / (name.text + ".yaml");
  std::error_code error;
  if (!fs::exists(file, error))
    refuse(name, "there is no " + shape.thing + " '" + name.text + "' in " + shape.folder +
                     suggestion(name.text, preset_names(shape.folder, data), "there are"));
  return file.string();
}

/// A mapping with nothing but the word that it starts from.
Node starting_from(const Node& word, const PresetShape& shape)
{
  Node mapping = mapping_node();
  mapping.place = word.place;
  mapping.key = word.key;
  mapping.key_line = word.key_line;
  mapping.key_column = word.key_column;
  mapping.entries.emplace_back(shape.chooses_kind ? "kind" : "base", word); // the path stays that of the word as it was written
  return mapping;
}

bool accepts_words(const PresetShape& shape) { return shape.chooses_kind || !shape.folder.empty(); }

const PresetShape* shape_under(const PresetShape& shape, const std::string& key)
{
  for (const PresetShape& child : shape.inside)
    if (child.key == key) return &child;
  return nullptr;
}

/// When a mapping turns to another kind, the settings of its former kind go.
Node without_kind_settings(const Node& mapping, const PresetShape& shape)
{
  Node kept = mapping;
  std::erase_if(kept.entries, [&](const auto& entry) {
    return std::find(shape.shared_keys.begin(), shape.shared_keys.end(), entry.first) == shape.shared_keys.end();
  });
  return kept;
}

bool changes_kind(const Node& under, const Node& over)
{
  const Node* before = under.find("kind");
  const Node* after = over.find("kind");
  return before && after && before->text != after->text;
}

/// merge() that knows where presets stand: a mapping over a word starts from that word, a word or a `base` starts afresh.
Node lay_over(const Node& under, const Node& over, const PresetShape* shape)
{
  if (over.kind != Node::Kind::mapping) return over;
  if (shape && !shape->folder.empty() && over.find("base")) return over;
  if (shape && accepts_words(*shape) && under.kind == Node::Kind::scalar) return lay_over(starting_from(under, *shape), over, shape);
  if (under.kind != Node::Kind::mapping) return over;
  Node result = shape && shape->chooses_kind && changes_kind(under, over) ? without_kind_settings(under, *shape) : under;
  result.place = over.place;
  result.key = over.key;
  result.key_line = over.key_line;
  result.key_column = over.key_column;
  for (const auto& [key, value] : over.entries) {
    if (Node* before = result.find(key))
      *before = lay_over(*before, value, shape ? shape_under(*shape, key) : nullptr);
    else
      result.entries.emplace_back(key, value);
  }
  return result;
}

Node resolve_base(Node node, const PresetShape& shape, const DataFolder& data, const Chain& chain);

/// The tree of a preset file, its own base laid under it.
Node load(const Node& name, const PresetShape& shape, const DataFolder& data, Chain chain)
{
  const std::string file = file_of(name, shape, data);
  const std::string identity = fs::path(file).lexically_normal().string();
  if (const auto again = std::find(chain.begin(), chain.end(), identity); again != chain.end()) {
    std::string way;
    for (auto step = again; step != chain.end(); ++step) way += *step + " -> ";
    refuse(name, "a cycle of bases: " + way + identity + " (break it)");
  }
  if (chain.size() >= longest_chain) refuse(name, "a chain of more than 64 bases (shorten it)");
  chain.push_back(identity);
  Node tree = read_yaml_file(file);
  if (tree.kind != Node::Kind::mapping) refuse(tree, "expected a mapping with the keys of a " + shape.thing);
  if (!tree.find("name")) {
    Node title = scalar_node(fs::path(file).stem().string());
    title.place.file = file;
    title.key = "name";
    tree.entries.insert(tree.entries.begin(), {"name", std::move(title)});
  }
  return resolve_base(std::move(tree), shape, data, chain);
}

/// Takes a key out of a mapping; null when it is not there.
Node take_key(Node& mapping, const char* key)
{
  const auto entry = std::find_if(mapping.entries.begin(), mapping.entries.end(), [&](const auto& e) { return e.first == key; });
  if (entry == mapping.entries.end()) return {};
  Node value = std::move(entry->second);
  mapping.entries.erase(entry);
  return value;
}

/// The mapping with its `base` and its `import` replaced by what they hold: its own keys over the imported ones over the base's.
Node resolve_base(Node node, const PresetShape& shape, const DataFolder& data, const Chain& chain)
{
  const Node name = shape.folder.empty() ? Node{} : take_key(node, "base");
  const Node foreign = shape.imports ? take_key(node, "import") : Node{};
  if (foreign.kind != Node::Kind::null) {
    Node imported = import_foreign(foreign, *shape.imports).tree;
    set_key_path(imported, node.key);
    node = lay_over(imported, node, &shape);
  }
  if (name.kind == Node::Kind::null) return node;
  if (name.kind != Node::Kind::scalar) refuse(name, "expected the name of a " + shape.thing);
  return lay_over(load(name, shape, data, chain), node, &shape);
}

/// A link that starts from another one unless it names a base itself.
void start_from(Node& mapping, const std::string& key, const Node* other)
{
  Node* value = mapping.find(key);
  if (!value || !other || value->kind != Node::Kind::mapping || value->find("base")) return;
  *value = lay_over(*other, *value, &link_shape());
}

/// What the links of a node and the trunk of a fabric start from when they are written without a base.
void fill_defaults(Node& mapping, const PresetShape& shape)
{
  if (shape.thing == "fabric") return start_from(mapping, "trunk", mapping.find("access"));
  if (shape.thing != "node") return;
  const Node* chip = mapping.find("chip");
  const Node* adapters = mapping.find("adapters");
  start_from(mapping, "scaleup-medium", chip ? chip->find("scaleup-link") : nullptr);
  start_from(mapping, "host-medium", adapters ? adapters->find("host-link") : nullptr);
}

} // namespace

Node expand(const Node& node, const PresetShape& shape, const DataFolder& data)
{
  Node result = expand_with_notes(node, shape, data);
  if (shape.thing == "chip" && result.kind == Node::Kind::mapping) (void)take_notes(result, data);
  return result;
}

Node expand_with_notes(const Node& node, const PresetShape& shape, const DataFolder& data)
{
  if (node.kind == Node::Kind::null) return node;
  if (node.kind == Node::Kind::scalar && accepts_words(shape)) return expand_with_notes(starting_from(node, shape), shape, data);
  if (node.kind != Node::Kind::mapping)
    refuse(node, "expected a mapping with the keys of a " + shape.thing + (accepts_words(shape) ? ", or a name" : ""));
  Node result = resolve_base(node, shape, data, {});
  for (const PresetShape& child : shape.inside) {
    if (child.key == "scaleup-medium") fill_defaults(result, shape); // the chip before it is expanded by now
    if (Node* value = result.find(child.key)) *value = expand(*value, child, data);
    if (shape.thing == "fabric" && child.key == "access") fill_defaults(result, shape);
  }
  return result;
}

void apply_override(Node& root, const PresetShape& shape, const Override& change)
{
  const std::string where = "--set";
  Node* at = &root;
  const PresetShape* known = &shape;
  const std::vector<PathStep> steps = parse_path(change.path, where);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (at->kind == Node::Kind::scalar && known && accepts_words(*known)) *at = starting_from(*at, *known);
    if (at->kind != Node::Kind::mapping) break;
    const bool last = i + 1 == steps.size();
    if (last && known && known->chooses_kind && steps[i].name == "kind") {
      Node after = mapping_node();
      after.entries.emplace_back("kind", scalar_node(change.value));
      if (changes_kind(*at, after)) *at = without_kind_settings(*at, *known);
    }
    known = known && !steps[i].name.empty() ? shape_under(*known, steps[i].name) : nullptr;
    Node* next = at->find(steps[i].name);
    if (!next) break;
    at = next;
  }
  set_path(root, change.path, change.value, where);
}

} // namespace weft
