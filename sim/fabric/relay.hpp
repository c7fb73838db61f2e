// Through whose adapter an accelerator sends to another scale-up domain. Internal to the room.
#pragma once
#include "fabric/routing_table.hpp"

namespace weft {

/// Which of its node's adapters an accelerator uses: nodes are built alike, so places relative to the first accelerator tell.
std::size_t rail_of(const Fabric& fabric, AcceleratorId a);

/// Place of an accelerator in its scale-up domain.
std::size_t place_of(const Fabric& fabric, AcceleratorId a);

/// The accelerator of the sender's domain whose adapter sends: the sender, or, where its adapter's network does not reach the receiver's
/// (rails or planes without switches between them), the one in the receiver's place in its own domain, else the first that does. What
/// NCCL calls PXN: the data goes over scale-up links to the accelerator next to the right adapter. With pxn: rail the right adapter is
/// always the one of the receiver's rail.
AcceleratorId relay_of(const Fabric& fabric, AcceleratorId from, AcceleratorId to);

} // namespace weft
