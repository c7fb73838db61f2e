// How a group lies over its scale-up domains, and the rings that use every network adapter of a node.
#pragma once
#include "collectives/collective.hpp"

#include <cstdint>
#include <vector>

namespace weft {

/// Domains with their members, and how many channels an algorithm runs side by side.
///
/// A node has one network adapter for each accelerator (or few). One ring or tree through a node would use one adapter for what leaves the
/// node; NCCL therefore runs several channels that leave through different accelerators. Here: when there are several domains, all of g
/// members, g channels carry 1/g of the payload each, and channel c leaves and enters domains through local members given by
/// ring_entry/ring_exit (rings) or through local member c (trees). Otherwise one channel carries everything.
struct Arrangement {
  std::vector<std::vector<std::uint32_t>> domains; ///< members of each domain, in member order
  std::uint32_t members = 0;
  std::uint32_t channels = 1;
  std::uint32_t largest = 0; ///< members of the largest domain
  bool equal = false;        ///< all domains have `largest` members
  [[nodiscard]] std::uint32_t domain_count() const { return static_cast<std::uint32_t>(domains.size()); }
};

Arrangement arrange(const GroupShape& group);

/// Position within its domain at which the ring of a channel enters / leaves a domain. Entry and exit are neighbours and change places from
/// one domain to the next, so that the message between domains stays on one rail (the adapters of the same local number); with an odd
/// number of domains the last message of the ring changes rails. This is what NCCL does when a ring may use two adapters of a node
/// ("Alternate rings to avoid crossing rails", src/graph/connect.cc, crossNic = 2).
std::uint32_t ring_entry(const Arrangement& arrangement, std::uint32_t domain, std::uint32_t channel);
std::uint32_t ring_exit(const Arrangement& arrangement, std::uint32_t domain, std::uint32_t channel);

/// All members in the order in which the ring of a channel visits them, domain by domain.
std::vector<std::uint32_t> ring_order(const Arrangement& arrangement, std::uint32_t channel);

/// The edges of all channels' rings together when every ring moves `bytes_per_byte` over each of its edges; sorted, each pair once.
/// Counted, not walked: every in-domain edge belongs to all channels but one, every edge between domains to one channel.
std::vector<Edge> ring_edges(const Arrangement& arrangement, double bytes_per_byte);

} // namespace weft
