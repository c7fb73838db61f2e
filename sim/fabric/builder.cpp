#include "fabric/builder.hpp"

#include "config/error.hpp"

namespace weft {

VertexId FabricBuilder::add_vertex(Vertex vertex)
{
  vertices.push_back(std::move(vertex));
  return id_of<VertexId>(vertices.size() - 1);
}

std::uint16_t FabricBuilder::medium_class(const MediumClass& wanted)
{
  for (std::size_t i = 0; i < media.size(); ++i) {
    const MediumClass& m = media[i];
    if (m.raw == wanted.raw && m.power == wanted.power && m.price == wanted.price && m.cables == wanted.cables && m.name == wanted.name &&
        m.medium == wanted.medium)
      return static_cast<std::uint16_t>(i);
  }
  if (media.size() >= most_media)
    throw ConfigError({}, "fabric",
                      "more than " + std::to_string(most_media) + " different kinds of link (give links of one kind the same bandwidth)");
  media.push_back(wanted);
  return static_cast<std::uint16_t>(media.size() - 1);
}

LinkId FabricBuilder::add_cable(const Cable& cable)
{
  if (links.size() + 2 > most_links)
    throw ConfigError({}, "fabric",
                      "the machine needs more than " + std::to_string(most_links / 2) + " cables (use fewer nodes or parallel links)");
  const LinkMedium& medium = *cable.medium;
  const double count = cable.count;
  const Bandwidth raw = cable.bandwidth * count;
  const Bandwidth capacity = raw * (medium.efficiency * cable.efficiency);
  const Seconds flight = medium.latency + Seconds(medium.propagation_ns_per_m * 1e-9 * cable.length.value);
  const std::uint16_t up = medium_class({cable.class_up, raw, medium.power * count, medium.price * count, cable.count, medium.name});
  const std::uint16_t down = medium_class({cable.class_down, raw, Watts(0), Dollars(0), cable.count, medium.name});
  links.push_back({cable.a, cable.b, capacity, flight + cable.entry_b, up});
  links.push_back({cable.b, cable.a, capacity, flight + cable.entry_a, down});
  return id_of<LinkId>(links.size() - 2);
}

void FabricBuilder::mark_domain(ScaleupDomain domain) { domains.push_back(std::move(domain)); }

} // namespace weft
