// Separate networks, one per adapter of a node: adapter k of every node hangs on network k, and only the nodes' own scale-up links lead
// from one to another (PXN: see route.cpp). Rail-only and multi-plane differ only in how many tiers each network has.
#pragma once
#include "fabric/clos.hpp"

namespace weft {

struct PlanesDemand {
  int tiers = 0; ///< of each network: 1, 2, 3, or 0: the fewest that fit
  double oversubscription = 1;
  double spine_oversubscription = 1;
  std::string name; ///< "rail": switches are called "rail0-leaf0"
};

void build_planes(FabricBuilder& builder, const Platform& platform, const PlanesDemand& demand,
                  const std::vector<std::vector<VertexId>>& adapters);
TopologyForm planes_form(const Platform& platform, const PlanesDemand& demand);

} // namespace weft
