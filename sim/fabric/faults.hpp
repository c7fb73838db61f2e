// Links that carry less than they should.
#pragma once
#include "fabric/fabric.hpp"

namespace weft {

/// Takes the bandwidth of every degraded link down to its share: all parallel cables between the two named ends, both directions.
/// Throws ConfigError for a name that is no device, or two devices without a link.
void degrade(Fabric& fabric, const std::vector<DegradedLink>& degraded);

} // namespace weft
