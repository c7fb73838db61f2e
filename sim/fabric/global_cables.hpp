// The global cables of a dragonfly: which port of a group goes to which of another.
//
// The canonical ("consecutive") arrangement: the ports of a group, counted through its switches, go to the other groups in ascending
// order, and start over as long as a whole round is left: floor(ports / (groups - 1)) cables between every two groups, the remaining
// ports unused.
// Source: Kim, Dally, Scott, Abts, "Technology-driven, highly-scalable dragonfly topology", ISCA 2008, figure 5; named and compared with
// others by Camarero, Vallejo, Beivide, ACM TACO 11(4), 2014.
#pragma once
#include <cstdint>
#include <vector>

namespace weft {

/// Between two groups; ports are 0 to ports_per_group - 1 of the group.
struct GlobalCable {
  std::int64_t group_a = 0, port_a = 0, group_b = 0, port_b = 0;
};

/// Cables between every two of `groups`; 0 for one group.
constexpr std::int64_t global_rounds(std::int64_t groups, std::int64_t ports_per_group)
{
  return groups > 1 ? ports_per_group / (groups - 1) : 0;
}

inline std::vector<GlobalCable> global_cables(std::int64_t groups, std::int64_t ports_per_group)
{
  std::vector<GlobalCable> result;
  for (std::int64_t round = 0; round < global_rounds(groups, ports_per_group); ++round)
    for (std::int64_t a = 0; a < groups; ++a)
      for (std::int64_t b = a + 1; b < groups; ++b) // b is number b - 1 among a's others, a is number a among b's
        result.push_back({a, round * (groups - 1) + b - 1, b, round * (groups - 1) + a});
  return result;
}

} // namespace weft
