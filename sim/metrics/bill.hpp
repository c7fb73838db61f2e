// What a machine is made of, for its power, its price and its failures: nodes, switches, and the cables between them by medium.
// A figure that its data file does not give is unknown here, not zero. What is inside a node is part of the node.
#pragma once
#include "fabric/fabric.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weft {

enum class BillGroup { nodes, switches, cables };

/// Parts of one kind.
struct BillItem {
  BillGroup group = BillGroup::nodes;
  std::string name; ///< "nodes dgx-h100", "accelerators tpu-v5p", "switches qm9700", "access cables dac-400g", "trunk cables dr4-400g"
  std::int64_t count = 0;
  std::optional<Watts> power;   ///< of one, rated; zero where it is part of the node's
  std::optional<Dollars> price; ///< of one; likewise
};

enum class FailingPart { cables, engines, lasers, switches };

/// One way in which the network fails, over the whole machine.
struct FailureMode {
  FailingPart part = FailingPart::cables;
  std::string name; ///< "access cables dac-400g", "optical engines", "laser sources", "switches qm9700"
  std::int64_t parts = 0;
  std::optional<double> fit;     ///< failures of one part in 1e9 hours
  std::optional<Seconds> repair; ///< from a failure until everything it stopped carries again
  double links_stopped = 0;      ///< by one failure at once, mean
  double links_in_repair = 0;    ///< out of service until it is repaired, mean: more than at once where the switch must come out
  double interrupting = 0;       ///< share of the failures that cut a node off and so stop a job on the whole machine
  double nodes_cut = 0;          ///< nodes that such a failure cuts off until it is repaired, mean
};

/// Everything counted. Built by bill_of, constant afterwards.
struct Bill {
  std::vector<BillItem> items;
  std::vector<FailureMode> failures; ///< of the network between nodes
  std::int64_t nodes = 0, switches = 0, access_cables = 0, trunk_cables = 0;
  std::int64_t optical_engines = 0, laser_sources = 0;
  int tiers = 0; ///< of network switches
};

/// Counts the built machine. A cable is an access cable when one end is a device of a node, else a trunk cable; its ends are plugs but
/// for those that its medium says are co-packaged. Of the engines (laser sources) of a switch those are counted that serve a cable:
/// ceil(cables x engines / ports). A node is cut off when a device of it loses its only cable.
Bill bill_of(const Platform& platform, const Fabric& fabric);

} // namespace weft
