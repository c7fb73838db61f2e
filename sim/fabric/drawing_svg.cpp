#include "fabric/drawing.hpp"
#include "fabric/drawing_canvas.hpp"
#include "fabric/drawing_view.hpp"
#include "fabric/names.hpp"
#include "units/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>

namespace weft {

namespace {

constexpr double margin_left = 150, margin_right = 40, top = 118, row_gap = 150, switch_height = 34, device = 15, gap = 4;
constexpr std::size_t most_lines = 6; // of accelerators in a node
constexpr double drawing_width = 1480;

/// A colour per class of link, by what it joins first: the same in every picture.
std::map<std::string, std::string> colours_of(const Fabric& fabric)
{
  std::map<std::string, std::string> colours;
  for (const Link& link : fabric.links) {
    const std::string name = without_direction(fabric.media[link.medium].name);
    if (colours.contains(name)) continue;
    const Vertex &from = fabric.vertices[link.from.index()], &to = fabric.vertices[link.to.index()];
    const bool switches = from.kind == VertexKind::network_switch && to.kind == VertexKind::network_switch;
    const bool scaleup =
        to.kind == VertexKind::scaleup_switch || (from.kind == VertexKind::accelerator && to.kind == VertexKind::accelerator);
    const bool outside = to.kind == VertexKind::network_switch || (from.kind == VertexKind::adapter && to.kind == VertexKind::adapter);
    colours[name] = switches  ? (std::max(from.tier, to.tier) > 2 ? "#c23b6e" : "#e07a1f")
                    : scaleup ? "#7b4fb5"
                    : outside ? "#1f77c9"
                              : "#8a94a6";
  }
  return colours;
}

/// The vertices of one node by kind.
struct NodeParts {
  std::vector<VertexId> accelerators, adapters, inner;
};

NodeParts parts_of(const Fabric& fabric, const View& view, int node)
{
  NodeParts parts;
  for (const ViewItem& item : view.items) {
    if (!item.vertex || fabric.vertices[item.vertex->index()].node != node) continue;
    const VertexKind kind = fabric.vertices[item.vertex->index()].kind;
    (kind == VertexKind::accelerator ? parts.accelerators
     : kind == VertexKind::adapter   ? parts.adapters
                                     : parts.inner)
        .push_back(*item.vertex);
  }
  return parts;
}

class Picture {
  const Fabric& fabric_;
  const FabricSummary& summary_;
  const std::string& title_;
  std::size_t per_row_ = 8; ///< accelerators side by side in a node
  double node_width_ = 0, node_height_ = 0, nodes_top_ = 0;
  View view_;
  std::vector<Point> bottom_, top_; ///< per item: where cables from below and from above end
  std::map<std::string, std::string> colours_;
  Canvas background_, cables_, shapes_;

  [[nodiscard]] std::string colour_of(const std::string& name) const
  {
    const auto found = colours_.find(name);
    return found == colours_.end() ? "#444444" : found->second;
  }

  void measure()
  {
    const std::size_t accelerators = fabric_.domains.front().members.size();
    per_row_ = std::clamp<std::size_t>(accelerators, 4, 16);
    const std::size_t rows = std::min<std::size_t>(most_lines, (accelerators + per_row_ - 1) / per_row_);
    node_width_ = static_cast<double>(per_row_) * (device + gap) + 16;
    node_height_ = 106 + static_cast<double>(rows) * (device + gap);
    const auto fit = static_cast<std::size_t>(drawing_width / (node_width_ + 14));
    view_ = make_view(fabric_, fit, 16);
    bottom_.resize(view_.items.size());
    top_.resize(view_.items.size());
    nodes_top_ = top + row_gap * static_cast<double>(view_.rows.size());
  }

  void place(std::uint32_t item, Point above, Point below)
  {
    top_[item] = above;
    bottom_[item] = below;
  }

  void draw_row(const ViewRow& row, double y)
  {
    const double step = drawing_width / static_cast<double>(row.items.size());
    const double width = std::min(104.0, step - 10);
    for (std::size_t i = 0; i < row.items.size(); ++i) {
      const ViewItem& item = view_.items[row.items[i]];
      const double x = margin_left + step * (static_cast<double>(i) + 0.5);
      place(static_cast<std::uint32_t>(row.items[i]), {x, y}, {x, y + switch_height});
      if (item.vertex) {
        shapes_.rectangle({x - width / 2, y}, width, switch_height, "fill=\"#fff4e6\" stroke=\"#c98a3a\"", 5);
        shapes_.text({x, y + 21}, fabric_.vertices[item.vertex->index()].name, "class=\"name\" text-anchor=\"middle\"");
      } else {
        shapes_.rectangle({x - width / 2, y}, width, switch_height, "fill=\"#ffffff\" stroke=\"#b0b7c3\" stroke-dasharray=\"4 3\"", 5);
        shapes_.text({x, y + 21}, "+ " + with_commas(item.hidden), "class=\"more\" text-anchor=\"middle\"");
      }
    }
    const auto tier = std::find_if(summary_.tiers.begin(), summary_.tiers.end(), [&](const TierSummary& t) { return t.tier == row.tier; });
    shapes_.text({24, y + 14}, tier_name(row.tier), "class=\"tier\"");
    shapes_.text({24, y + 32}, with_commas(row.total) + (row.total == 1 ? " switch, " : " switches, ") + std::to_string(tier->ports) + "p",
                 "class=\"small\"");
  }

