// Graph: any switches and links, listed by the user. Ends of links are switches by name or adapters as `nodeN/nicK`.
// Tiers are not asked for: a switch with adapters is a leaf, a switch next to a leaf is a spine, and so on outwards.
#include "fabric/names.hpp"
#include "fabric/wiring.hpp"

#include <algorithm>
#include <map>

namespace weft {

// Not in an unnamed namespace: lists of records are read by functions found through the record's namespace.
struct GraphSwitch {
  std::string name;
  int ports = 0;
};
struct GraphLink {
  std::string from, to;
  std::optional<Bandwidth> bandwidth;
  std::optional<Seconds> latency;
  int count = 1;
  std::string medium;
};
struct GraphSettings {
  std::vector<GraphSwitch> switches;
  std::vector<GraphLink> links;
};

template <> const Record<GraphSwitch>& record_of<GraphSwitch>()
{
  static const Record<GraphSwitch> record = Record<GraphSwitch>("a switch of a graph", "One switch.")
                                                .required("name", &GraphSwitch::name, "what links call it")
                                                .optional("ports", &GraphSwitch::ports, "its radix; 0: that of fabric.switch", at_least(0));
  return record;
}

template <> const Record<GraphLink>& record_of<GraphLink>()
{
  static const Record<GraphLink> record =
      Record<GraphLink>("a link of a graph", "One cable, or several between the same ends.")
          .required("from", &GraphLink::from, "a switch, or an adapter as nodeN/nicK")
          .required("to", &GraphLink::to, "a switch, or an adapter as nodeN/nicK")
          .optional("bandwidth", &GraphLink::bandwidth, "one direction, raw; left out: the slowest of medium, switch port and adapter",
                    {"above zero", [](const std::optional<Bandwidth>& b) { return !b || *b > Bandwidth(0); }})
          .optional("latency", &GraphLink::latency, "of the cable with its transceivers, in place of medium and length",
                    {"zero or more", [](const std::optional<Seconds>& s) { return !s || *s >= Seconds(0); }})
          .optional("count", &GraphLink::count, "parallel cables", in_range(1, 4096))
          .optional("medium", &GraphLink::medium,
                    "access or trunk: which of the fabric's media it is; left out: access at an adapter, else trunk",
                    {"access or trunk", [](const std::string& m) { return m.empty() || m == "access" || m == "trunk"; }});
  return record;
}

template <> const Record<GraphSettings>& record_of<GraphSettings>()
{
  static const Record<GraphSettings> record = Record<GraphSettings>("graph", "Any switches and links, listed one by one.")
                                                  .optional("switches", &GraphSettings::switches, "switches by name")
                                                  .required("links", &GraphSettings::links, "cables between switches and adapters");
  return record;
}

namespace {

std::vector<FieldDoc> settings() { return record_of<GraphSettings>().docs(); }

/// The names links may use, and what they stand for.
using Ends = std::map<std::string, VertexId>;

/// Where entry `index` of a list stands in the file, for messages; the whole settings when it cannot be told.
const Node& entry_of(const Node& set, const char* list, std::size_t index)
{
  const Node* found = set.find(list);
  return found && index < found->items.size() ? found->items[index] : set;
}

void add_switches(FabricBuilder& builder, const Platform& platform, const GraphSettings& set, Ends& ends)
{
  for (std::size_t i = 0; i < set.switches.size(); ++i) {
    const GraphSwitch& entry = set.switches[i];
    const Node& where = entry_of(platform.fabric.settings, "switches", i);
    if (entry.name.empty() || entry.name.find('/') != std::string::npos)
      refuse(where, "'" + entry.name + "' cannot be the name of a switch (use a word without '/')");
    const VertexId vertex = add_switch(builder, platform, entry.name, 1);
    if (entry.ports > 0) builder.vertices[vertex.index()].ports = entry.ports;
    if (!ends.emplace(entry.name, vertex).second) refuse(where, "two switches are called '" + entry.name + "' (give each its own name)");
  }
}

VertexId end_named(const std::string& name, const Ends& ends, const Node& where)
{
  const auto found = ends.find(name);
  if (found != ends.end()) return found->second;
  std::vector<std::string> known;
  for (const auto& [key, vertex] : ends) known.push_back(key);
  refuse(where, "no switch or adapter is called '" + name + "'" + suggestion(name, known, "") +
                    " (name a switch of the list, or an adapter as nodeN/nicK)");
}

/// Adds the cables of one entry. An adapter end gives it the adapter's rate, efficiency and latency.
void add_links(FabricBuilder& builder, const Platform& platform, const GraphLink& entry, VertexId a, VertexId b)
{
  const FabricModel& fabric = platform.fabric;
  const Adapters& adapters = platform.node.adapters;
  const auto is_adapter = [&](VertexId v) { return builder.vertices[v.index()].kind == VertexKind::adapter; };
  if (is_adapter(b) && !is_adapter(a)) std::swap(a, b); // up is away from the adapters
  const bool access = is_adapter(a);
  const bool access_medium = entry.medium.empty() ? access : entry.medium == "access";
  LinkMedium medium = access_medium ? fabric.access : fabric.trunk;
  Metres length = access_medium ? fabric.access_length : fabric.trunk_length;
  if (entry.latency) {
    medium.latency = *entry.latency;
    length = Metres{0};
  }
  Bandwidth rate = medium.bandwidth;
  if (!is_adapter(b)) rate = std::min(rate, fabric.switch_model.port_bandwidth);
  if (access) rate = std::min(rate, adapters.bandwidth);
  const auto entry_latency = [&](VertexId v) { return is_adapter(v) ? adapters.latency : fabric.switch_model.latency; };
  const std::string link_class = access ? "nic" : "trunk";
  for (int k = 0; k < entry.count; ++k)
    builder.add_cable({.a = a,
                       .b = b,
                       .bandwidth = entry.bandwidth.value_or(rate),
                       .medium = &medium,
                       .length = length,
                       .efficiency = access ? adapters.efficiency : 1.0,
                       .entry_a = entry_latency(a),
                       .entry_b = entry_latency(b),
                       .class_up = link_class + " up",
                       .class_down = link_class + " down"});
}

/// Numbers the tiers outwards from the adapters.
void set_tiers(FabricBuilder& builder, std::size_t first_link)
{
  std::vector<VertexId> front;
  std::vector<int> tier(builder.vertices.size(), -1);
  for (std::size_t v = 0; v < builder.vertices.size(); ++v)
    if (builder.vertices[v].kind == VertexKind::adapter) {
      tier[v] = 0;
      front.push_back(id_of<VertexId>(v));
    }
  std::vector<std::vector<VertexId>> next(builder.vertices.size());
  for (std::size_t l = first_link; l < builder.links.size(); ++l) next[builder.links[l].from.index()].push_back(builder.links[l].to);
  for (std::size_t head = 0; head < front.size(); ++head)
    for (const VertexId to : next[front[head].index()]) {
      if (tier[to.index()] >= 0) continue;
      tier[to.index()] = tier[front[head].index()] + 1;
      builder.vertices[to.index()].tier = tier[to.index()];
      front.push_back(to);
    }
}

void build(FabricBuilder& builder, const Platform& platform, const std::vector<std::vector<VertexId>>& adapters)
{
  require_network(platform);
  const Node& where = platform.fabric.settings;
  const auto set = settings_of<GraphSettings>(where);
  Ends ends;
  for (const auto& of_node : adapters)
    for (const VertexId adapter : of_node) ends.emplace(builder.vertices[adapter.index()].name, adapter);
  add_switches(builder, platform, set, ends);
  const std::size_t first_link = builder.links.size();
  for (std::size_t i = 0; i < set.links.size(); ++i) {
    const GraphLink& entry = set.links[i];
    const Node& place = entry_of(where, "links", i);
    const VertexId a = end_named(entry.from, ends, place), b = end_named(entry.to, ends, place);
    if (a == b) refuse(place, "'" + entry.from + "' is linked to itself (name two different ends)");
    add_links(builder, platform, entry, a, b);
  }
  set_tiers(builder, first_link);
}

/// Counts only: an arbitrary graph has no closed diameter or bisection.
TopologyForm form(const Platform& platform)
{
  require_network(platform);
  const auto set = settings_of<GraphSettings>(platform.fabric.settings);
  const auto at_adapter = [](const std::string& name) { return name.find('/') != std::string::npos; };
  TopologyForm result;
  result.switches = static_cast<std::int64_t>(set.switches.size());
  for (const GraphLink& link : set.links)
    (at_adapter(link.from) || at_adapter(link.to) ? result.access_cables : result.trunk_cables) += link.count;
  return result;
}

} // namespace

extern const TopologyKind kind_graph_topology_kinds;
const TopologyKind kind_graph_topology_kinds{"graph", "any switches and links, listed by the user", "the user's own", settings, build,
                                             form};

} // namespace weft
