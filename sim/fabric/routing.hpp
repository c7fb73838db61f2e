// Path choice over the network; each file in routing/ is one kind. All kinds work on equal-cost shortest ways: those to the destination,
// or, for a kind that takes detours, those to a group of switches and from there to the destination.
#pragma once
#include "fabric/fabric.hpp"

#include <functional>

namespace weft {

/// Equal-cost next links from a vertex towards a destination.
using NextLinks = std::span<const LinkId>;

/// What a routing kind is asked at every switch with several ways on: which share goes where.
struct RoutingQuestion {
  VertexId at, source, destination; ///< source and destination are adapter (or accelerator) vertices
  /// Their numbers for modulo routing: adapters in the order of the switches they hang on, then of that switch's ports
  /// (node by node on a fat-tree, rail by rail on a rail-optimized one); accelerators in the order of their domain.
  std::uint32_t source_number, destination_number;
  std::uint64_t label; ///< flow label, part of the hash
  std::uint64_t seed;
  NextLinks choices;         ///< at least one, in link order
  std::uint64_t divisor = 1; ///< product of the up-links of one switch of each tier below the tier this step joins: see deterministic
  std::span<const Link> links = {}; ///< of the whole machine, by number: where a choice leads
};

/// What a routing kind that takes detours is asked once per flow between switches of different groups: which group to pass through.
/// Groups are those of a dragonfly; elsewhere every switch with adapters is a group of its own.
struct DetourQuestion {
  VertexId source, destination; ///< adapters
  std::uint64_t label;
  std::uint64_t seed;
  std::size_t groups = 1; ///< how many there are besides the source's and the destination's
};

/// A way of choosing.
struct RoutingKind {
  const char* name;
  const char* summary;
  const char* source;
  bool splits = false; ///< true: all choices, equal shares; false: one, by choose()
  std::size_t (*choose)(const RoutingQuestion& question);
  /// Which of the other groups a flow passes through, below `question.groups`; null: none. Not for kinds that split.
  std::size_t (*detour)(const DetourQuestion& question) = nullptr;
};

const std::vector<const RoutingKind*>& routing_kinds();

} // namespace weft
