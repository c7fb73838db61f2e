// What the collectives room says of a group, asked once per distinct shape: thousands of equal groups share one answer.
#pragma once
#include "collectives/collective.hpp"
#include "fabric/fabric.hpp"

#include <map>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

namespace weft {

/// The shape of a group on the fabric. A domain's switch counts as reducing only when the library may use it.
GroupShape shape_of(const Fabric& fabric, const CollectiveLibrary& library, std::span<const AcceleratorId> members);

/// One shape and what is known of it so far.
struct KnownShape {
  GroupShape shape;
  std::map<std::pair<Operation, std::uint32_t>, std::vector<Phase>> phases; ///< by operation and algorithm
};

/// Answers by shape. References stay good while it lives.
class Algorithms {
public:
  KnownShape& of(GroupShape shape);
  /// Phases of an algorithm that supports the operation on the shape.
  static const std::vector<Phase>& phases(KnownShape& known, Operation operation, std::uint32_t algorithm);

private:
  std::map<std::tuple<std::vector<std::uint32_t>, std::vector<std::uint8_t>, Box>, KnownShape> known_;
};

/// The algorithms to choose among, ascending: the one the settings force, or all that support the operation on the shape and are not
/// forced_only.
/// `whom` words the group in errors. Throws ConfigError when a forced algorithm is unknown or cannot do it, LogicError when none can.
std::vector<std::uint32_t> candidates(const EngineSettings& settings, Operation operation, const GroupShape& shape,
                                      const std::string& whom);

/// Throws ConfigError when EngineSettings::collectives names an operation or algorithm there is not.
void check_forced(const EngineSettings& settings);

} // namespace weft
