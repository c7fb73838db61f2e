#include "traffic/algorithms.hpp"

#include "config/value.hpp"
#include "traffic/boxes.hpp"

#include <algorithm>

namespace weft {
namespace {

/// Index of a kind by name, or the number of kinds.
std::uint32_t index_of(const std::string& name)
{
  const auto& kinds = collective_kinds();
  return static_cast<std::uint32_t>(
      std::find_if(kinds.begin(), kinds.end(), [&](const CollectiveKind* kind) { return name == kind->name; }) - kinds.begin());
}

std::string key_of(const std::string& operation) { return "engine.collectives." + operation; }

std::vector<std::uint32_t> supporting(Operation operation, const GroupShape& shape)
{
  std::vector<std::uint32_t> result;
  for (std::uint32_t k = 0; k < collective_kinds().size(); ++k)
    if (collective_kinds()[k]->supports(operation, shape)) result.push_back(k);
  return result;
}

std::vector<std::string> names_of(const std::vector<std::uint32_t>& algorithms)
{
  std::vector<std::string> names;
  for (const std::uint32_t algorithm : algorithms) names.emplace_back(collective_kinds()[algorithm]->name);
  return names;
}

} // namespace

GroupShape shape_of(const Fabric& fabric, const CollectiveLibrary& library, std::span<const AcceleratorId> members)
{
  GroupShape shape;
  shape.domain.reserve(members.size());
  std::map<std::uint32_t, std::uint32_t> number; // domain of the fabric -> domain of the group
  for (const AcceleratorId member : members) {
    const std::uint32_t domain = fabric.domain_of[member.index()];
    const auto [at, is_new] = number.try_emplace(domain, static_cast<std::uint32_t>(number.size()));
    if (is_new) {
      const ScaleupDomain& owner = fabric.domains[domain];
      shape.domain_reduces.push_back(library.in_switch && owner.has_switch && owner.reduces ? 1 : 0);
    }
    shape.domain.push_back(at->second);
  }
  shape.box = box_of(fabric, members);
  return shape;
}

KnownShape& Algorithms::of(GroupShape shape)
{
  KnownShape& known = known_[{shape.domain, shape.domain_reduces, shape.box}];
  if (known.shape.domain.empty()) known.shape = std::move(shape);
  return known;
}

const std::vector<Phase>& Algorithms::phases(KnownShape& known, Operation operation, std::uint32_t algorithm)
{
  const auto [at, is_new] = known.phases.try_emplace({operation, algorithm});
  if (is_new) at->second = collective_kinds()[algorithm]->phases(operation, known.shape);
  return at->second;
}

std::vector<std::uint32_t> candidates(const EngineSettings& settings, Operation operation, const GroupShape& shape, const std::string& whom)
{
  const std::string name = operation_names[static_cast<std::size_t>(operation)];
  const auto forced = settings.collectives.find(name);
  std::vector<std::uint32_t> able = supporting(operation, shape);
  if (forced == settings.collectives.end()) {
    std::erase_if(able, [operation](std::uint32_t algorithm) {
      return collective_kinds()[algorithm]->selection(operation) == Selection::forced_only;
    });
    if (able.empty()) throw LogicError("no algorithm carries out " + name + " on " + whom);
    return able;
  }
  const std::uint32_t wanted = index_of(forced->second);
  if (std::find(able.begin(), able.end(), wanted) != able.end()) return {wanted};
  refuse(forced->second, key_of(name),
         "'" + forced->second + "' cannot carry out " + name + " on " + whom + " (use " +
             (able.empty() ? "another plan" : joined(names_of(able))) + ", or leave it out to choose by time)");
}

void check_forced(const EngineSettings& settings)
{
  const std::vector<std::string> operations(operation_names.begin(),
                                            operation_names.begin() + static_cast<std::ptrdiff_t>(Operation::send));
  std::vector<std::string> algorithms;
  for (const CollectiveKind* kind : collective_kinds()) algorithms.emplace_back(kind->name);
  for (const auto& [operation, algorithm] : settings.collectives) {
    const bool known = std::find(operations.begin(), operations.end(), operation) != operations.end();
    if (!known) refuse_unknown({operation, algorithm.place, algorithm.key}, key_of(operation), "operation", operations);
    if (index_of(algorithm) == collective_kinds().size()) refuse_unknown(algorithm, key_of(operation), "algorithm", algorithms);
  }
}

} // namespace weft
