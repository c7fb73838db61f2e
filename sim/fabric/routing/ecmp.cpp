// ECMP: one way per flow, drawn at every switch by a hash of the flow and of the switch.
//
// The hash takes source, destination, flow label, the run's seed and the switch, so choices of different tiers are independent: a
// fabric whose switches all hashed alike would send everything that reached one spine out of one of its ports.
// Source: RFC 2992 (equal-cost multi-path by hash); the hash is ours, real switches differ.
#include "fabric/hash.hpp"
#include "fabric/routing.hpp"

namespace weft {

namespace {

std::size_t choose(const RoutingQuestion& question)
{
  std::uint64_t hash = splitmix64(question.seed);
  for (const std::uint64_t part :
       {std::uint64_t{question.source.value}, std::uint64_t{question.destination.value}, question.label, std::uint64_t{question.at.value}})
    hash = hash_with(hash, part);
  return static_cast<std::size_t>(hash % question.choices.size());
}

} // namespace

extern const RoutingKind kind_ecmp_routing_kinds;
const RoutingKind kind_ecmp_routing_kinds{.name = "ecmp",
                                          .summary = "one way per flow, by a hash of source, destination, label, seed and switch",
                                          .source = "RFC 2992",
                                          .splits = false,
                                          .choose = choose};

} // namespace weft
