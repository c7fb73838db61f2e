#include "fabric/faults.hpp"
#include "config/value.hpp"

#include <algorithm>
#include <map>

namespace weft {

namespace {

using Names = std::map<std::string, VertexId>;

VertexId vertex_named(const Names& names, const Word& name, const std::string& key)
{
  const auto found = names.find(name);
  if (found != names.end()) return found->second;
  std::vector<std::string> known;
  for (const auto& [text, vertex] : names) known.push_back(text);
  refuse(name, key, "no device is called '" + shown(name) + "'" + suggestion(name, known, "") + " (weft topo lists the names)");
}

/// Scales all links from one vertex to another; returns how many.
int scale_links(Fabric& fabric, VertexId from, VertexId to, double share)
{
  int scaled = 0;
  for (std::uint32_t i = fabric.first_out[from.index()]; i < fabric.first_out[from.index() + 1]; ++i) {
    Link& link = fabric.links[fabric.out_links[i]];
    if (link.to != to) continue;
    link.capacity *= share;
    ++scaled;
  }
  return scaled;
}

} // namespace

void degrade(Fabric& fabric, const std::vector<DegradedLink>& degraded)
{
  if (degraded.empty()) return;
  Names names;
  for (std::size_t v = 0; v < fabric.vertices.size(); ++v) names.emplace(fabric.vertices[v].name, id_of<VertexId>(v));
  for (std::size_t i = 0; i < degraded.size(); ++i) {
    const DegradedLink& fault = degraded[i];
    const std::string key = "faults.links[" + std::to_string(i) + "]";
    if (!(fault.share > 0 && fault.share <= 1))
      throw ConfigError({}, key + ".share", "must be above 0 and at most 1 (what is left of the bandwidth)");
    const VertexId from = vertex_named(names, fault.from, key + ".from"), to = vertex_named(names, fault.to, key + ".to");
    if (scale_links(fabric, from, to, fault.share) == 0)
      refuse(fault.to, key + ".to", "'" + fault.from + "' and '" + fault.to + "' have no link between them (weft topo lists the links)");
    scale_links(fabric, to, from, fault.share);
  }
}

} // namespace weft