  void draw_mesh(const NodeParts& parts, double y)
  {
    for (std::size_t l = 0; l < fabric_.links.size(); l += 2) {
      const Link& link = fabric_.links[l];
      if (std::find(parts.accelerators.begin(), parts.accelerators.end(), link.from) == parts.accelerators.end()) continue;
      if (fabric_.vertices[link.to.index()].kind != VertexKind::accelerator) continue;
      const MediumClass& medium = fabric_.media[link.medium];
      const Point a = bottom_[view_.item_of[link.from.index()]], b = bottom_[view_.item_of[link.to.index()]];
      shapes_.arc({a.x, y}, {b.x, y}, 10 + std::abs(a.x - b.x) * 0.42,
                  "stroke=\"" + colour_of(without_direction(medium.name)) + "\" stroke-width=\"" + number(0.8 * medium.cables) + "\"");
    }
  }

  /// From the top: adapters, host links, accelerators, scale-up links.
  void draw_node(int node, double left)
  {
    const NodeParts parts = parts_of(fabric_, view_, node);
    const double y = nodes_top_, inner_width = node_width_ - 16;
    background_.rectangle({left, y}, node_width_, node_height_, "fill=\"#f7f8fa\" stroke=\"#aab2bf\"", 7);
    const double adapter_step = inner_width / static_cast<double>(std::max<std::size_t>(1, parts.adapters.size()));
    const double adapter_width = std::min(device, adapter_step - 1);
    for (std::size_t k = 0; k < parts.adapters.size(); ++k) {
      const double x = left + 8 + adapter_step * (static_cast<double>(k) + 0.5);
      place(view_.item_of[parts.adapters[k].index()], {x, y + 8}, {x, y + 8 + device});
      shapes_.rectangle({x - adapter_width / 2, y + 8}, adapter_width, device, "fill=\"#cfe0f5\" stroke=\"#5b86b8\"", 2);
    }
    draw_accelerators(parts, left);
    const double below = y + 48 + (node_height_ - 106);
    const std::optional<VertexId> hub = hub_of(parts);
    if (hub && fabric_.vertices[hub->index()].kind == VertexKind::host_switch)
      draw_bridge(parts, *hub, left);
    else
      draw_host_links(node, y + 45);
    if (!hub)
      draw_mesh(parts, below);
    else if (fabric_.vertices[hub->index()].kind == VertexKind::scaleup_switch)
      draw_switch(parts, *hub, left, below);
    shapes_.text({left + node_width_ / 2, y + node_height_ - 7}, "node " + std::to_string(node), "class=\"small\" text-anchor=\"middle\"");
  }

  void draw_accelerators(const NodeParts& parts, double left)
  {
    const double step = device + gap;
    for (std::size_t i = 0; i < parts.accelerators.size(); ++i) {
      const std::size_t line = i / per_row_;
      const Point corner{left + 8 + gap / 2 + static_cast<double>(i % per_row_) * step, nodes_top_ + 45 + static_cast<double>(line) * step};
      place(view_.item_of[parts.accelerators[i].index()], {corner.x + device / 2, corner.y}, {corner.x + device / 2, corner.y + device});
      if (line < most_lines) shapes_.rectangle(corner, device, device, "fill=\"#cfe8d5\" stroke=\"#4c9a63\"", 2);
    }
  }

  /// The way of each accelerator of the first line to its adapter.
  void draw_host_links(int node, double y)
  {
    for (std::size_t a = 0; a < fabric_.accelerators.size(); ++a) {
      const VertexId self = fabric_.accelerators[a];
      if (fabric_.vertices[self.index()].node != node || fabric_.way_out[a].count == 0) continue;
      const Point from = top_[view_.item_of[self.index()]], to = bottom_[view_.item_of[fabric_.exits[a].index()]];
      if (from.y > y + 1) continue;
      const std::string& name = fabric_.media[fabric_.links[fabric_.way_out[a].links[0].index()].medium].name;
      shapes_.line(from, to, "stroke=\"" + colour_of(without_direction(name)) + "\" stroke-width=\"1.2\"");
    }
  }

