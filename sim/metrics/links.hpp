// How much the links carried and how full they were, by medium class of the fabric.
#pragma once
#include "metrics/results.hpp"

namespace weft {

/// One entry per medium class that carries traffic, the class with the fullest link first, then by name.
std::vector<LinkReport> link_reports(const Fabric& fabric, const Folding& folding, const Trace& trace);

} // namespace weft
