// From classes to the quotient: one rank, group, flow and link stands for each class, with the weights that make it exact.
#pragma once
#include "fold/colouring.hpp"
#include "fold/folding.hpp"

namespace weft {

/// Everything of a Folding but its scripts. Representatives are the lowest members; a flow class charges a link class with the
/// weight that all its flows together put on one link of that class.
Folding quotient(const Job& job, const Traffic& traffic, const Fabric& fabric, Colouring colouring);

} // namespace weft