  /// The switch or bridge of the node's domain, if it has one.
  [[nodiscard]] std::optional<VertexId> hub_of(const NodeParts& parts) const
  {
    for (const ScaleupDomain& domain : fabric_.domains)
      for (const VertexId inner : domain.inner)
        if (std::find(parts.inner.begin(), parts.inner.end(), inner) != parts.inner.end()) return inner;
    return std::nullopt;
  }

  void draw_bar(VertexId hub, double left, double y, double height)
  {
    const std::string& name = fabric_.vertices[hub.index()].name;
    const bool host = fabric_.vertices[hub.index()].kind == VertexKind::host_switch;
    shapes_.rectangle({left + 8, y}, node_width_ - 16, height,
                      host ? "fill=\"#eef0f3\" stroke=\"#8a94a6\"" : "fill=\"#efe7f8\" stroke=\"#7b4fb5\"", 3);
    shapes_.text({left + node_width_ / 2, y + height - 3}, name.substr(name.find('/') + 1), "class=\"tiny\" text-anchor=\"middle\"");
  }

  /// A bridge lies between accelerators and adapters, because both hang on it.
  void draw_bridge(const NodeParts& parts, VertexId hub, double left)
  {
    const std::string style =
        "stroke=\"" +
        colour_of(without_direction(fabric_.media[fabric_.links[fabric_.out_links[fabric_.first_out[hub.index()]]].medium].name)) +
        "\" stroke-width=\"1.5\"";
    for (const VertexId a : parts.accelerators) {
      const Point end = top_[view_.item_of[a.index()]];
      if (end.y < nodes_top_ + 46) shapes_.line(end, {end.x, nodes_top_ + 40}, style);
    }
    for (const VertexId a : parts.adapters)
      shapes_.line(bottom_[view_.item_of[a.index()]], {bottom_[view_.item_of[a.index()]].x, nodes_top_ + 28}, style);
    draw_bar(hub, left, nodes_top_ + 28, 12);
  }

  void draw_switch(const NodeParts& parts, VertexId hub, double left, double y)
  {
    const std::string colour =
        colour_of(without_direction(fabric_.media[fabric_.links[fabric_.out_links[fabric_.first_out[hub.index()]]].medium].name));
    for (const VertexId a : parts.accelerators) {
      const Point end = bottom_[view_.item_of[a.index()]];
      if (end.y > y - device) shapes_.line(end, {end.x, y + 12}, "stroke=\"" + colour + "\" stroke-width=\"2\"");
    }
    draw_bar(hub, left, y + 12, device);
  }

  void draw_nodes()
  {
    const double count = static_cast<double>(view_.nodes.size()), step = drawing_width / count;
    for (std::size_t i = 0; i < view_.nodes.size(); ++i) {
      const double x = margin_left + step * (static_cast<double>(i) + 0.5), left = x - node_width_ / 2;
      if (view_.nodes[i] >= 0) {
        draw_node(view_.nodes[i], left);
        continue;
      }
      const double width = std::min(node_width_, 120.0);
      place(static_cast<std::uint32_t>(view_.hidden_nodes_item), {x, nodes_top_}, {x, nodes_top_ + node_height_});
      shapes_.rectangle({x - width / 2, nodes_top_}, width, node_height_, "fill=\"#ffffff\" stroke=\"#b0b7c3\" stroke-dasharray=\"5 4\"",
                        7);
      shapes_.text({x, nodes_top_ + node_height_ / 2 - 6}, "+ " + with_commas(view_.hidden_nodes), "class=\"name\" text-anchor=\"middle\"");
      shapes_.text({x, nodes_top_ + node_height_ / 2 + 12}, "more nodes", "class=\"more\" text-anchor=\"middle\"");
    }
    shapes_.text({24, nodes_top_ + 20}, "nodes", "class=\"tier\"");
    shapes_.text({24, nodes_top_ + 38}, with_commas(summary_.nodes) + (summary_.nodes == 1 ? " node" : " nodes"), "class=\"small\"");
    shapes_.text({24, nodes_top_ + 54}, with_commas(summary_.accelerators) + " accelerators", "class=\"small\"");
    if (summary_.adapters > 0) shapes_.text({24, nodes_top_ + 70}, with_commas(summary_.adapters) + " adapters", "class=\"small\"");
  }

