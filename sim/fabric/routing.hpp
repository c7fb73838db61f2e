// Path choice over the network. All routing kinds work on equal-cost shortest ways; each file in routing/ is one kind.
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
};

/// A way of choosing.
struct RoutingKind {
  const char* name;
  const char* summary;
  const char* source;
  bool splits = false; ///< true: all choices, equal shares; false: one, by choose()
  std::size_t (*choose)(const RoutingQuestion& question);
};

const std::vector<const RoutingKind*>& routing_kinds();

} // namespace weft
