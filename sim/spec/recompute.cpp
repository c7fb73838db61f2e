#include "spec/recompute.hpp"

#include "config/error.hpp"

namespace weft {

std::vector<Recompute> kinds_of(const Recomputation& set)
{
  std::vector<Recompute> kinds;
  for (std::size_t i = 0; i < Choices<Recompute>::names.size(); i++)
    if (const auto kind = static_cast<Recompute>(i); set.has(kind)) kinds.push_back(kind);
  return kinds;
}

std::string name_of(const Recomputation& set)
{
  std::string text;
  for (const Recompute kind : kinds_of(set)) text += (text.empty() ? "" : "+") + name_of(kind);
  return text.empty() ? name_of(Recompute::none) : text;
}

void read_value(const Node& node, Recomputation& into)
{
  if (node.kind != Node::Kind::list) {
    Recompute kind{};
    read_value(node, kind);
    into = kind;
    return;
  }
  into = {};
  for (const Node& item : node.items) {
    Recompute kind{};
    read_value(item, kind);
    if (kind == Recompute::none || repeats_layers(kind))
      refuse(item, "'" + name_of(kind) + "' stands alone, not in a list (write recompute: " + name_of(kind) + ")");
    if (into.has(kind)) refuse(item, "'" + name_of(kind) + "' is in the list already (leave it out)");
    into = into.with(kind);
  }
}

Node write_value(const Recomputation& set)
{
  const std::vector<Recompute> kinds = kinds_of(set);
  if (kinds.size() > 1) return write_value(kinds);
  return write_value(kinds.empty() ? Recompute::none : kinds.front());
}

} // namespace weft
