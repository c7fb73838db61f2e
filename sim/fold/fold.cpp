// From job and traffic to what the engine plays.
#include "fold/colouring.hpp"
#include "fold/folding.hpp"
#include "fold/privacy.hpp"
#include "fold/quotient.hpp"
#include "fold/script.hpp"

#include "config/error.hpp"

#include <algorithm>

namespace weft {

Folding fold(const Job& job, const Traffic& traffic, const Fabric& fabric, const EngineSettings& settings)
{
  // Messages of single steps are tied to member numbers, which a class of members does not have.
  const bool whole = settings.fold == FoldMode::off || settings.fidelity == Fidelity::steps;
  Folding folding =
      quotient(job, traffic, fabric, whole ? identity_colouring(job, traffic, fabric) : refined_colouring(job, traffic, fabric));
  std::vector<PrivateGroup> private_groups(folding.groups.size());
  if (settings.fuse == FuseMode::automatic) private_groups = find_private_groups(job, traffic, fabric, folding);
  write_scripts(folding, private_groups, settings.fuse);
  return folding;
}

std::uint32_t transfer_of(const Folding& folding, std::uint32_t group_class, std::uint32_t payload)
{
  if (folding.traffic.transfer_of.empty()) throw LogicError("folding: a group meets but there is no traffic");
  const std::uint8_t kind = folding.job->groups[folding.groups[group_class].representative.index()].kind;
  const std::vector<std::uint32_t>& payloads = folding.traffic.payloads_of[kind];
  const auto at = std::lower_bound(payloads.begin(), payloads.end(), payload);
  if (at == payloads.end() || *at != payload) throw LogicError("payload " + std::to_string(payload) + " is not used by its group's kind");
  return folding.traffic.transfer_of[group_class][static_cast<std::size_t>(at - payloads.begin())];
}

} // namespace weft
