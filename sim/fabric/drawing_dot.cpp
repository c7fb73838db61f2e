#include "fabric/drawing.hpp"
#include "fabric/drawing_view.hpp"
#include "fabric/names.hpp"

#include <sstream>

namespace weft {

namespace {

std::string quoted(const std::string& text)
{
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

/// The node's own name within its cluster: "gpu0" of "node3/gpu0".
std::string short_name(const std::string& name) { return name.substr(name.find('/') == std::string::npos ? 0 : name.find('/') + 1); }

std::string id_of_item(const Fabric& fabric, const View& view, std::size_t item)
{
  const ViewItem& shown = view.items[item];
  return quoted(shown.vertex ? fabric.vertices[shown.vertex->index()].name : "hidden tier " + std::to_string(shown.tier));
}

void write_node(std::ostringstream& out, const Fabric& fabric, const View& view, int node)
{
  out << "  subgraph \"cluster_node" << node << "\" {\n    label=\"node " << node
      << "\"; style=\"rounded,filled\"; fillcolor=\"#f6f7f9\"; color=\"#b8bec8\";\n";
  for (const ViewItem& item : view.items) {
    if (!item.vertex || fabric.vertices[item.vertex->index()].node != node) continue;
    const Vertex& vertex = fabric.vertices[item.vertex->index()];
    const char* fill = vertex.kind == VertexKind::accelerator ? "#cfe8d5" : vertex.kind == VertexKind::adapter ? "#cfe0f5" : "#e4d7f2";
    out << "    " << quoted(vertex.name) << " [label=" << quoted(short_name(vertex.name)) << ", fillcolor=\"" << fill << "\"];\n";
  }
  for (std::size_t l = 0; l < fabric.links.size(); l += 2) {
    const Link& link = fabric.links[l];
    const Vertex &from = fabric.vertices[link.from.index()], &to = fabric.vertices[link.to.index()];
    if (from.node != node || to.node != node || (from.kind == VertexKind::adapter && to.kind == VertexKind::adapter)) continue;
    out << "    " << quoted(from.name) << " -- " << quoted(to.name) << " [color=\"#9aa3b2\"";
    if (fabric.media[link.medium].cables > 1) out << ", penwidth=2";
    out << "];\n";
  }
  out << "  }\n";
}

void write_row(std::ostringstream& out, const Fabric& fabric, const View& view, const ViewRow& row)
{
  out << "  { rank=same;\n";
  for (const std::size_t item : row.items) {
    out << "    " << id_of_item(fabric, view, item);
    if (view.items[item].vertex)
      out << " [fillcolor=\"#fbe3c8\"];\n";
    else
      out << " [label=\"... " << with_commas(view.items[item].hidden) << " more\\n"
          << tier_name(row.tier) << " switches\", style=dashed, role=hidden];\n";
  }
  out << "  }\n";
}

} // namespace

std::string to_dot(const Fabric& fabric, const FabricSummary& summary)
{
  const View view = make_view(fabric, 8, 16);
  std::ostringstream out;
  out << "// " << with_commas(summary.nodes) << " nodes, " << with_commas(summary.accelerators) << " accelerators, "
      << with_commas(summary.switches) << " network switches\n";
  out << "graph fabric {\n  rankdir=BT; ranksep=1.2; nodesep=0.15; fontname=Helvetica; label="
      << quoted(summary.topology + ", routing " + summary.routing) << ";\n"
      << "  node [shape=box, style=\"rounded,filled\", fillcolor=white, fontname=Helvetica, fontsize=10];\n  edge [fontname=Helvetica, "
         "fontsize=9];\n";
  for (const int node : view.nodes)
    if (node >= 0)
      write_node(out, fabric, view, node);
    else
      out << "  " << id_of_item(fabric, view, view.hidden_nodes_item) << " [label=\"... " << with_commas(view.hidden_nodes)
          << " more nodes\", style=dashed, role=hidden];\n";
  for (const ViewRow& row : view.rows) write_row(out, fabric, view, row);
  for (const ViewEdge& edge : view.edges) {
    out << "  " << id_of_item(fabric, view, edge.lower) << " -- " << id_of_item(fabric, view, edge.upper) << " [color=\""
        << (edge.degraded ? "#d62828" : "#6b7688") << "\"";
    if (edge.cables > 1) out << ", label=\"x" << with_commas(edge.cables) << "\", count=" << edge.cables;
    if (!view.items[edge.lower].vertex || !view.items[edge.upper].vertex) out << ", style=dashed";
    out << "];\n";
  }
  out << "}\n";
  return out.str();
}

} // namespace weft
