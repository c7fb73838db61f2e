// What a drawing shows: the first and last devices of every row, the rest as one item, and the cables between them gathered.
#pragma once
#include "fabric/summary.hpp"

#include <map>

namespace weft {

/// Something drawn: a device, or the hidden middle of a row.
struct ViewItem {
  std::optional<VertexId> vertex; ///< nothing: the hidden ones
  int tier = 0;
  std::int64_t hidden = 0; ///< how many it stands for
};

/// The cables between two items, of one class. `lower` is the one nearer to the nodes.
struct ViewEdge {
  std::size_t lower = 0, upper = 0;
  std::string name; ///< class without direction
  std::int64_t cables = 0;
  bool degraded = false;
};

struct ViewRow {
  int tier = 0;
  std::vector<std::size_t> items; ///< left to right
  std::int64_t total = 0;
};

/// The picture's content. Nodes come as numbers (their devices are in `items`, too); -1 in `nodes` stands for the hidden ones.
struct View {
  std::vector<ViewItem> items;
  std::vector<int> nodes;
  std::int64_t hidden_nodes = 0;
  std::size_t hidden_nodes_item = 0;
  std::vector<ViewRow> rows;          ///< network tiers, lowest first
  std::vector<ViewEdge> edges;        ///< of the network: adapters and switches
  std::vector<std::uint32_t> item_of; ///< per vertex; no_item for devices inside hidden nodes other than adapters
  static constexpr std::uint32_t no_item = 0xffffffff;
};

View make_view(const Fabric& fabric, std::size_t most_nodes, std::size_t most_switches);

/// Whether a link carries less than others of its class.
std::vector<bool> degraded_links(const Fabric& fabric);

/// "nic up" and "nic down" are both "nic".
std::string without_direction(const std::string& name);

} // namespace weft
