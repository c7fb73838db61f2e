#include "import/drawn_graph.hpp"

#include "config/value.hpp"

#include <algorithm>

namespace weft {
namespace {

constexpr std::size_t longest_text = 200;
constexpr std::size_t most_ignored = 200; // names worth printing

struct FigureName {
  const char* name;
  NetworkFigure figure;
};
constexpr FigureName names[] = {
    {"role", NetworkFigure::role},          {"type", NetworkFigure::role},       {"kind", NetworkFigure::role},
    {"ports", NetworkFigure::ports},        {"radix", NetworkFigure::ports},     {"bandwidth", NetworkFigure::bandwidth},
    {"capacity", NetworkFigure::bandwidth}, {"speed", NetworkFigure::bandwidth}, {"latency", NetworkFigure::latency},
    {"delay", NetworkFigure::latency},      {"count", NetworkFigure::count}};

} // namespace

void lay_figures(Figures& under, const Figures& over)
{
  for (std::size_t f = 0; f < figures; ++f)
    if (over[f].given()) under[f] = over[f];
}

std::size_t DrawnGraph::vertex(const std::string& name, const Place& place, bool* made)
{
  const auto found = index_.find(name);
  if (made) *made = found == index_.end();
  if (found != index_.end()) return found->second;
  if (name.empty() || name.size() > longest_text)
    throw ConfigError(
        place, "", "a vertex needs a name of 1 to " + std::to_string(longest_text) + " characters, got '" + shown(name) + "' (rename it)");
  require_import_size(static_cast<std::int64_t>(vertices.size()) + 1, 0, place);
  index_.emplace(name, vertices.size());
  vertices.push_back({name, place, {}});
  return vertices.size() - 1;
}

std::size_t DrawnGraph::add_edge(DrawnEdge edge)
{
  if (edge.from == edge.to)
    throw ConfigError(edge.place, "", "'" + shown(vertices[edge.from].name) + "' is linked to itself (name two different ends)");
  require_import_size(0, static_cast<std::int64_t>(edges.size()) + 1, edge.place);
  edges.push_back(std::move(edge));
  return edges.size() - 1;
}

void DrawnGraph::set(Figures& into, const std::string& attribute, const std::string& text, const Place& place)
{
  for (const FigureName& known : names) {
    if (attribute != known.name) continue;
    if (text.size() > longest_text)
      throw ConfigError(place, attribute, "a value of more than " + std::to_string(longest_text) + " characters (shorten it)");
    into[static_cast<std::size_t>(known.figure)] = {text, place};
    return;
  }
  // Drawings hold many attributes of their own; only a slip within one of the long names is told from them.
  if (const std::string meant = nearest(attribute, {"bandwidth", "capacity", "latency"}); !meant.empty() && meant[0] == attribute[0])
    throw ConfigError(place, shown(attribute), "unknown attribute (did you mean '" + meant + "'? rename it if not)");
  if (ignored_.size() < most_ignored) ignored_.insert(shown(attribute));
}

template <> const Record<GraphReading>& record_of<GraphReading>()
{
  static const Record<GraphReading> record =
      Record<GraphReading>("drawn graph", "How the vertices and edges of a drawing are read.")
          .optional("servers", &GraphReading::servers,
                    "names of the vertices that are servers, * for any letters and ? for one; left out: those whose role, type or kind is "
                    "server or host, and adapters called nodeN/nicK")
          .optional("bandwidth-unit", &GraphReading::bandwidth_unit, "unit of bandwidths written as bare numbers; left out: refused")
          .optional("latency-unit", &GraphReading::latency_unit, "unit of latencies written as bare numbers; left out: refused");
  return record;
}

} // namespace weft
