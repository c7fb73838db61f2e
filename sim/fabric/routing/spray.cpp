// Spray: every transfer goes over all equal-cost ways at once, in equal parts at every switch. Ideal packet spraying: no reordering cost.
// Source: Dixit, Prakash, Hu, Kompella, "On the impact of packet spraying in data center networks", INFOCOM 2013.
#include "fabric/routing.hpp"

namespace weft {

namespace {

std::size_t choose(const RoutingQuestion&) { return 0; } // never asked: all choices are taken

} // namespace

extern const RoutingKind kind_spray_routing_kinds;
const RoutingKind kind_spray_routing_kinds{.name = "spray",
                                           .summary = "equal parts over all equal-cost ways (ideal packet spraying)",
                                           .source = "Dixit et al., INFOCOM 2013",
                                           .splits = true,
                                           .choose = choose};

} // namespace weft
