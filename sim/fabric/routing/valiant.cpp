// Valiant: every flow between two groups goes by way of a third, drawn at random, on shortest ways to it and on from it.
//
// Groups are those of a dragonfly; in a torus or HyperX every switch is a group of its own, as in Valiant's own scheme. Any switch of
// the group will do, so a dragonfly flow takes at most local, global, local, global, local cables. Flows inside a group, or where there
// are fewer than three groups, take a shortest way. The draw is a hash of source, destination, flow label and the run's seed, so a run
// can be repeated; among equally short ways a hash that takes the switch, too, chooses, as in ecmp.
// Source: Valiant, "A scheme for fast parallel communication", SIAM J. Comput. 11(2), 1982; for dragonflies Kim, Dally, Scott, Abts,
// "Technology-driven, highly-scalable dragonfly topology", ISCA 2008, section 4.1.
#include "fabric/flow_hash.hpp"

namespace weft {

extern const RoutingKind kind_valiant_routing_kinds;
const RoutingKind kind_valiant_routing_kinds{.name = "valiant",
                                             .summary =
                                                 "one way per flow by a randomly drawn third group (dragonfly) or switch (elsewhere)",
                                             .source = "Valiant, SIAM J. Comput. 11(2), 1982; Kim et al., ISCA 2008",
                                             .splits = false,
                                             .choose = hashed_choice,
                                             .detour = hashed_detour};

} // namespace weft
