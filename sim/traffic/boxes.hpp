// Which groups stand in a box of a torus, mesh or full mesh of accelerators, so that algorithms may use all its dimensions.
#pragma once
#include "collectives/collective.hpp"
#include "fabric/fabric.hpp"

#include <span>

namespace weft {

/// The box the members make in the grid of their scale-up domain. Along a dimension they must stand evenly spaced: the whole of a ring is a
/// ring, a part of it a line; with spacing above one their messages pass through accelerators between. In several domains the members of
/// each must make the same box. Empty when they make none, are one to a domain, or in a domain without a grid.
Box box_of(const Fabric& fabric, std::span<const AcceleratorId> members);

} // namespace weft
