// The hash of a flow at a switch, for routing kinds that draw a way per flow.
#pragma once
#include "units/hash.hpp"
#include "fabric/routing.hpp"

namespace weft {

/// Of seed, source, destination, flow label and the switch.
inline std::uint64_t flow_hash(const RoutingQuestion& question)
{
  std::uint64_t hash = splitmix64(question.seed);
  for (const std::uint64_t part :
       {std::uint64_t{question.source.value}, std::uint64_t{question.destination.value}, question.label, std::uint64_t{question.at.value}})
    hash = hash_with(hash, part);
  return hash;
}

} // namespace weft
