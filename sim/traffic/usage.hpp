// Which payloads the groups of a job exchange, read off the programs through the slots.
#pragma once
#include "job/job.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace weft {

/// Payloads by group kind and by role.
struct Usage {
  std::vector<std::vector<std::uint32_t>> payloads_of; ///< per group kind, ascending
  std::vector<std::vector<std::uint32_t>> through;     ///< per role x slots + slot: payloads, ascending
};

/// Throws LogicError when a slot holds groups of two kinds or a program uses a slot that is always empty.
Usage usage_of(const Job& job);
/// Payloads one group's members use, ascending: those of its first member, as members issue the same operations.
std::vector<std::uint32_t> payloads_of_group(const Job& job, const Usage& usage, std::uint32_t group);

} // namespace weft
