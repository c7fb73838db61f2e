// Strong identities: an index that cannot be confused with an index into something else.
#pragma once
#include <compare>
#include <cstddef>
#include <cstdint>

namespace weft {

/// Index of one thing of kind `Tag` in the vector that owns all of them.
template <class Tag> struct Id {
  std::uint32_t value = 0;
  constexpr auto operator<=>(const Id&) const = default;
  /// The index, for subscripting the owning vector.
  [[nodiscard]] constexpr std::size_t index() const { return value; }
};

/// Makes an Id from any integer index.
template <class Identity> constexpr Identity id_of(std::size_t index) { return Identity{static_cast<std::uint32_t>(index)}; }

using AcceleratorId = Id<struct Accelerator_>; ///< an accelerator of the fabric, numbered node by node
using VertexId = Id<struct Vertex_>;           ///< a device or switch of the fabric
using LinkId = Id<struct Link_>;               ///< a directed link of the fabric
using RankId = Id<struct Rank_>;               ///< a rank of the job
using RoleId = Id<struct Role_>;               ///< a program shared by ranks
using GroupId = Id<struct Group_>;             ///< a communicator or an ordered sender/receiver pair

} // namespace weft
