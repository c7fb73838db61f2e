// What a topology kind is. Each file in kinds/ defines one `extern const` of these; the file name is the YAML value.
// Scale-up kinds wire the inside of a node, scale-out kinds join the adapters of all nodes.
#pragma once
#include "fabric/builder.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace weft {

/// Closed forms a contract test holds a built fabric to. Counts are of cables (pairs of directed links); 0 bisection: not claimed.
struct TopologyForm {
  std::int64_t switches = 0;
  std::int64_t access_cables = 0; ///< adapter (or accelerator) to first switch
  std::int64_t trunk_cables = 0;  ///< switch to switch, or accelerator to accelerator
  int diameter = 0;               ///< switches (or forwarding accelerators) on the longest shortest way between end points; 0: not claimed
  Bandwidth bisection; ///< one direction, raw, between the first half of the nodes (of the accelerators, inside a node) and the rest
};

/// A way of wiring a node's inside.
struct ScaleupKind {
  const char* name;    ///< YAML value
  const char* summary; ///< one line for `weft list`
  const char* source;
  std::vector<FieldDoc> (*settings)();
  /// Adds links among the accelerators of one node to the builder.
  void (*build)(FabricBuilder& builder, const NodeModel& node, int node_number, const std::vector<VertexId>& accelerators);
  TopologyForm (*form)(const NodeModel& node);
};

/// A way of joining nodes.
struct TopologyKind {
  const char* name;
  const char* summary;
  const char* source;
  std::vector<FieldDoc> (*settings)();
  /// Adds switches and links; `adapters[node][k]` is the vertex of adapter k.
  void (*build)(FabricBuilder& builder, const Platform& platform, const std::vector<std::vector<VertexId>>& adapters);
  TopologyForm (*form)(const Platform& platform);
};

/// All kinds, sorted by name (generated from the files in kinds/).
const std::vector<const ScaleupKind*>& scaleup_kinds();
const std::vector<const TopologyKind*>& topology_kinds();

} // namespace weft
