// Collects vertices and cables while a topology kind wires a machine; build_fabric turns it into a Fabric.
#pragma once
#include "fabric/fabric.hpp"

#include <optional>
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
    std::string class_up, class_down; ///< report names for a->b and b->a
    int count = 1;                    ///< cables striped into one link: capacity, power and price are theirs together
  };
  /// Returns the link a->b; b->a is the next one. Throws ConfigError beyond `most_links`.
  LinkId add_cable(const Cable& cable);
  void mark_domain(ScaleupDomain domain);
  static constexpr std::size_t most_links = std::size_t{1}
                                            << 23; ///< about a million accelerators; keeps absurd settings from filling memory
  static constexpr std::size_t most_media = 4096;

  std::vector<Vertex> vertices;
  std::vector<Link> links;
  std::vector<MediumClass> media;
  std::vector<ScaleupDomain> domains;
  /// Set by a scale-up kind whose accelerators reach everything, adapters too, through one bridge; empty again for each node.
  std::optional<VertexId> host_bridge;
  std::vector<LinkId> bridge_links; ///< from each accelerator of the node to that bridge

private:
  std::uint16_t medium_class(const MediumClass& wanted);
};

} // namespace weft
