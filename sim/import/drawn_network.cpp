// A drawn graph as a network: which vertices are servers, switches and adapters, which edges are cables, what they carry.
#include "import/drawn_graph.hpp"

#include "config/value.hpp"
#include "import/pattern.hpp"
#include "import/tree.hpp"
#include "units/text.hpp"

#include <algorithm>
#include <charconv>

namespace weft {
namespace {

constexpr int most_nodes = 131'072, most_adapters = 1'024, most_count = 4'096, most_ports = 65'536;

const DrawnValue& figure(const Figures& all, NetworkFigure which) { return all[static_cast<std::size_t>(which)]; }

[[noreturn]] void refuse_at(const Place& place, const std::string& what, const std::string& problem)
{
  throw ConfigError(place, what, problem);
}

int count_of(const DrawnValue& value, const char* what, int most)
{
  int number = 0;
  const char* const end = value.text.data() + value.text.size();
  const auto [stop, error] = std::from_chars(value.text.data(), end, number);
  if (error != std::errc{} || stop != end || number < 1 || number > most)
    refuse_at(value.place, what,
              "expected a whole number from 1 to " + std::to_string(most) + ", got '" + shown(value.text) + "' (correct it)");
  return number;
}

/// A quantity with its unit, or a bare number in the unit the user gave for such.
template <class T, class Parse>
T quantity_of(const DrawnValue& value, const char* what, const std::string& unit, Parse parse, const char* example)
{
  const bool bare = parse_number(value.text).has_value();
  if (bare && unit.empty())
    refuse_at(value.place, what, "'" + shown(value.text) + "' has no unit (write " + example + ", or give import." + what + "-unit)");
  const std::optional<T> parsed = parse(bare ? value.text + " " + unit : value.text);
  if (!parsed)
    refuse_at(value.place, what, "expected a " + std::string(what) + ", got '" + shown(value.text) + "' (write " + example + ")");
  return *parsed;
}

void check_unit(bool known, const Node& settings, const char* key, const char* example)
{
  if (known) return;
  const Node* written = settings.find(key);
  refuse(written ? *written : settings, std::string("not a unit (write ") + example + ")");
}

/// "node12/nic3" -> (12, 3); -1 and -1 for another name.
struct AdapterNumber {
  int node = -1, adapter = -1;
};
AdapterNumber adapter_of(const std::string& name)
{
  AdapterNumber number;
  if (!name.starts_with("node")) return {};
  const char* const end = name.data() + name.size();
  const auto [slash, bad_node] = std::from_chars(name.data() + 4, end, number.node);
  if (bad_node != std::errc{} || std::string_view(slash, end).substr(0, 4) != "/nic") return {};
  const auto [stop, bad_adapter] = std::from_chars(slash + 4, end, number.adapter);
  if (bad_adapter != std::errc{} || stop != end || adapter_name(number.node, number.adapter) != name) return {};
  return number;
}

/// Something inside a node, as `weft topo --dot` draws it: the platform's node says how it is wired.
bool inside_a_node(const std::string& name) { return name.starts_with("node") && name.find('/') != std::string::npos; }

enum class Role { network_switch, server, adapter, inner };

Role role_of(const DrawnVertex& vertex, const GraphReading& reading)
{
  const DrawnValue& role = figure(vertex.figures, NetworkFigure::role);
  if (role.text == "hidden")
    refuse_at(
        role.place, "",
        "the drawing leaves out part of the machine (weft topo draws 8 nodes and 16 switches of a tier in full: draw a smaller machine)");
  if (adapter_of(vertex.name).node >= 0) return Role::adapter;
  if (inside_a_node(vertex.name)) return Role::inner;
  if (!reading.servers.empty()) return fits_pattern(reading.servers, vertex.name) ? Role::server : Role::network_switch;
  if (!role.given() || role.text == "switch" || role.text == "router") return Role::network_switch;
  if (role.text == "server" || role.text == "host") return Role::server;
  refuse_at(role.place, "role",
            "'" + shown(role.text) +
                "' is neither a switch nor a server (write switch or server, or name the servers with import.servers)");
}

/// The edges that are cables: one for each pair of opposite edges of a directed graph.
std::vector<std::size_t> cables_of(const DrawnGraph& graph)
{
  std::vector<std::size_t> all(graph.edges.size());
  for (std::size_t e = 0; e < all.size(); ++e) all[e] = e;
  if (graph.kind == DrawnEdges::undirected) return all;
  std::map<std::pair<std::size_t, std::size_t>, std::vector<std::size_t>> between;
  for (const std::size_t e : all) between[{graph.edges[e].from, graph.edges[e].to}].push_back(e);
  const auto back = [&](std::size_t e) { return between.find({graph.edges[e].to, graph.edges[e].from}); };
  if (std::none_of(all.begin(), all.end(), [&](std::size_t e) { return back(e) != between.end(); })) return all;
  std::vector<std::size_t> cables;
  for (const auto& [ends, there] : between) {
    const auto opposite = between.find({ends.second, ends.first});
    if (opposite == between.end() || opposite->second.size() != there.size())
      refuse_at(graph.edges[there.front()].place, "",
                "the edge from '" + shown(graph.vertices[ends.first].name) + "' to '" + shown(graph.vertices[ends.second].name) +
                    "' has no opposite, others have one (draw every cable once, or both ways)");
    if (ends.first > ends.second) continue;
    for (std::size_t k = 0; k < there.size(); ++k) {
      const Figures &a = graph.edges[there[k]].figures, &b = graph.edges[opposite->second[k]].figures;
      for (const NetworkFigure which : {NetworkFigure::bandwidth, NetworkFigure::latency, NetworkFigure::count})
        if (figure(a, which).text != figure(b, which).text)
          refuse_at(graph.edges[opposite->second[k]].place, "",
                    "the two directions of a cable differ (a cable carries the same both ways)");
      cables.push_back(there[k]);
    }
  }
  std::sort(cables.begin(), cables.end());
  return cables;
}

/// Turns vertices and edges into switches and links, numbering servers and their adapters in the order of the file.
class NetworkWriter {
  const DrawnGraph& graph_;
  const GraphReading& reading_;
  std::vector<Role> roles_;
  std::vector<int> server_number_, ports_used_;
  int nodes_ = 0, adapters_ = 0;
  ImportedNetwork network_;

public:
  NetworkWriter(const DrawnGraph& graph, const GraphReading& reading)
      : graph_(graph), reading_(reading), server_number_(graph.vertices.size(), -1), ports_used_(graph.vertices.size(), 0)
  {
    network_.place = {graph.file(), 1, 1};
    for (const DrawnVertex& vertex : graph.vertices) add(vertex);
    refuse_two_ways_of_naming();
    for (const std::size_t e : cables_of(graph)) add(graph.edges[e]);
    if (nodes_ == 0)
      refuse_at({graph.file()}, "",
                "the graph has no servers (give them the attribute role=server, name adapters node0/nic0, or set import.servers to a "
                "pattern of their names)");
  }

