#include "fabric/check.hpp"
#include "fabric/faults.hpp"
#include "fabric/names.hpp"
#include "fabric/routing_table.hpp"
#include "fabric/topology.hpp"

#include <algorithm>

namespace weft {

namespace {

/// Finds a kind by its YAML value. Throws ConfigError about the word with the nearest name or the list.
template <class Kind> const Kind& kind_named(const std::vector<const Kind*>& kinds, const Word& word, const char* key, const char* thing)
{
  std::vector<std::string> known;
  for (const Kind* kind : kinds) {
    if (word == kind->name) return *kind;
    known.emplace_back(kind->name);
  }
  refuse_unknown(word, key, thing, known);
}

void check_counts(const Platform& platform)
{
  const NodeModel& node = platform.node;
  constexpr std::int64_t most_devices = std::int64_t{1} << 20;
  constexpr int most_per_node = 16'384; // a TPU v5p pod has 8,960
  if (platform.nodes < 1) throw ConfigError({}, "nodes", "must be at least 1");
  if (node.accelerators < 1 || node.accelerators > most_per_node)
    throw ConfigError({}, "node.accelerators", "must be 1 to " + std::to_string(most_per_node));
  if (node.adapters.count < 0 || node.adapters.count > most_per_node)
    throw ConfigError({}, "node.adapters.count", "must be 0 to " + std::to_string(most_per_node));
  if (std::int64_t{platform.nodes} * std::max(node.accelerators, node.adapters.count) > most_devices)
    throw ConfigError({}, "nodes",
                      with_commas(platform.nodes) + " nodes are more than can be simulated (use at most " + with_commas(most_devices) +
                          " accelerators or adapters in all)");
  if (node.adapters.count > 0 && node.host_medium.bandwidth <= Bandwidth(0))
    throw ConfigError({}, "node.adapters.host_link", "the node has adapters but names no host link (name one, such as pcie-gen4-x16)");
}

/// One cable of the node's host medium, away from the accelerators.
LinkId add_host_link(FabricBuilder& builder, const NodeModel& node, VertexId a, VertexId b, Seconds entry)
{
  return builder.add_cable({.a = a,
                            .b = b,
                            .bandwidth = node.host_medium.bandwidth,
                            .medium = &node.host_medium,
                            .length = Metres{0},
                            .entry_a = Seconds(0),
                            .entry_b = entry,
                            .class_up = node.host_medium.name + " out",
                            .class_down = node.host_medium.name + " in"});
}

void extend(HostWay& out, HostWay& in, LinkId link)
{
  if (out.count >= out.links.size()) throw LogicError("a host way is longer than three links");
  out.links[out.count++] = link;
  for (std::size_t i = in.count++; i > 0; --i) in.links[i] = in.links[i - 1];
  in.links[0] = id_of<LinkId>(link.index() + 1);
}

/// Joins the adapters of one node to its accelerators.
///
/// Accelerator i uses adapter floor(i x adapters / accelerators). PCIe switches pass every device at the rate of its own slot, so an
/// accelerator has a host link of its own to its adapter, and accelerators of one adapter share that adapter's network link only.
/// With `adapters_per_host_link` above 1 (several ports on one card) one host link between the accelerators' PCIe switch and the card
/// carries all its adapters; behind the card each adapter runs at its own rate. Where accelerators hang on a host bridge (scale-up kind
/// none), adapters or cards hang on the bridge.
class HostLinks {
  FabricBuilder& builder_;
  const NodeModel& node_;
  int node_number_;
  const std::vector<VertexId>& accelerators_;
  const std::vector<VertexId>& adapters_;
  std::vector<HostWay>& out_;
  std::vector<HostWay>& in_;
  std::vector<std::optional<LinkId>> to_adapter_; ///< last link of the way to each adapter, where it is shared
  std::vector<std::optional<VertexId>> root_;     ///< the PCIe switch in front of each card
  std::vector<std::optional<LinkId>> to_card_;

