// The hash of a flow at a switch, for routing kinds that draw a way per flow.
#pragma once
#include "units/hash.hpp"
#include "fabric/routing.hpp"

namespace weft {

/// Of the seed and, as far as the policy says so, source, destination, flow label and the switch.
inline std::uint64_t flow_hash(const RoutingQuestion& question)
{
  const RoutingPolicy& policy = question.policy;
  std::uint64_t hash = splitmix64(question.seed);
  if (policy.hashes_source) hash = hash_with(hash, question.source.value);
  if (policy.hashes_destination) hash = hash_with(hash, question.destination.value);
  if (policy.hashes_label) hash = hash_with(hash, question.label);
  if (policy.hashes_switch) hash = hash_with(hash, question.at.value);
  return hash;
}

/// One of the choices, by that hash.
inline std::size_t hashed_choice(const RoutingQuestion& question)
{
  return static_cast<std::size_t>(flow_hash(question) % question.choices.size());
}

/// One of the groups, by a hash of seed, source, destination and flow label.
inline std::size_t hashed_detour(const DetourQuestion& question)
{
  std::uint64_t hash = splitmix64(question.seed);
  for (const std::uint64_t part : {std::uint64_t{question.source.value}, std::uint64_t{question.destination.value}, question.label})
    hash = hash_with(hash, part);
  return static_cast<std::size_t>(hash % question.groups);
}

} // namespace weft
