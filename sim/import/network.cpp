#include "import/network.hpp"

#include "import/tree.hpp"
#include "units/text.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <tuple>

namespace weft {
namespace {

/// Cables that differ in nothing but where they stand in the file.
std::vector<ImportedLink> merged(const std::vector<ImportedLink>& links)
{
  constexpr int most_parallel = 4096; // of one entry of the graph kind
  std::map<std::tuple<std::string, std::string, double, double>, std::size_t> seen;
  std::vector<ImportedLink> result;
  for (const ImportedLink& link : links) {
    const double rate = link.bandwidth ? link.bandwidth->base() : -1, latency = link.latency ? link.latency->base() : -1;
    const auto [entry, is_new] = seen.try_emplace({link.from, link.to, rate, latency}, result.size());
    if (!is_new && result[entry->second].count + link.count <= most_parallel) {
      result[entry->second].count += link.count;
      continue;
    }
    entry->second = result.size();
    result.push_back(link);
  }
  return result;
}

Node switches_of(const ImportedNetwork& network)
{
  std::map<std::string, std::int64_t> cables;
  for (const ImportedLink& link : network.links) cables[link.from] += link.count, cables[link.to] += link.count;
  Node list = list_at(network.place);
  for (const ImportedSwitch& entry : network.switches) {
    Node mapping = mapping_at(entry.place);
    put(mapping, "name", scalar_at(entry.name, entry.place));
    const auto used = cables.find(entry.name);
    const std::int64_t ports = entry.ports > 0 ? entry.ports : used == cables.end() ? 0 : used->second;
    if (ports > 0) put(mapping, "ports", scalar_at(std::to_string(ports), entry.place));
    list.items.push_back(std::move(mapping));
  }
  return list;
}

Node links_of(const ImportedNetwork& network)
{
  Node list = list_at(network.place);
  for (const ImportedLink& link : merged(network.links)) {
    Node mapping = mapping_at(link.place);
    put(mapping, "from", scalar_at(link.from, link.place));
    put(mapping, "to", scalar_at(link.to, link.place));
    if (link.bandwidth) put(mapping, "bandwidth", scalar_at(exact_text(*link.bandwidth), link.place));
    if (link.latency) put(mapping, "latency", scalar_at(exact_text(*link.latency), link.place));
    if (link.count > 1) put(mapping, "count", scalar_at(std::to_string(link.count), link.place));
    list.items.push_back(std::move(mapping));
  }
  return list;
}

/// A link that starts from nothing and adds nothing to what the file says.
Node plain_link(const std::string& name, const std::string& format, Bandwidth rate, Seconds latency, const Place& place)
{
  Node link = mapping_at(place);
  put(link, "base", Node{});
  put(link, "name", scalar_at(name, place));
  put(link, "source", scalar_at(file_name(place.file) + " (" + format + ")", place));
  put(link, "bandwidth", scalar_at(exact_text(rate), place));
  put(link, "latency", scalar_at(exact_text(latency), place));
  return link;
}

Node node_of(const SimulatedMachine& machine)
{
  const Place& place = machine.network.place;
  Node node = mapping_at(place);
  if (!machine.chip.empty() || machine.scaleup_links > 0) {
    Node chip = mapping_at(place);
    if (!machine.chip.empty()) put(chip, "base", scalar_at(machine.chip, place));
    if (machine.scaleup_links > 0) put(chip, "scaleup-links", scalar_at(std::to_string(machine.scaleup_links), place));
    put(node, "chip", std::move(chip));
  }
  put(node, "accelerators", scalar_at(std::to_string(machine.accelerators), place));
  if (machine.scaleup.kind != Node::Kind::null) put(node, "scaleup", machine.scaleup);
  if (machine.scaleup_links > 0)
    put(node, "scaleup-medium", plain_link("scale-up", machine.format, machine.scaleup_rate, machine.scaleup_latency, place));
  Node adapters = mapping_at(place);
  put(adapters, "count", scalar_at(std::to_string(machine.has_adapters ? machine.accelerators : 0), place));
  if (machine.has_adapters) {
    put(adapters, "name", scalar_at("adapter", place));
    put(adapters, "bandwidth", scalar_at(exact_text(machine.adapter_rate), place));
    put(adapters, "efficiency", scalar_at("1", place));
    put(adapters, "latency", scalar_at("0 s", place));
    put(adapters, "adapters-per-host-link", scalar_at("1", place));
    put(node, "host-medium", plain_link("host", machine.format, machine.adapter_rate, Seconds(0), place));
  }
  put(node, "adapters", std::move(adapters));
  return node;
}

/// The parts of the fabric that the graph kind takes defaults from.
void add_simulated_media(const SimulatedMachine& machine, Node& fabric)
{
  const Place& place = machine.network.place;
  Bandwidth fastest(0);
  for (const ImportedLink& link : machine.network.links) fastest = std::max(fastest, link.bandwidth.value_or(Bandwidth(0)));
  Node device = mapping_at(place);
  put(device, "base", Node{});
  put(device, "name", scalar_at("switch", place));
  put(device, "source", scalar_at(file_name(place.file) + " (" + machine.format + ")", place));
  put(device, "ports", scalar_at("2", place)); // every switch of the list has its own count
  put(device, "port-bandwidth", scalar_at(exact_text(fastest), place));
  put(device, "latency", scalar_at("0 s", place));
  put(fabric, "switch", std::move(device));
  put(fabric, "access-length", scalar_at("0 m", place)); // distance is in the file's delays
  put(fabric, "trunk-length", scalar_at("0 m", place));
  put(fabric, "access", plain_link("access", machine.format, fastest, Seconds(0), place));
  put(fabric, "trunk", plain_link("trunk", machine.format, fastest, Seconds(0), place));
}

} // namespace

void require_import_size(std::int64_t switches, std::int64_t links, const Place& where)
{
  if (switches > most_imported_switches || links > most_imported_links)
    throw ConfigError(where, "",
                      "the network has more than " + std::to_string(most_imported_switches) + " switches or " +
                          std::to_string(most_imported_links) + " links (use a topology kind of `weft list topologies`, or a smaller one)");
}

std::string file_name(const std::string& path) { return std::filesystem::path(path).filename().string(); }

std::string adapter_name(std::int64_t node, std::int64_t adapter)
{
  return "node" + std::to_string(node) + "/nic" + std::to_string(adapter);
}

Node graph_fabric(const ImportedNetwork& network)
{
  Node fabric = mapping_at(network.place);
  put(fabric, "kind", scalar_at("graph", network.place));
  put(fabric, "switches", switches_of(network));
  put(fabric, "links", links_of(network));
  return fabric;
}

Node platform_of(const SimulatedMachine& machine)
{
  const Place& place = machine.network.place;
  Node platform = mapping_at(place);
  put(platform, "title", scalar_at("Imported from " + file_name(place.file), place));
  put(platform, "source", scalar_at(file_name(place.file) + " (" + machine.format + ")", place));
  put(platform, "confidence", scalar_at("estimate", place));
  put(platform, "note", scalar_at("Rates and delays are the file's; what it does not say is the base's.", place));
  put(platform, "nodes", scalar_at(std::to_string(machine.nodes), place));
  put(platform, "node", node_of(machine));
  if (machine.has_adapters) {
    Node fabric = graph_fabric(machine.network);
    add_simulated_media(machine, fabric);
    put(platform, "fabric", std::move(fabric));
  } else {
    put(platform, "fabric", scalar_at("none", place));
  }
  return platform;
}

} // namespace weft