  /// Thin for one cable, a little thicker for bundles; what leads to hidden things is pale and dashed.
  void draw_cables()
  {
    for (const bool hidden : {true, false})
      for (const ViewEdge& edge : view_.edges) {
        const bool leads_away = !view_.items[edge.lower].vertex || !view_.items[edge.upper].vertex;
        if (leads_away != hidden || edge.lower == edge.upper) continue; // cables among the hidden ones have no ends to draw
        const double width = std::min(4.0, 1.1 + 0.45 * std::log2(static_cast<double>(edge.cables)));
        const std::string colour = edge.degraded ? "#d62828" : colour_of(edge.name);
        const std::string style = "stroke=\"" + colour + "\" stroke-width=\"" + number(leads_away ? 1.0 : width) + "\"" +
                                  (leads_away ? " stroke-opacity=\"0.3\" stroke-dasharray=\"3 4\"" : " stroke-opacity=\"0.75\"") +
                                  (edge.degraded && !leads_away ? " stroke-dasharray=\"7 4\"" : "");
        if (view_.items[edge.lower].tier == view_.items[edge.upper].tier)
          cables_.arc(top_[edge.lower], top_[edge.upper], -46, style); // side by side: an arc above the row
        else
          cables_.line(top_[edge.lower], bottom_[edge.upper], style);
      }
  }

  void draw_legend(double y)
  {
    constexpr double column = 330;
    double x = margin_left;
    for (const CableSummary& cable : summary_.cables) {
      if (x + column > margin_left + drawing_width + margin_right) {
        x = margin_left;
        y += 24;
      }
      shapes_.line({x, y}, {x + 30, y}, "stroke=\"" + colour_of(cable.name) + "\" stroke-width=\"4\"");
      shapes_.text({x + 40, y + 4},
                   cable.name + ", " + short_text(cable.raw) + " one way, " + with_commas(cable.cables) +
                       (cable.cables == 1 ? " cable" : " cables"),
                   "class=\"small\"");
      x += column;
    }
    if (std::any_of(view_.edges.begin(), view_.edges.end(), [](const ViewEdge& e) { return e.degraded; })) {
      shapes_.line({margin_left, y + 24}, {margin_left + 30, y + 24}, "stroke=\"#d62828\" stroke-width=\"4\" stroke-dasharray=\"7 4\"");
      shapes_.text({margin_left + 40, y + 28}, "degraded", "class=\"small\"");
    }
  }

  void draw_heading()
  {
    shapes_.text({24, 44}, title_, "class=\"title\"");
    std::string line = summary_.topology + ", routing " + summary_.routing + ": " + with_commas(summary_.accelerators) +
                       " accelerators in " + with_commas(summary_.nodes) + (summary_.nodes == 1 ? " node" : " nodes");
    if (summary_.switches > 0) line += ", " + with_commas(summary_.switches) + (summary_.switches == 1 ? " switch" : " switches");
    if (summary_.diameter > 0) line += ", diameter " + std::to_string(summary_.diameter);
    if (summary_.bisection > Bandwidth(0)) line += ", bisection " + short_text(summary_.bisection) + " one way";
    shapes_.text({24, 72}, line, "class=\"subtitle\"");
  }

public:
  Picture(const Fabric& fabric, const FabricSummary& summary, const std::string& title)
      : fabric_(fabric), summary_(summary), title_(title), colours_(colours_of(fabric))
  {
  }

  std::string draw()
  {
    measure();
    draw_heading();
    for (std::size_t r = 0; r < view_.rows.size(); ++r)
      draw_row(view_.rows[r], top + row_gap * static_cast<double>(view_.rows.size() - 1 - r));
    draw_nodes();
    draw_cables();
    const double legend = nodes_top_ + node_height_ + 40, legend_rows = static_cast<double>(summary_.cables.size() / 4 + 2);
    draw_legend(legend);
    const double width = margin_left + drawing_width + margin_right, height = legend + 24 * legend_rows;
    std::ostringstream out;
    out << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" << number(width) << "\" height=\"" << number(height) << "\" viewBox=\"0 0 "
        << number(width) << ' ' << number(height) << "\">\n"
        << "<title>" << escaped(title_) << "</title>\n"
        << "<style>text{font-family:Helvetica,Arial,sans-serif;fill:#222b38}.title{font-size:26px;font-weight:bold}.subtitle{font-size:"
           "15px;fill:#566173}.tier{font-size:16px;font-weight:bold}"
           ".name{font-size:13px}.small{font-size:12px;fill:#566173}.tiny{font-size:10px;fill:#566173}.more{font-size:12px;font-style:"
           "italic;fill:#566173}</style>\n"
        << "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
        << background_.str() << cables_.str() << shapes_.str() << "</svg>\n";
    return out.str();
  }
};

} // namespace

std::string to_svg(const Fabric& fabric, const FabricSummary& summary, const std::string& title)
{
  return Picture(fabric, summary, title).draw();
}

} // namespace weft