  [[nodiscard]] Imported take()
  {
    Imported result;
    result.tree = mapping_at(network_.place);
    put(result.tree, "title", scalar_at("Imported from " + file_name(graph_.file()), network_.place));
    put(result.tree, "source", scalar_at(file_name(graph_.file()), network_.place));
    put(result.tree, "confidence", scalar_at("estimate", network_.place));
    put(result.tree, "note", scalar_at("The network is the file's; what it does not say is the base's.", network_.place));
    put(result.tree, "nodes", scalar_at(std::to_string(nodes_), network_.place));
    Node adapters = mapping_at(network_.place);
    put(adapters, "count", scalar_at(std::to_string(adapters_), network_.place));
    Node node = mapping_at(network_.place);
    put(node, "adapters", std::move(adapters));
    put(result.tree, "node", std::move(node));
    put(result.tree, "fabric", graph_fabric(network_));
    note_servers(result);
    if (!graph_.ignored().empty()) {
      std::string list;
      for (const std::string& name : graph_.ignored()) list += (list.empty() ? "" : ", ") + name;
      result.notes.push_back({{graph_.file()}, "attributes without a meaning here: " + list});
    }
    return result;
  }

private:
  void add(const DrawnVertex& vertex)
  {
    const Role role = role_of(vertex, reading_);
    const std::size_t index = roles_.size();
    roles_.push_back(role);
    if (role == Role::server) server_number_[index] = nodes_++;
    if (role == Role::adapter) {
      const AdapterNumber number = adapter_of(vertex.name);
      if (number.node >= most_nodes || number.adapter >= most_adapters)
        refuse_at(vertex.place, "", "the number of adapter '" + shown(vertex.name) + "' is too large (count from 0 without gaps)");
      nodes_ = std::max(nodes_, number.node + 1);
      adapters_ = std::max(adapters_, number.adapter + 1);
    }
    if (role != Role::network_switch) return;
    const DrawnValue& ports = figure(vertex.figures, NetworkFigure::ports);
    network_.switches.push_back({vertex.name, vertex.place, ports.given() ? count_of(ports, "ports", most_ports) : 0});
  }

