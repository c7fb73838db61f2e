// The smallest cut of a built machine, computed by maximum flow: what closed forms of bisection are held to.
#pragma once
#include "fabric/fabric.hpp"

namespace weft {

/// Smallest cut, raw and one direction, that parts `first` from `second`, over links whose both ends are in `inside`
/// (per vertex; empty: everywhere). Boykov, Kolmogorov, IEEE Trans. PAMI 26(9), 2004.
Bandwidth smallest_cut(const Fabric& fabric, const std::vector<VertexId>& first, const std::vector<VertexId>& second,
                       const std::vector<bool>& inside = {});

/// Smallest cut of the network between the adapters of the first half of the nodes (floor(nodes / 2)) and those of the rest.
Bandwidth network_bisection(const Fabric& fabric);

/// Smallest cut inside one scale-up domain between the first half of its accelerators and the rest.
Bandwidth domain_bisection(const Fabric& fabric, const ScaleupDomain& domain);

} // namespace weft
