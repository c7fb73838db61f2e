#include "units/text.hpp"
#include "fabric/fabric.hpp"

#include <array>
#include <sstream>

namespace weft {

namespace {

constexpr std::array<const char*, 5> kind_names{"accelerator", "adapter", "scale-up switch", "network switch", "host switch"};

} // namespace

std::string to_text(const Fabric& fabric)
{
  std::ostringstream out;
  out << "fabric " << fabric.topology << ", routing " << fabric.routing_kind << ", " << fabric.vertices.size() << " vertices, "
      << fabric.links.size() << " links\n";
  for (const Vertex& vertex : fabric.vertices) {
    out << "vertex " << vertex.name << ": " << kind_names[static_cast<std::size_t>(vertex.kind)];
    if (vertex.tier > 0) out << ", tier " << vertex.tier;
    if (vertex.ports > 0) out << ", " << vertex.ports << " ports";
    out << '\n';
  }
  for (const Link& link : fabric.links)
    out << "link " << fabric.vertices[link.from.index()].name << " -> " << fabric.vertices[link.to.index()].name << ": "
        << fabric.media[link.medium].name << ", " << exact_text(link.capacity) << ", " << exact_text(link.latency) << '\n';
  return out.str();
}

} // namespace weft