  [[nodiscard]] VertexId add_inner(const std::string& what, std::size_t number)
  {
    return builder_.add_vertex({.name = "node" + std::to_string(node_number_) + "/" + what + std::to_string(number),
                                .kind = VertexKind::host_switch,
                                .node = node_number_,
                                .tier = 0,
                                .ports = 0});
  }

  void add_card(std::size_t card)
  {
    const std::size_t per_card = static_cast<std::size_t>(node_.adapters.adapters_per_host_link);
    root_[card] = builder_.host_bridge ? *builder_.host_bridge : add_inner("pcie", card);
    const VertexId body = add_inner("card", card);
    to_card_[card] = add_host_link(builder_, node_, *root_[card], body, Seconds(0));
    for (std::size_t k = card * per_card; k < std::min(adapters_.size(), (card + 1) * per_card); ++k)
      to_adapter_[k] = builder_.add_cable({.a = body,
                                           .b = adapters_[k],
                                           .bandwidth = node_.adapters.bandwidth,
                                           .medium = &node_.host_medium,
                                           .length = Metres{0},
                                           .entry_a = Seconds(0),
                                           .entry_b = node_.adapters.latency,
                                           .class_up = "card out",
                                           .class_down = "card in"});
  }

public:
  HostLinks(FabricBuilder& builder, const NodeModel& node, int node_number, const std::vector<VertexId>& accelerators,
            const std::vector<VertexId>& adapters, std::vector<HostWay>& out, std::vector<HostWay>& in)
      : builder_(builder), node_(node), node_number_(node_number), accelerators_(accelerators), adapters_(adapters), out_(out), in_(in),
        to_adapter_(adapters.size()), root_(adapters.size()), to_card_(adapters.size())
  {
    const std::size_t first = out.size();
    out_.resize(first + accelerators.size());
    in_.resize(first + accelerators.size());
    if (adapters.empty()) return;
    for (std::size_t i = 0; i < accelerators.size(); ++i)
      join(i, i * adapters.size() / accelerators.size(), &out_[first + i], &in_[first + i]);
    // More adapters than accelerators: the others serve an accelerator near by, so that none is cut off.
    std::vector<bool> used(adapters.size(), false);
    for (std::size_t i = 0; i < accelerators.size(); ++i) used[i * adapters.size() / accelerators.size()] = true;
    for (std::size_t k = 0; k < adapters.size(); ++k)
      if (!used[k]) join(k * accelerators.size() / adapters.size(), k, nullptr, nullptr);
  }

private:
  void join(std::size_t accelerator, std::size_t adapter, HostWay* out, HostWay* in)
  {
    HostWay away, back;
    const std::size_t per_card = static_cast<std::size_t>(std::max(1, node_.adapters.adapters_per_host_link));
    const VertexId self = accelerators_[accelerator];
    if (per_card > 1) {
      const std::size_t card = adapter / per_card;
      if (!to_card_[card]) add_card(card);
      extend(away, back,
             builder_.host_bridge ? builder_.bridge_links[accelerator] : add_host_link(builder_, node_, self, *root_[card], Seconds(0)));
      extend(away, back, *to_card_[card]);
      extend(away, back, *to_adapter_[adapter]);
    } else if (builder_.host_bridge) {
      if (!to_adapter_[adapter])
        to_adapter_[adapter] = add_host_link(builder_, node_, *builder_.host_bridge, adapters_[adapter], node_.adapters.latency);
      extend(away, back, builder_.bridge_links[accelerator]);
      extend(away, back, *to_adapter_[adapter]);
    } else {
      extend(away, back, add_host_link(builder_, node_, self, adapters_[adapter], node_.adapters.latency));
    }
    if (out) *out = away;
    if (in) *in = back;
  }
};

void index_links(Fabric& fabric)
{
  fabric.first_out.assign(fabric.vertices.size() + 1, 0);
  for (const Link& link : fabric.links) ++fabric.first_out[link.from.index() + 1];
  for (std::size_t v = 0; v < fabric.vertices.size(); ++v) fabric.first_out[v + 1] += fabric.first_out[v];
  fabric.out_links.resize(fabric.links.size());
  std::vector<std::uint32_t> next(fabric.first_out.begin(), fabric.first_out.end() - 1);
  for (std::size_t l = 0; l < fabric.links.size(); ++l)
    fabric.out_links[next[fabric.links[l].from.index()]++] = static_cast<std::uint32_t>(l);
}

/// Adds the vertices and inner links of one node; returns its adapters.
std::vector<VertexId> add_node(FabricBuilder& builder, Fabric& fabric, const NodeModel& node, const ScaleupKind& scaleup, int number)
{
  const std::string prefix = "node" + std::to_string(number) + "/";
  std::vector<VertexId> accelerators, adapters;
  for (int i = 0; i < node.accelerators; ++i)
    accelerators.push_back(builder.add_vertex(
        {.name = prefix + "gpu" + std::to_string(i), .kind = VertexKind::accelerator, .node = number, .tier = 0, .ports = 0}));
  builder.host_bridge.reset();
  builder.bridge_links.clear();
  scaleup.build(builder, node, number, accelerators);
  for (int k = 0; k < node.adapters.count; ++k)
    adapters.push_back(builder.add_vertex(
        {.name = prefix + "nic" + std::to_string(k), .kind = VertexKind::adapter, .node = number, .tier = 0, .ports = 0}));
  HostLinks(builder, node, number, accelerators, adapters, fabric.way_out, fabric.way_in);

  for (std::size_t i = 0; i < accelerators.size(); ++i) {
    fabric.accelerators.push_back(accelerators[i]);
    fabric.exits.push_back(adapters.empty() ? accelerators[i] : adapters[i * adapters.size() / accelerators.size()]);
  }
  fabric.adapters.insert(fabric.adapters.end(), adapters.begin(), adapters.end());
  return adapters;
}

} // namespace

Fabric build_fabric(const Platform& platform, const Faults& faults, std::uint64_t seed)
{
  check_counts(platform);
  const ScaleupKind& scaleup = kind_named(scaleup_kinds(), platform.node.scaleup, "node.scaleup", "scale-up kind");
  const TopologyKind& topology = kind_named(topology_kinds(), platform.fabric.kind, "fabric.kind", "fabric kind");
  const RoutingKind& routing = kind_named(routing_kinds(), platform.routing, "routing", "routing kind");

  Fabric fabric;
  FabricBuilder builder;
  std::vector<std::vector<VertexId>> adapters;
  for (int n = 0; n < platform.nodes; ++n) adapters.push_back(add_node(builder, fabric, platform.node, scaleup, n));
  topology.build(builder, platform, adapters);

  fabric.vertices = std::move(builder.vertices);
  fabric.links = std::move(builder.links);
  fabric.media = std::move(builder.media);
  fabric.domains = std::move(builder.domains);
  fabric.domain_of.resize(fabric.accelerators.size());
  for (std::size_t d = 0; d < fabric.domains.size(); ++d)
    for (const AcceleratorId member : fabric.domains[d].members) fabric.domain_of[member.index()] = static_cast<std::uint32_t>(d);
  fabric.topology = topology.name;
  fabric.routing_kind = routing.name;
  fabric.seed = seed;
  index_links(fabric);
  check_fabric(fabric, platform.fabric.settings);
  degrade(fabric, faults.links);
  fabric.routing = make_routing_table(fabric, {&routing, policy_of(routing, platform.routing_settings), platform.pxn});
  if (platform.pxn == Pxn::never && fabric.routing->part_groups.size() > 1)
    refuse(platform.routing, "routing.pxn",
           "fabric kind '" + fabric.topology +
               "' joins its rails or planes through the nodes only, so data must change adapters inside a "
               "node (set pxn: needed)");
  return fabric;
}

} // namespace weft
