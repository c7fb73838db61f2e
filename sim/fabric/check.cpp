#include "fabric/check.hpp"

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/connected_components.hpp>

#include <algorithm>
#include <cmath>

namespace weft {

namespace {

void check_links(const Fabric& fabric, const Node& where)
{
  for (const Link& link : fabric.links) {
    const std::string ends =
        "the link from '" + fabric.vertices[link.from.index()].name + "' to '" + fabric.vertices[link.to.index()].name + "' ";
    if (!(link.capacity.base() > 0) || !std::isfinite(link.capacity.base()))
      refuse(where, ends + "has no bandwidth (check the medium's bandwidth and efficiency, the switch's port_bandwidth and the adapters')");
    if (!(link.latency.base() >= 0) || !std::isfinite(link.latency.base()))
      refuse(where, ends + "has an impossible latency (use zero or more)");
  }
}

void check_ports(const Fabric& fabric, const Node& where)
{
  for (std::size_t v = 0; v < fabric.vertices.size(); ++v) {
    const Vertex& vertex = fabric.vertices[v];
    const std::uint32_t used = fabric.first_out[v + 1] - fabric.first_out[v];
    if (vertex.ports > 0 && used > static_cast<std::uint32_t>(vertex.ports))
      refuse(where, "switch '" + vertex.name + "' needs " + std::to_string(used) + " ports but has " + std::to_string(vertex.ports) +
                        " (remove some of its links, spread them over more switches, or use a switch with more ports)");
  }
}

void check_connected(const Fabric& fabric, const Node& where)
{
  boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS> graph(fabric.vertices.size());
  for (const Link& link : fabric.links)
    if (link.from < link.to) boost::add_edge(link.from.index(), link.to.index(), graph); // a cable is two links: one is enough
  std::vector<std::size_t> part(fabric.vertices.size());
  if (boost::connected_components(graph, part.data()) == 1) return;
  const auto apart = std::find_if(part.begin(), part.end(), [&](std::size_t p) { return p != part.front(); });
  refuse(where, "the machine falls into parts: '" + fabric.vertices[static_cast<std::size_t>(apart - part.begin())].name +
                    "' cannot be reached from '" + fabric.vertices.front().name + "' (add the links that join them)");
}

} // namespace

void check_fabric(const Fabric& fabric, const Node& where)
{
  check_links(fabric, where);
  check_ports(fabric, where);
  check_connected(fabric, where);
}

} // namespace weft
