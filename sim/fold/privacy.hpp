// Groups that share no link with anybody: what their transfers take is known before anything is played.
#pragma once
#include "fold/folding.hpp"

#include <cstdint>
#include <vector>

namespace weft {

/// What fusion needs to know of a group class.
struct PrivateGroup {
  bool is_private = false;
  std::uint8_t slot = 0;          ///< all members hold the group in this slot
  double slowdown = 1;            ///< of the slowest member
  std::vector<Seconds> durations; ///< per payload of the group's kind: of its transfer alone, all members there
  bool operator==(const PrivateGroup&) const = default;
};

/// Finds the private group classes, from the incidences of the unfolded traffic. A group is private when
/// - every link its flows charge is charged by no flow of another group,
/// - all its members have one role and hold it in one slot, which the program uses on one lane only: its meetings never overlap,
/// - no two flows of one phase share a link.
/// Then a phase takes latency + max over its flows of bytes x max over links of weight / capacity.
/// The representative's proof serves its class: equal groups take equal time.
std::vector<PrivateGroup> find_private_groups(const Job& job, const Traffic& traffic, const Fabric& fabric, const Folding& folding);

} // namespace weft
