// Pairs: accelerators of a node joined as a list says, each pair by its own number of links; others are reached over accelerators
// between. For boards whose wiring follows no rule, such as four MI250X, whose eight dies have four, two, one or no link to one another.
#include "fabric/scaleup_wiring.hpp"
#include "fabric/wiring.hpp"

#include <algorithm>

namespace weft {

namespace {

/// Two accelerators joined directly.
struct WiredPair {
  int a = 0, b = 0, links = 1;
};

struct PairList {
  std::vector<WiredPair> pairs;
};

} // namespace

template <> const Record<WiredPair>& record_of<WiredPair>()
{
  static const Record<WiredPair> record = Record<WiredPair>("pair", "Two accelerators of a node joined directly.")
                                              .required("a", &WiredPair::a, "one accelerator, from 0", at_least(0))
                                              .required("b", &WiredPair::b, "the other", at_least(0))
                                              .optional("links", &WiredPair::links, "links between them, striped", in_range(1, 1024));
  return record;
}

template <> const Record<PairList>& record_of<PairList>()
{
  static const Record<PairList> record = Record<PairList>("pairs", "Accelerators of a node joined as a list says.")
                                             .required("pairs", &PairList::pairs, "which accelerators are joined, and by how many links");
  return record;
}

namespace {

std::vector<FieldDoc> settings() { return record_of<PairList>().docs(); }

void require_links_enough(const NodeModel& node, const std::vector<WiredPair>& pairs)
{
  std::vector<int> used(static_cast<std::size_t>(node.accelerators), 0);
  for (const WiredPair& pair : pairs)
    for (const int end : {pair.a, pair.b}) used[static_cast<std::size_t>(end)] += pair.links;
  const auto most = std::max_element(used.begin(), used.end());
  if (*most > node.chip.scaleup_links || (*most > 0 && node.scaleup_medium.bandwidth <= Bandwidth(0)))
    refuse(node.scaleup_settings, "accelerator " + std::to_string(most - used.begin()) + " has " + std::to_string(*most) +
                                      " links in these pairs and chip '" + node.chip.name + "' has " +
                                      std::to_string(node.chip.scaleup_links) + " (remove some, or use another chip)");
}

/// Hops between the two accelerators furthest apart; throws ConfigError when some are not joined at all.
int hops_across(const NodeModel& node, const std::vector<WiredPair>& pairs)
{
  const std::size_t n = static_cast<std::size_t>(node.accelerators);
  std::vector<std::vector<std::size_t>> next(n);
  for (const WiredPair& pair : pairs) {
    next[static_cast<std::size_t>(pair.a)].push_back(static_cast<std::size_t>(pair.b));
    next[static_cast<std::size_t>(pair.b)].push_back(static_cast<std::size_t>(pair.a));
  }
  int furthest = 0;
  for (std::size_t start = 0; start < n; ++start) {
    std::vector<int> hops(n, -1);
    std::vector<std::size_t> reached{start};
    hops[start] = 0;
    for (std::size_t i = 0; i < reached.size(); ++i)
      for (const std::size_t other : next[reached[i]])
        if (hops[other] < 0) {
          hops[other] = hops[reached[i]] + 1;
          reached.push_back(other);
        }
    if (reached.size() < n)
      refuse(node.scaleup_settings, "accelerators " + std::to_string(start) + " and " +
                                        std::to_string(std::find(hops.begin(), hops.end(), -1) - hops.begin()) +
                                        " are not joined over any pairs (add one)");
    furthest = std::max(furthest, hops[reached.back()]);
  }
  return furthest;
}

/// The pairs, checked.
std::vector<WiredPair> pairs_of(const NodeModel& node)
{
  constexpr int most_accelerators = 1024;
  const Node& where = node.scaleup_settings;
  const std::vector<WiredPair> pairs = settings_of<PairList>(where).pairs;
  if (node.accelerators > most_accelerators)
    refuse(where, "scale-up kind 'pairs' joins at most " + std::to_string(most_accelerators) + " accelerators (use another scale-up kind)");
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const WiredPair& pair = pairs[i];
    if (pair.a == pair.b || std::max(pair.a, pair.b) >= node.accelerators)
      refuse(where, "no pair of different accelerators below " + std::to_string(node.accelerators) + ": " + std::to_string(pair.a) +
                        " and " + std::to_string(pair.b) + " (they are numbered from 0)");
    for (std::size_t j = 0; j < i; ++j)
      if (std::minmax(pairs[j].a, pairs[j].b) == std::minmax(pair.a, pair.b))
        refuse(where, "the pair " + std::to_string(pair.a) + " and " + std::to_string(pair.b) + " stands twice (write links: 2)");
  }
  require_links_enough(node, pairs);
  return pairs;
}

void build(FabricBuilder& builder, const NodeModel& node, int node_number, const std::vector<VertexId>& accelerators)
{
  const std::vector<WiredPair> pairs = pairs_of(node);
  hops_across(node, pairs);
  for (const WiredPair& pair : pairs)
    join_accelerators(builder, node, accelerators[static_cast<std::size_t>(pair.a)], accelerators[static_cast<std::size_t>(pair.b)],
                      pair.links);
  builder.mark_domain(domain_of_node(node_number, accelerators.size()));
}

TopologyForm form(const NodeModel& node)
{
  const std::vector<WiredPair> pairs = pairs_of(node);
  TopologyForm result;
  result.trunk_cables = static_cast<std::int64_t>(pairs.size());
  result.diameter = std::max(0, hops_across(node, pairs) - 1);
  const int half = node.accelerators / 2;
  for (const WiredPair& pair : pairs)
    if ((pair.a < half) != (pair.b < half)) result.bisection += node.scaleup_medium.bandwidth * pair.links;
  return result;
}

} // namespace

extern const ScaleupKind kind_pairs_scaleup_kinds;
const ScaleupKind kind_pairs_scaleup_kinds{
    "pairs",
    "accelerators of a node joined as a list of pairs says, each by its own number of links",
    "Pearson, Interconnect bandwidth heterogeneity on AMD MI250x and Infinity Fabric, 2023 (arXiv:2302.14827)",
    settings,
    build,
    form};

} // namespace weft
