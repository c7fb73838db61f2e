// Collects vertices and cables while a topology kind wires a machine; build_fabric turns it into a Fabric.
#pragma once
#include "fabric/fabric.hpp"

#include <string>
#include <vector>

namespace weft {

/// The half-built machine.
class FabricBuilder {
public:
  VertexId add_vertex(Vertex vertex);
  /// A cable: two directed links. `bandwidth` is raw, one direction; capacity becomes bandwidth x medium.efficiency x `efficiency`.
  /// Latency of each direction = medium + propagation over `length` + `entry_*` (latency of the device it enters).
  struct Cable {
    VertexId a, b;
    Bandwidth bandwidth;
    const LinkMedium* medium = nullptr;
    Metres length{0};
    double efficiency = 1;
    Seconds entry_a, entry_b;
    std::string class_up, class_down;   ///< report names for a->b and b->a
  };
  void add_cable(const Cable& cable);
  void mark_domain(ScaleupDomain domain);

  std::vector<Vertex> vertices;
  std::vector<Link> links;
  std::vector<MediumClass> media;
  std::vector<ScaleupDomain> domains;
};

} // namespace weft
