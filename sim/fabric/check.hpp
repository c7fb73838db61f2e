// Holds a built machine to what must be true of any machine.
#pragma once
#include "fabric/fabric.hpp"

namespace weft {

/// Connected, ports within the radix, every link with a capacity and a latency that can be simulated. Throws ConfigError about `where`.
void check_fabric(const Fabric& fabric, const Node& where);

} // namespace weft
