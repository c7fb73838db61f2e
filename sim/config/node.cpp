#include "config/node.hpp"

#include "config/value.hpp"

#include <charconv>
#include <map>

namespace weft {

const Node* Node::find(std::string_view name) const
{
  for (const auto& [key_name, value] : entries)
    if (key_name == name) return &value;
  return nullptr;
}

Node* Node::find(std::string_view name)
{
  for (auto& [key_name, value] : entries)
    if (key_name == name) return &value;
  return nullptr;
}

void refuse(const Node& node, const std::string& problem) { throw ConfigError(node.place, node.key, problem); }

void refuse_key(const Node& value, const std::string& problem)
{
  Place place = value.place;
  if (value.key_line > 0) place.line = value.key_line, place.column = value.key_column;
  throw ConfigError(std::move(place), value.key, problem);
}

Node scalar_node(std::string text)
{
  Node node;
  node.kind = Node::Kind::scalar;
  node.text = std::move(text);
  return node;
}

Node mapping_node()
{
  Node node;
  node.kind = Node::Kind::mapping;
  return node;
}

void set_key_path(Node& node, const std::string& path)
{
  node.key = path;
  for (std::size_t i = 0; i < node.items.size(); ++i) set_key_path(node.items[i], path + "[" + std::to_string(i) + "]");
  for (auto& [name, value] : node.entries) set_key_path(value, path.empty() ? name : path + "." + name);
}

namespace {

/// A value from the command line has no line to point at.
void forget_lines(Node& node)
{
  node.place.line = node.place.column = node.key_line = node.key_column = 0;
  for (Node& item : node.items) forget_lines(item);
  for (auto& entry : node.entries) forget_lines(entry.second);
}

} // namespace

Node merge(const Node& under, const Node& over)
{
  if (under.kind != Node::Kind::mapping || over.kind != Node::Kind::mapping) return over;
  Node result = under;
  result.place = over.place;
  result.key = over.key;
  result.key_line = over.key_line;
  result.key_column = over.key_column;
  std::map<std::string, std::size_t, std::less<>> position; // a search per key would be quadratic in files of a million keys
  for (std::size_t i = 0; i < under.entries.size(); ++i) position.emplace(under.entries[i].first, i);
  for (const auto& [name, value] : over.entries) {
    const auto found = position.find(name);
    if (found == position.end())
      result.entries.emplace_back(name, value);
    else
      result.entries[found->second].second = merge(under.entries[found->second].second, value);
  }
  return result;
}

std::vector<PathStep> parse_path(const std::string& path, const std::string& where)
{
  const auto bad = [&](const std::string& problem) { throw ConfigError(Place{where}, shown(path), problem); };
  std::vector<PathStep> steps;
  std::size_t at = 0;
  while (at < path.size()) {
    PathStep step;
    if (path[at] == '[') {
      const std::size_t close = path.find(']', at);
      if (steps.empty() || close == std::string::npos) bad("not a path (write plan.tp or faults.stragglers[0].slowdown)");
      const auto [end, error] = std::from_chars(path.data() + at + 1, path.data() + close, step.index);
      if (error != std::errc{} || end != path.data() + close) bad("not an index between [ and ] (write faults.stragglers[0].slowdown)");
      at = close + 1;
    } else {
      if (!steps.empty()) {
        if (path[at] != '.') bad("not a path (write plan.tp or faults.stragglers[0].slowdown)");
        ++at;
      }
      const std::size_t end = std::min(path.find_first_of(".[", at), path.size());
      step.name = path.substr(at, end - at);
      if (step.name.empty()) bad("a path with an empty key (write plan.tp or faults.stragglers[0].slowdown)");
      at = end;
    }
    steps.push_back(std::move(step));
  }
  if (steps.empty()) bad("an empty path (write key.path=value)");
  if (steps.size() > 64) bad("a path of more than 64 steps (name a key that exists)");
  return steps;
}

void set_path(Node& root, const std::string& path, const std::string& yaml_value, const std::string& where)
{
  const auto bad = [&](const std::string& problem) { throw ConfigError(Place{where}, shown(path), problem); };
  Node* at = &root;
  std::string walked;
  for (const PathStep& step : parse_path(path, where)) {
    const Node::Kind wanted = step.name.empty() ? Node::Kind::list : Node::Kind::mapping;
    if (at->kind == Node::Kind::null) {
      Node made; // a value that comes into being here has its place here
      made.kind = wanted;
      made.place.file = where;
      made.key = at->key;
      *at = std::move(made);
    }
    if (at->kind != wanted)
      bad((walked.empty() ? "the file" : walked) + " is no " + (step.name.empty() ? "list" : "mapping") + " (set it as a whole)");
    if (step.name.empty()) {
      if (step.index > at->items.size()) bad(walked + " has " + std::to_string(at->items.size()) + " items (use an index up to that)");
      if (step.index == at->items.size()) at->items.emplace_back();
      at = &at->items[step.index];
      walked += "[" + std::to_string(step.index) + "]";
    } else {
      Node* next = at->find(step.name);
      if (!next) next = &at->entries.emplace_back(step.name, Node{}).second;
      at = next;
      walked += (walked.empty() ? "" : ".") + step.name;
    }
    at->key = walked;
  }
  Node value;
  try {
    value = read_yaml_text(yaml_value, where);
  } catch (const ConfigError& error) { // an empty value asks for the default
    if (!yaml_value.empty()) throw ConfigError(Place{where}, shown(path), error.problem);
    value.place.file = where;
  }
  set_key_path(value, walked);
  forget_lines(value);
  *at = std::move(value);
}

} // namespace weft
