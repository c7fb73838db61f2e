// What an all-to-all of a large group puts on every link, summed by destination instead of pair by pair.
#pragma once
#include "fabric/fabric.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace weft {

/// Loads when every member sends every other one unit, and the slowest ways.
struct AllPairsLoad {
  std::vector<double> on_link; ///< per link of the fabric, in units
  Seconds inside, between;     ///< latency of the slowest way inside a scale-up domain, between domains
  bool through_host = false;   ///< some way inside a domain passes an adapter or host port instead of scale-up links
};

/// Whether the routing kind takes all shortest ways in equal parts: all_pairs_load is then what the routes of all pairs add up to.
bool takes_all_ways(const Fabric& fabric);

/// Loads of an all-to-all among different accelerators, every flow on all of its shortest ways in equal parts.
///
/// Traffic to one switch with adapters is swept towards it once: each vertex passes on what has reached it. The cost is that of as many
/// walks over the network as there are such switches, not as there are pairs. For routing kinds that take one way per flow this is the mean
/// over their choices. Of f flows hashed onto a link, the load varies by 1/sqrt(f) about that mean (balls in bins), and thousands
/// of members put thousands of flows on every cable. Modulo routing of a whole fat-tree gives exactly that mean (Zahavi 2012).
/// Throws CannotFinish for routing kinds that take detours and for more work than some minutes', LogicError where there is no way.
AllPairsLoad all_pairs_load(const Fabric& fabric, std::span<const AcceleratorId> members);

} // namespace weft
