#include "units/hash.hpp"
#include "fabric/routing.hpp"

namespace weft {

std::uint64_t label_of_part(const RoutingPolicy& policy, std::uint64_t label, std::uint32_t part)
{
  const std::uint64_t of_part = part == 0 ? label : hash_with(label, part);
  return policy.labels == 0 ? of_part : splitmix64(of_part) % policy.labels;
}

RoutingPolicy policy_of(const RoutingKind& kind, const Node& settings)
{
  if (kind.policy) return kind.policy(settings);
  for (const auto& [key, value] : settings.entries) refuse_unknown_key(value, key, {"kind", "pxn"});
  return {};
}

} // namespace weft
