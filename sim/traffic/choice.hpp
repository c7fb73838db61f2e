// The ways to carry out an operation on one group, laid over the fabric and priced, and the choice among them.
#pragma once
#include "traffic/algorithms.hpp"
#include "traffic/cost.hpp"
#include "traffic/loads.hpp"

namespace weft {

/// One algorithm on one group: its phases, what they put on the links, and its price under each protocol it may use.
struct Candidate {
  std::uint32_t algorithm = 0;                ///< as in Transfer
  const std::vector<Phase>* phases = nullptr; ///< kept by the KnownShape
  std::vector<PhaseLoad> loads;               ///< per phase
  std::vector<Option> options;                ///< by protocol, ascending
};

/// Everything that can carry out the operation on the group, in the order of collective_kinds(). Throws as candidates() does.
std::vector<Candidate> prepare(const CollectiveLibrary& library, const EngineSettings& settings, KnownShape& known, GroupRoutes& routes,
                               Operation operation, const std::string& whom);

/// What was chosen, by reference into the candidates.
struct Chosen {
  const Candidate* candidate = nullptr;
  const Option* option = nullptr;
};
/// The candidate and protocol of the least time alone; of equals the first.
Chosen fastest(const CollectiveLibrary& library, const std::vector<Candidate>& candidates, Bytes payload);

/// Label of a group's connections for routing kinds that hash flows: one for all groups of a kind, so that a pair of accelerators has one
/// connection per kind of group. The seed is the fabric's.
constexpr std::uint64_t connection_label(std::uint32_t group_kind) { return group_kind; }

} // namespace weft
