// Builds the graph that refinement works on: ranks - groups - flows - links, each with what can be told of it alone.
#include "fold/colouring.hpp"

#include "fold/partition.hpp"

#include <bit>
#include <map>

namespace weft {

std::uint64_t grid_bits(double value)
{
  constexpr std::uint64_t dropped = 52 - 40; // mantissa bits of a double below the grid
  constexpr std::uint64_t half = std::uint64_t{1} << (dropped - 1);
  return (std::bit_cast<std::uint64_t>(value + 0.0) + half) >> dropped << dropped; // + 0.0: minus zero is zero
}

namespace {

using Key = std::vector<std::uint64_t>;

/// Numbers keys in order of appearance; equal keys get equal numbers.
class KeyNumbers {
public:
  explicit KeyNumbers(std::uint32_t first) : next_(first) {}
  std::uint32_t number(const Key& key)
  {
    const auto [at, added] = numbers_.try_emplace(key, next_);
    if (added) ++next_;
    return at->second;
  }
  [[nodiscard]] std::uint32_t next() const { return next_; }

private:
  std::map<Key, std::uint32_t> numbers_;
  std::uint32_t next_;
};

/// Numbers weights; runs of equal weights, the usual case, cost one comparison.
class WeightLabels {
public:
  explicit WeightLabels(std::uint32_t first) : next_(first) {}
  std::uint32_t label(double weight)
  {
    const std::uint64_t bits = grid_bits(weight);
    if (known_ && bits == last_bits_) return last_label_;
    const auto [at, added] = labels_.try_emplace(bits, next_);
    if (added) ++next_;
    known_ = true;
    last_bits_ = bits;
    return last_label_ = at->second;
  }

private:
  std::map<std::uint64_t, std::uint32_t> labels_;
  std::uint32_t next_;
  bool known_ = false;
  std::uint64_t last_bits_ = 0;
  std::uint32_t last_label_ = 0;
};

/// Where each sort of node starts in the numbering of the graph; links without traffic are no nodes.
struct Numbering {
  std::uint32_t groups = 0, flows = 0, links = 0, end = 0;
  std::vector<std::uint32_t> link_node; ///< per link: its node, or no_class
};

Numbering number_nodes(const Job& job, const Traffic& traffic, const Fabric& fabric)
{
  Numbering n;
  n.groups = static_cast<std::uint32_t>(job.ranks.size());
  n.flows = n.groups + static_cast<std::uint32_t>(job.groups.size());
  n.links = n.flows + static_cast<std::uint32_t>(traffic.flows.size());
  n.link_node.assign(fabric.links.size(), Colouring::no_class);
  for (const Charge& charge : traffic.charges) n.link_node[charge.link] = 0;
  n.end = n.links;
  for (std::uint32_t& node : n.link_node) {
    if (node == 0) node = n.end++;
  }
  return n;
}

Key group_key(const Job& job, const Traffic& traffic, std::uint32_t group)
{
  Key key{job.groups[group].kind, job.groups[group].members.size()};
  for (const std::uint32_t index : traffic.transfer_of[group]) {
    const Transfer& transfer = traffic.transfers[index];
    key.insert(key.end(), {transfer.algorithm, transfer.protocol, grid_bits(transfer.step_latency.base()), transfer.phases});
    for (std::uint32_t p = 0; p < transfer.phases; ++p) {
      const TransferPhase& phase = traffic.phases[transfer.first_phase + p];
      key.insert(key.end(), {grid_bits(phase.latency.base()), phase.uses});
    }
  }
  return key;
}

/// What a flow is used for: kind of its group, then payload position, phase and bytes of each use.
std::vector<Key> flow_keys(const Job& job, const Traffic& traffic)
{
  std::vector<Key> keys(traffic.flows.size());
  for (std::size_t flow = 0; flow < keys.size(); ++flow) keys[flow].push_back(job.groups[traffic.flow_group[flow]].kind);
  for (std::size_t group = 0; group < job.groups.size(); ++group) {
    const auto& transfers = traffic.transfer_of[group];
    for (std::size_t k = 0; k < transfers.size(); ++k) {
      const Transfer& transfer = traffic.transfers[transfers[k]];
      for (std::uint32_t p = 0; p < transfer.phases; ++p) {
        const TransferPhase& phase = traffic.phases[transfer.first_phase + p];
        for (std::uint32_t u = 0; u < phase.uses; ++u) {
          const FlowUse& use = traffic.uses[phase.first_use + u];
          keys[use.flow].insert(keys[use.flow].end(), {k, p, grid_bits(use.bytes.base())});
        }
      }
    }
  }
  return keys;
}

std::vector<std::uint32_t> initial_colours(const Job& job, const Traffic& traffic, const Fabric& fabric, const Numbering& nodes)
{
  std::vector<std::uint32_t> colours(nodes.end);
  KeyNumbers ranks(0);
  for (std::size_t i = 0; i < job.ranks.size(); ++i) {
    colours[i] = ranks.number({job.ranks[i].role.value, grid_bits(job.ranks[i].slowdown)});
  }
  KeyNumbers groups(ranks.next());
  for (std::uint32_t i = 0; i < job.groups.size(); ++i) colours[nodes.groups + i] = groups.number(group_key(job, traffic, i));
  KeyNumbers flows(groups.next());
  const std::vector<Key> keys = flow_keys(job, traffic);
  for (std::size_t i = 0; i < keys.size(); ++i) colours[nodes.flows + i] = flows.number(keys[i]);
  KeyNumbers links(flows.next());
  for (std::size_t i = 0; i < fabric.links.size(); ++i) {
    if (nodes.link_node[i] == Colouring::no_class) continue;
    colours[nodes.link_node[i]] = links.number({grid_bits(fabric.links[i].capacity.base()), fabric.links[i].medium});
  }
  return colours;
}

/// Labels: below the number of slots, the slot a rank holds a group in; then "flow of a group"; then weights.
std::vector<LabelledEdge> incidences(const Job& job, const Traffic& traffic, const Numbering& nodes)
{
  const std::size_t slots = job.slots.size();
  const auto flow_label = static_cast<std::uint32_t>(slots);
  std::vector<LabelledEdge> edges;
  edges.reserve(job.groups_of.size() + traffic.flows.size() + traffic.charges.size());
  for (std::size_t rank = 0; rank < job.ranks.size(); ++rank) {
    for (std::uint32_t slot = 0; slot < slots; ++slot) {
      const std::uint32_t group = job.group_of(id_of<RankId>(rank), slot);
      if (group != Job::no_group) edges.push_back({static_cast<std::uint32_t>(rank), nodes.groups + group, slot});
    }
  }
  WeightLabels weights(flow_label + 1);
  for (std::uint32_t flow = 0; flow < traffic.flows.size(); ++flow) {
    edges.push_back({nodes.groups + traffic.flow_group[flow], nodes.flows + flow, flow_label});
    for (const Charge& charge : traffic.charges_of(flow)) {
      edges.push_back({nodes.flows + flow, nodes.link_node[charge.link], weights.label(charge.weight)});
    }
  }
  return edges;
}

/// Cuts one sort of node out of the classes of all nodes and numbers its classes from zero.
std::uint32_t take(const std::vector<std::uint32_t>& classes, std::uint32_t first, std::uint32_t end, std::vector<std::uint32_t>& into)
{
  into.assign(classes.begin() + first, classes.begin() + end);
  return number_by_first_member(into);
}

Colouring colouring_of(const std::vector<std::uint32_t>& classes, const Numbering& nodes)
{
  Colouring c;
  c.ranks = take(classes, 0, nodes.groups, c.rank_class);
  c.groups = take(classes, nodes.groups, nodes.flows, c.group_class);
  c.flows = take(classes, nodes.flows, nodes.links, c.flow_class);
  std::vector<std::uint32_t> used;
  c.links = take(classes, nodes.links, nodes.end, used);
  c.link_class.assign(nodes.link_node.size(), Colouring::no_class);
  for (std::size_t link = 0; link < nodes.link_node.size(); ++link) {
    if (nodes.link_node[link] != Colouring::no_class) c.link_class[link] = used[nodes.link_node[link] - nodes.links];
  }
  return c;
}

} // namespace

Colouring identity_colouring(const Job& job, const Traffic& traffic, const Fabric& fabric)
{
  const Numbering nodes = number_nodes(job, traffic, fabric);
  std::vector<std::uint32_t> classes(nodes.end);
  for (std::uint32_t i = 0; i < nodes.end; ++i) classes[i] = i;
  return colouring_of(classes, nodes);
}

Colouring refined_colouring(const Job& job, const Traffic& traffic, const Fabric& fabric)
{
  const Numbering nodes = number_nodes(job, traffic, fabric);
  const std::vector<std::uint32_t> colours = initial_colours(job, traffic, fabric, nodes);
  const LabelledGraph graph = make_graph(nodes.end, incidences(job, traffic, nodes));
  return colouring_of(coarsest_equitable_partition(graph, colours), nodes);
}

} // namespace weft
