// A network read from a foreign file, and its form as keys of a platform: the `graph` fabric with its switches and links, and for files of
// simulators, which describe the nodes as well, the node's inside. Internal to the room.
#pragma once
#include "import/format.hpp"
#include "units/quantity.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weft {

/// A switch of an imported network.
struct ImportedSwitch {
  std::string name;
  Place place;
  int ports = 0; ///< 0: as many as it has cables
};

/// A cable between two switches, or a switch and an adapter called nodeN/nicK. What is left out is the fabric's to say.
struct ImportedLink {
  std::string from, to;
  std::optional<Bandwidth> bandwidth; ///< one direction
  std::optional<Seconds> latency;
  int count = 1;
  Place place;
};

/// The network between nodes.
struct ImportedNetwork {
  Place place; ///< of the whole
  std::vector<ImportedSwitch> switches;
  std::vector<ImportedLink> links;
};

/// What a file may hold at most: as much as can be kept in memory with the place of every value.
constexpr std::int64_t most_imported_links = 131'072;
constexpr std::int64_t most_imported_switches = 131'072;

/// Throws ConfigError for more than that. For formats whose settings alone can ask for any number: call before listing them.
void require_import_size(std::int64_t switches, std::int64_t links, const Place& where);

/// `fabric: {kind: graph, ...}`. Equal cables between the same ends become one entry with a count.
Node graph_fabric(const ImportedNetwork& network);

/// The last part of a path: results hold no folders.
std::string file_name(const std::string& path);
std::string adapter_name(std::int64_t node, std::int64_t adapter);

/// A machine as network simulators describe it: accelerators numbered through, each with one adapter, and links whose rates and delays are
/// all there is.
struct SimulatedMachine {
  std::string format;                       ///< "simai"
  std::int64_t nodes = 0, accelerators = 0; ///< accelerators per node
  std::string chip;                         ///< preset; empty: the base's
  Node scaleup;                             ///< word or mapping of `node.scaleup`; null: the node's inside is the base's
  int scaleup_links = 0;                    ///< per accelerator; 0: no scale-up links
  Bandwidth scaleup_rate;                   ///< of one of them
  Seconds scaleup_latency;
  bool has_adapters = false;
  Bandwidth adapter_rate; ///< all cables of one adapter together
  ImportedNetwork network;
};

/// The keys of a platform. Efficiencies are 1 and adapters and switches add no latency, as in the simulator the file was written for.
Node platform_of(const SimulatedMachine& machine);

} // namespace weft
