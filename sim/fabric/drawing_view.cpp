#include "fabric/drawing_view.hpp"

#include <algorithm>
#include <tuple>

namespace weft {

namespace {

/// Positions of a row of `total` that are shown when at most `most` fit: all, or the first ones (at most eight) and the last two.
std::vector<std::size_t> shown_positions(std::size_t total, std::size_t most)
{
  std::vector<std::size_t> shown;
  if (total <= most)
    for (std::size_t i = 0; i < total; ++i) shown.push_back(i);
  else {
    for (std::size_t i = 0; i + 3 < most && i < 8; ++i) shown.push_back(i);
    shown.push_back(total - 2);
    shown.push_back(total - 1);
  }
  return shown;
}

void add_nodes(const Fabric& fabric, std::size_t most, View& view)
{
  const int total = fabric.vertices[fabric.accelerators.back().index()].node + 1;
  const std::vector<std::size_t> shown = shown_positions(static_cast<std::size_t>(total), most);
  std::vector<bool> is_shown(static_cast<std::size_t>(total), false);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (i > 0 && shown[i] != shown[i - 1] + 1) view.nodes.push_back(-1);
    view.nodes.push_back(static_cast<int>(shown[i]));
    is_shown[shown[i]] = true;
  }
  view.hidden_nodes = total - static_cast<std::int64_t>(shown.size());
  view.hidden_nodes_item = view.items.size();
  view.items.push_back({std::nullopt, 0, view.hidden_nodes});
  for (std::size_t v = 0; v < fabric.vertices.size(); ++v) {
    const Vertex& vertex = fabric.vertices[v];
    if (vertex.node < 0) continue;
    if (is_shown[static_cast<std::size_t>(vertex.node)]) {
      view.item_of[v] = static_cast<std::uint32_t>(view.items.size());
      view.items.push_back({id_of<VertexId>(v), 0, 0});
    } else if (vertex.kind == VertexKind::adapter) {
      view.item_of[v] = static_cast<std::uint32_t>(view.hidden_nodes_item);
    }
  }
}

void add_row(const std::vector<VertexId>& switches, int tier, std::size_t most, View& view)
{
  ViewRow row{tier, {}, static_cast<std::int64_t>(switches.size())};
  const std::vector<std::size_t> shown = shown_positions(switches.size(), most);
  const std::size_t hidden_item = view.items.size();
  if (shown.size() < switches.size()) view.items.push_back({std::nullopt, tier, static_cast<std::int64_t>(switches.size() - shown.size())});
  for (const VertexId s : switches) view.item_of[s.index()] = static_cast<std::uint32_t>(hidden_item);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (i > 0 && shown[i] != shown[i - 1] + 1) row.items.push_back(hidden_item);
    const VertexId vertex = switches[shown[i]];
    view.item_of[vertex.index()] = static_cast<std::uint32_t>(view.items.size());
    row.items.push_back(view.items.size());
    view.items.push_back({vertex, tier, 0});
  }
  view.rows.push_back(std::move(row));
}

void gather_edges(const Fabric& fabric, View& view)
{
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::string>, ViewEdge> edges;
  const std::vector<bool> degraded = degraded_links(fabric);
  for (std::size_t l = 0; l < fabric.links.size(); l += 2) {
    const Link& link = fabric.links[l];
    const Vertex &from = fabric.vertices[link.from.index()], &to = fabric.vertices[link.to.index()];
    const bool network = from.kind == VertexKind::network_switch || to.kind == VertexKind::network_switch ||
                         (from.kind == VertexKind::adapter && to.kind == VertexKind::adapter);
    if (!network) continue;
    const std::uint32_t a = view.item_of[link.from.index()], b = view.item_of[link.to.index()];
    const bool swapped = to.tier < from.tier;
    const std::string name = without_direction(fabric.media[link.medium].name);
    ViewEdge& edge = edges[{swapped ? b : a, swapped ? a : b, name}];
    edge.lower = swapped ? b : a;
    edge.upper = swapped ? a : b;
    edge.name = name;
    edge.cables += fabric.media[link.medium].cables;
    edge.degraded = edge.degraded || degraded[l] || degraded[l + 1];
  }
  for (auto& [key, edge] : edges) view.edges.push_back(std::move(edge));
}

} // namespace

std::string without_direction(const std::string& name)
{
  for (const std::string ending : {" up", " down", " out", " in"})
    if (name.size() > ending.size() && name.ends_with(ending)) return name.substr(0, name.size() - ending.size());
  return name;
}

std::vector<bool> degraded_links(const Fabric& fabric)
{
  std::vector<Bandwidth> best(fabric.media.size());
  for (const Link& link : fabric.links) best[link.medium] = std::max(best[link.medium], link.capacity);
  std::vector<bool> result(fabric.links.size());
  for (std::size_t l = 0; l < fabric.links.size(); ++l) result[l] = fabric.links[l].capacity < best[fabric.links[l].medium];
  return result;
}

View make_view(const Fabric& fabric, std::size_t most_nodes, std::size_t most_switches)
{
  View view;
  view.item_of.assign(fabric.vertices.size(), View::no_item);
  add_nodes(fabric, std::max<std::size_t>(4, most_nodes), view);
  std::map<int, std::vector<VertexId>> tiers;
  for (std::size_t v = 0; v < fabric.vertices.size(); ++v)
    if (fabric.vertices[v].kind == VertexKind::network_switch) tiers[fabric.vertices[v].tier].push_back(id_of<VertexId>(v));
  for (const auto& [tier, switches] : tiers) add_row(switches, tier, std::max<std::size_t>(4, most_switches), view);
  gather_edges(fabric, view);
  return view;
}

} // namespace weft