  /// Servers are numbered by their order, adapters by their names: one file does one of both.
  void refuse_two_ways_of_naming() const
  {
    const auto server = std::find(roles_.begin(), roles_.end(), Role::server),
               adapter = std::find(roles_.begin(), roles_.end(), Role::adapter);
    if (server == roles_.end() || adapter == roles_.end()) return;
    const DrawnVertex& vertex = graph_.vertices[static_cast<std::size_t>(server - roles_.begin())];
    refuse_at(vertex.place, "",
              "the server '" + shown(vertex.name) + "' stands beside adapters called nodeN/nicK (name all the adapters, or only servers)");
  }

  /// The name of an edge's end in the graph fabric; a server's end takes the adapter it names, or else the next.
  std::string end_of(std::size_t vertex, const DrawnValue& port, const Place& place)
  {
    if (roles_[vertex] != Role::server) return graph_.vertices[vertex].name;
    int adapter = ports_used_[vertex];
    if (port.given()) {
      DrawnValue number = port;
      if (number.text.starts_with("nic")) number.text.erase(0, 3);
      adapter = number.text == "0" ? 0 : count_of(number, "port", most_adapters - 1);
    } else {
      ++ports_used_[vertex];
    }
    if (adapter >= most_adapters)
      refuse_at(place, "", "a server of more than " + std::to_string(most_adapters) + " links (use ports to share adapters)");
    adapters_ = std::max(adapters_, adapter + 1);
    return adapter_name(server_number_[vertex], adapter);
  }

  void add(const DrawnEdge& edge)
  {
    const auto inner = [&](std::size_t v) { return roles_[v] == Role::inner; };
    if (inner(edge.from) || inner(edge.to)) {
      for (const std::size_t v : {edge.from, edge.to})
        if (!inner(v) && roles_[v] != Role::adapter)
          refuse_at(edge.place, "",
                    "'" + shown(graph_.vertices[v].name) + "' is linked to the inside of a node (link it to an adapter, nodeN/nicK)");
      return;
    }
    ImportedLink link;
    link.place = edge.place;
    link.from = end_of(edge.from, edge.from_port, edge.place);
    link.to = end_of(edge.to, edge.to_port, edge.place);
    if (const DrawnValue& rate = figure(edge.figures, NetworkFigure::bandwidth); rate.given()) {
      link.bandwidth = quantity_of<Bandwidth>(rate, "bandwidth", reading_.bandwidth_unit, parse_bandwidth, "400 Gbps");
      if (*link.bandwidth <= Bandwidth(0)) refuse_at(rate.place, "bandwidth", "must be above zero");
    }
    if (const DrawnValue& delay = figure(edge.figures, NetworkFigure::latency); delay.given()) {
      link.latency = quantity_of<Seconds>(delay, "latency", reading_.latency_unit, parse_seconds, "500 ns");
      if (*link.latency < Seconds(0)) refuse_at(delay.place, "latency", "must be zero or more");
    }
    if (const DrawnValue& count = figure(edge.figures, NetworkFigure::count); count.given())
      link.count = count_of(count, "count", most_count);
    network_.links.push_back(std::move(link));
  }

  void note_servers(Imported& result) const
  {
    constexpr int most_told = 64;
    std::string list;
    int told = 0;
    for (std::size_t v = 0; v < roles_.size() && told <= most_told; ++v)
      if (roles_[v] == Role::server) list += (list.empty() ? "" : ", ") + (told++ == most_told ? "..." : shown(graph_.vertices[v].name));
    if (told > 0) result.notes.push_back({{graph_.file()}, "servers, from node0 on: " + list});
  }
};

} // namespace

Imported network_of(const DrawnGraph& graph, const Node& settings)
{
  const GraphReading reading = record_of<GraphReading>().read(settings);
  check_unit(reading.bandwidth_unit.empty() || parse_bandwidth("1 " + reading.bandwidth_unit), settings, "bandwidth-unit", "Gbps or GB/s");
  check_unit(reading.latency_unit.empty() || parse_seconds("1 " + reading.latency_unit), settings, "latency-unit", "ns, us or ms");
  return NetworkWriter(graph, reading).take();
}

} // namespace weft
