#include "collectives/arrangement.hpp"
#include "collectives/edges.hpp"

#include <algorithm>

namespace weft {

Arrangement arrange(const GroupShape& group)
{
  Arrangement result;
  result.members = static_cast<std::uint32_t>(group.members());
  result.domains = group.by_domain();
  std::erase_if(result.domains, [](const auto& members) { return members.empty(); });
  std::size_t smallest = group.members();
  for (const auto& members : result.domains) {
    result.largest = std::max(result.largest, static_cast<std::uint32_t>(members.size()));
    smallest = std::min(smallest, members.size());
  }
  result.equal = smallest == result.largest;
  if (result.equal && result.domain_count() > 1) result.channels = result.largest;
  return result;
}

std::uint32_t ring_entry(const Arrangement& arrangement, std::uint32_t domain, std::uint32_t channel)
{
  const std::uint32_t size = arrangement.channels;
  return domain % 2 == 0 ? channel : (channel + size - 1) % size;
}

std::uint32_t ring_exit(const Arrangement& arrangement, std::uint32_t domain, std::uint32_t channel)
{
  const std::uint32_t size = arrangement.channels;
  return domain % 2 == 0 ? (channel + size - 1) % size : channel;
}

std::vector<std::uint32_t> ring_order(const Arrangement& arrangement, std::uint32_t channel)
{
  std::vector<std::uint32_t> order;
  order.reserve(arrangement.members);
  if (arrangement.channels == 1) {
    for (const auto& members : arrangement.domains) order.insert(order.end(), members.begin(), members.end());
    return order;
  }
  const std::uint32_t size = arrangement.channels;
  for (std::uint32_t d = 0; d < arrangement.domain_count(); ++d)
    for (std::uint32_t k = 0; k < size; ++k) { // upwards in even domains, downwards in odd ones
      const std::uint32_t entry = ring_entry(arrangement, d, channel);
      order.push_back(arrangement.domains[d][d % 2 == 0 ? (entry + k) % size : (entry + size - k) % size]);
    }
  return order;
}

std::vector<Edge> ring_edges(const Arrangement& arrangement, double bytes_per_byte)
{
  std::vector<Edge> edges;
  if (arrangement.members < 2) return edges;
  if (arrangement.channels == 1) {
    const std::vector<std::uint32_t> order = ring_order(arrangement, 0);
    for (std::size_t k = 0; k < order.size(); ++k) edges.push_back({order[k], order[(k + 1) % order.size()], bytes_per_byte});
    return sum_by_pair(std::move(edges));
  }
  const std::uint32_t size = arrangement.channels;
  const std::uint32_t count = arrangement.domain_count();
  for (std::uint32_t d = 0; d < count; ++d) {
    const auto& here = arrangement.domains[d];
    const auto& next = arrangement.domains[(d + 1) % count];
    for (std::uint32_t j = 0; j < size; ++j) {
      const std::uint32_t neighbour = d % 2 == 0 ? (j + 1) % size : (j + size - 1) % size;
      edges.push_back({here[j], here[neighbour], (size - 1) * bytes_per_byte});
      edges.push_back({here[ring_exit(arrangement, d, j)], next[ring_entry(arrangement, (d + 1) % count, j)], bytes_per_byte});
    }
  }
  return sum_by_pair(std::move(edges));
}

} // namespace weft
