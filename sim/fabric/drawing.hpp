// Pictures of a machine for people: Graphviz text, and an SVG drawn directly. Both show small machines whole and elide the middle of
// long rows ("1,020 more nodes"), with the links of what is elided gathered.
#pragma once
#include "fabric/summary.hpp"

namespace weft {

/// Graphviz text: one cluster per shown node, one rank per tier.
std::string to_dot(const Fabric& fabric, const FabricSummary& summary);

/// An SVG picture: nodes at the bottom, tiers above, a colour per class of link, a legend. `title` heads it. Degraded links are marked.
std::string to_svg(const Fabric& fabric, const FabricSummary& summary, const std::string& title);

} // namespace weft
