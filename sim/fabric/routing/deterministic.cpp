// Deterministic: destination modulo, one way per destination whoever sends, as InfiniBand's subnet managers set up fat-trees.
//
// On a step between tier t and t + 1 with k choices, destination d takes choice floor(d / D_t) mod k, where D_t is the product of the
// up-links of one switch of each tier below t. Counting destinations through the ports so, a shift permutation (everybody sends to the
// adapter a fixed number further on) puts at most one flow on every link of a full, non-blocking fat-tree. With parallel cables the same
// number chooses among them on the way down.
// Source: Zahavi, "Fat-tree routing and node ordering providing contention free traffic for MPI global collectives", JPDC 72(11), 2012
// (D-mod-k, section 4). Destinations are numbered along the leaves' ports.
#include "fabric/routing.hpp"

namespace weft {

namespace {

std::size_t choose(const RoutingQuestion& question)
{
  return static_cast<std::size_t>(question.destination_number / question.divisor % question.choices.size());
}

} // namespace

extern const RoutingKind kind_deterministic_routing_kinds;
const RoutingKind kind_deterministic_routing_kinds{.name = "deterministic",
                                                   .summary =
                                                       "one way per destination, chosen by destination number modulo the ways (D-mod-k)",
                                                   .source = "Zahavi, JPDC 72(11), 2012",
                                                   .splits = false,
                                                   .choose = choose};

} // namespace weft
