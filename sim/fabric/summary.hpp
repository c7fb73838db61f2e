// What a machine is made of, for `weft topo`: counts, ports, cables with their power and price, bisection, diameter, oversubscription.
#pragma once
#include "fabric/topology.hpp"

#include <optional>

namespace weft {

/// Vertices of one kind and tier.
struct VertexCount {
  VertexKind kind = VertexKind::accelerator;
  int tier = 0;
  std::string name; ///< "accelerators", "leaf switches", ...
  std::int64_t count = 0;
};
/// One tier of network switches.
struct TierSummary {
  int tier = 1;
  std::string name; ///< "leaf", "spine", "core", "tier 4"
  std::int64_t switches = 0;
  int ports = 0;                     ///< radix; the largest where switches differ
  int least_used = 0, most_used = 0; ///< ports in use
  double oversubscription = 0;       ///< raw bandwidth down per bandwidth up, over the whole tier; 0: nothing above
};
/// Cables of one class.
struct CableSummary {
  std::string name;        ///< "nvlink3", "nic", "leaf-spine": the class without its direction
  std::int64_t links = 0;  ///< pairs of directed links
  std::int64_t cables = 0; ///< links x cables striped into one
  Bandwidth raw;           ///< of one link, one direction
  Watts power;             ///< of all of them
  Dollars price;
};
struct FabricSummary {
  std::string topology, routing;
  std::int64_t nodes = 0, accelerators = 0, adapters = 0, switches = 0;
  std::vector<VertexCount> vertices;
  std::vector<TierSummary> tiers;
  std::vector<CableSummary> cables;
  Watts switch_power, cable_power; ///< network switches; all cables
  Dollars switch_price, cable_price;
  int diameter = 0;    ///< switches between the two adapters furthest apart; 0: no network
  Bandwidth bisection; ///< closed form where the topology has one, else as computed; one direction, raw; 0: no network
  std::optional<Bandwidth> computed_bisection; ///< by maximum flow, machines of at most `most_links_for_cut` links
  Bandwidth full_bisection;                    ///< what half of the adapters can send: the non-blocking ideal
};

constexpr std::size_t most_links_for_cut = 40000;

FabricSummary summarize(const Fabric& fabric, const Platform& platform);

/// The summary as an aligned table for people.
std::string to_text(const FabricSummary& summary);

/// "leaf", "spine", "core", "tier 4".
std::string tier_name(int tier);

} // namespace weft
