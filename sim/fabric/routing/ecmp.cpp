// ECMP: one way per flow, drawn at every switch by a hash of the flow and of the switch.
//
// The hash takes source, destination, flow label, the run's seed and the switch, so choices of different tiers are independent: a
// fabric whose switches all hashed alike would send everything that reached one spine out of one of its ports.
// Source: RFC 2992 (equal-cost multi-path by hash); the hash is ours, real switches differ.
#include "fabric/flow_hash.hpp"

namespace weft {

namespace {

std::size_t choose(const RoutingQuestion& question) { return static_cast<std::size_t>(flow_hash(question) % question.choices.size()); }

} // namespace

extern const RoutingKind kind_ecmp_routing_kinds;
const RoutingKind kind_ecmp_routing_kinds{.name = "ecmp",
                                          .summary = "one way per flow, by a hash of source, destination, label, seed and switch",
                                          .source = "RFC 2992",
                                          .splits = false,
                                          .choose = choose};

} // namespace weft
