// Networks whose end points forward for one another. A Weft adapter does not, so an end point with such cables gets a switch of its own,
// joined to its adapter by a link without delay that carries as much as its cables together. Internal to the room.
#pragma once
#include "import/network.hpp"

namespace weft {

/// The end points of a network and the cables between them and to switches.
struct EndPoints {
  std::int64_t per_node = 1; ///< end point e is adapter e % per_node of node e / per_node
  std::int64_t count = 0;
};

/// Gives every end point the name its cables use: its adapter's, or that of its own switch, which is added with its link.
/// `forwards[e]` says which end points forward, `rates[e]` is the sum of their cables.
std::vector<std::string> name_end_points(const EndPoints& ends, const std::vector<bool>& forwards, const std::vector<Bandwidth>& rates,
                                         ImportedNetwork& network);

} // namespace weft
