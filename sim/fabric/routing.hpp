// Path choice over the network; each file in routing/ is one kind. All kinds work on equal-cost shortest ways: those to the destination,
// or, for a kind that takes detours, those to a group of switches and from there to the destination.
#pragma once
#include "fabric/fabric.hpp"

#include <functional>

namespace weft {

/// How a kind hashes and cuts flows: what its settings say. See the kinds for what each reads.
struct RoutingPolicy {
  bool hashes_source = true, hashes_destination = true, hashes_label = true, hashes_switch = true;
  std::uint32_t parts = 1;  ///< equal parts of a flow, each on a way drawn for itself
  std::uint32_t labels = 0; ///< how many different labels the hash can tell apart; 0: all
};

/// The label a part of a flow is hashed with. A whole flow keeps its own.
std::uint64_t label_of_part(const RoutingPolicy& policy, std::uint64_t label, std::uint32_t part);

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
  RoutingPolicy policy = {};
};

/// What a routing kind that takes detours is asked once per flow between switches of different groups: which group to pass through.
/// Groups are those of a dragonfly; elsewhere every switch with adapters is a group of its own.
struct DetourQuestion {
  VertexId source, destination; ///< adapters
  std::uint64_t label;
  std::uint64_t seed;
  std::size_t groups = 1; ///< how many there are besides the source's and the destination's
};

/// A way as far as an adaptive kind weighs it: its cables between switches.
struct WayLoad {
  int hops = 0;
  double busiest = 0; ///< seconds per byte on the busiest of them: flows placed so far and this one, over the cable's capacity
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
  /// Whether a flow takes that detour rather than its shortest way; null: always. With it, flows are placed one after another.
  bool (*takes_detour)(const WayLoad& shortest, const WayLoad& detour) = nullptr;
  std::vector<FieldDoc> (*settings)() = nullptr; ///< its own keys; null: none
  RoutingPolicy (*policy)(const Node& settings) = nullptr;
};

/// The policy of a platform's settings for a kind. Throws ConfigError about keys it does not know.
RoutingPolicy policy_of(const RoutingKind& kind, const Node& settings);

const std::vector<const RoutingKind*>& routing_kinds();

} // namespace weft
