// Path choice over the network. All routing kinds work on equal-cost shortest ways; each file in routing/ is one kind.
#pragma once
#include "fabric/fabric.hpp"

#include <functional>

namespace weft {

/// Equal-cost next links from a vertex towards a destination.
using NextLinks = std::span<const LinkId>;

/// What a routing kind is asked at every switch with several ways on: which share goes where.
struct RoutingQuestion {
  VertexId at, source, destination;   ///< source and destination are adapter (or accelerator) vertices
  std::uint32_t source_number, destination_number; ///< their index among adapters, node by node: for modulo routing
  std::uint64_t label;                ///< flow label, part of the hash
  std::uint64_t seed;
  NextLinks choices;                  ///< at least one, in link order
};

/// A way of choosing.
struct RoutingKind {
  const char* name;
  const char* summary;
  const char* source;
  bool splits = false;                ///< true: all choices, equal shares; false: one, by choose()
  std::size_t (*choose)(const RoutingQuestion& question);
};

const std::vector<const RoutingKind*>& routing_kinds();

} // namespace weft
