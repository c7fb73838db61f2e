// The topology text that HPCC's ns-3 simulator brought up and that ASTRA-sim and SimAI read: counts, the numbers of the switches, then one
// link per line as `source target rate delay error-rate`. Internal to the room.
#pragma once
#include "import/network.hpp"

namespace weft {

struct Ns3Link {
  std::int64_t from = 0, to = 0;
  Bandwidth rate;
  Seconds delay;
  Place place;
};

/// The numbers of the first line, and a word when there is one.
struct Ns3Header {
  std::vector<std::int64_t> counts;
  std::string word;
  Place place, word_place;
};

struct Ns3Topology {
  Ns3Header header;
  std::vector<std::int64_t> switches; ///< by the file's numbers, in its order
  std::vector<Ns3Link> links;
  bool has_errors = false; ///< some link loses packets
};

/// How a header's counts are to be taken.
struct Ns3Counts {
  std::int64_t nodes = 0, switches = 0, links = 0;
};

/// The first line alone. Throws ConfigError when it is not made of whole numbers, with at most one word after them.
Ns3Header read_ns3_header(const ForeignText& text);
/// Everything after it. Throws ConfigError for counts that the rest does not hold to.
Ns3Topology read_ns3(const ForeignText& text, const Ns3Header& header, const Ns3Counts& counts);

/// Whether the first line has that many numbers and (or not) a word after them.
enum class Ns3Word { none, one };
bool looks_like_ns3(const ForeignText& text, std::size_t numbers, Ns3Word word);

/// What the numbers of a topology stand for.
struct Ns3Roles {
  std::int64_t nodes = 0;            ///< numbers in all; those that are no switches are accelerators, in order
  std::int64_t scaleup_switches = 0; ///< the first so many of the listed switches join the accelerators of one node
  std::int64_t per_node = 1;         ///< accelerators of a node
};

/// The machine such a text describes. Throws ConfigError for nodes that differ inside, and for accelerators without a network link where
/// others have one.
SimulatedMachine machine_of(const Ns3Topology& topology, const Ns3Roles& roles, const std::string& format);

} // namespace weft
