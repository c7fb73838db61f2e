// ASTRA-sim's analytical network file: dimensions of rings, switches and full meshes, each with its size, link bandwidth and delay.
//
// NPUs are numbered with the first dimension fastest. That dimension becomes the inside of a node (import.inside: 0 leaves it out), the
// others the network between nodes. A bandwidth is of one link and one direction, in units of 2^30 bytes per second as the simulator's
// source converts it (its comments say GB/s); a delay is of one link, and a switch is two links away. Ring and mesh cables of the network
// are forwarded by the NPUs.
#include "import/forwarding.hpp"
#include "import/tree.hpp"

#include "config/value.hpp"

#include <algorithm>

namespace weft {

struct AstraSimReading {
  int inside = 1;
};

struct AstraSimNetwork {
  std::vector<Word> topology;
  std::vector<int> npus_count;
  std::vector<double> bandwidth;
  std::vector<double> latency;
};

template <> const Record<AstraSimReading>& record_of<AstraSimReading>()
{
  static const Record<AstraSimReading> record =
      Record<AstraSimReading>("astra-sim", "A network file of ASTRA-sim's analytical models.")
          .optional("inside", &AstraSimReading::inside, "dimensions inside a node: the first, or none", in_range(0, 1));
  return record;
}

template <> const Record<AstraSimNetwork>& record_of<AstraSimNetwork>()
{
  static const Record<AstraSimNetwork> record =
      Record<AstraSimNetwork>("ASTRA-sim network", "Dimensions of an analytical network.")
          .required("topology", &AstraSimNetwork::topology, "Ring, Switch or FullyConnected, for every dimension")
          .required("npus_count", &AstraSimNetwork::npus_count, "its size")
          .required("bandwidth", &AstraSimNetwork::bandwidth, "of a link, in units of 2^30 B/s")
          .required("latency", &AstraSimNetwork::latency, "of a link, in ns");
  return record;
}

namespace {

enum class Shape { ring, fully_connected, through_switch };

/// One dimension with its place.
struct Dimension {
  Shape shape = Shape::ring;
  std::int64_t size = 0;
  Bandwidth rate;
  Seconds latency;
  Place place;

  /// Links of one NPU in it.
  [[nodiscard]] std::int64_t links() const
  {
    return shape == Shape::through_switch ? 1 : shape == Shape::fully_connected ? size - 1 : std::min<std::int64_t>(2, size - 1);
  }
};

const Node& item(const Node& root, const char* list, std::size_t index)
{
  const Node& found = *root.find(list);
  return index < found.items.size() ? found.items[index] : found;
}

Shape shape_of(const Word& word, const Node& where)
{
  if (word == "Ring") return Shape::ring;
  if (word == "FullyConnected") return Shape::fully_connected;
  if (word == "Switch") return Shape::through_switch;
  refuse(where, "unknown topology '" + shown(word) + "'" + suggestion(word, {"Ring", "FullyConnected", "Switch"}, "one of"));
}

std::vector<Dimension> dimensions_of(const Node& root)
{
  constexpr std::int64_t most_npus = std::int64_t{1} << 20;
  if (root.kind == Node::Kind::mapping && root.find("logical-dims"))
    refuse(root, "a logical topology: it groups ranks for collectives and has no links (import the physical topology file beside it)");
  if (root.kind == Node::Kind::mapping && root.find("dimensions-count"))
    refuse(root, "a network file of ASTRA-sim before 2.0 (write it with topology, npus_count, bandwidth and latency)");
  const auto network = record_of<AstraSimNetwork>().read(root);
  const std::size_t count = network.topology.size();
  if (count == 0 || count > 16) refuse(*root.find("topology"), "a network has 1 to 16 dimensions (list them as [Ring, Switch])");
  for (const char* list : {"npus_count", "bandwidth", "latency"})
    if (root.find(list)->items.size() != count)
      refuse(*root.find(list), "has " + std::to_string(root.find(list)->items.size()) + " entries and topology has " +
                                   std::to_string(count) + " (give one for every dimension)");
  std::vector<Dimension> dimensions;
  std::int64_t npus = 1;
  for (std::size_t d = 0; d < count; ++d) {
    if (network.npus_count[d] < 2) refuse(item(root, "npus_count", d), "a dimension needs at least 2 NPUs (leave it out)");
    npus *= network.npus_count[d];
    if (npus > most_npus) refuse(item(root, "npus_count", d), "more than 1048576 NPUs in all (choose smaller dimensions)");
    if (!(network.bandwidth[d] > 0)) refuse(item(root, "bandwidth", d), "must be above zero");
    if (!(network.latency[d] >= 0)) refuse(item(root, "latency", d), "must be zero or more");
    constexpr double gibi = 1073741824.0;
    dimensions.push_back({shape_of(network.topology[d], item(root, "topology", d)), network.npus_count[d],
                          Bandwidth(network.bandwidth[d] * gibi), Seconds(network.latency[d] / 1e9), item(root, "npus_count", d).place});
  }
  return dimensions;
}

/// The first dimension as the inside of a node.
void put_inside(const Dimension& dimension, SimulatedMachine& machine)
{
  static constexpr const char* kinds[] = {"torus", "full-mesh", "nvswitch"};
  if (dimension.size > 1024) throw ConfigError(dimension.place, "npus_count", "more than 1024 NPUs inside a node (set import.inside: 0)");
  machine.accelerators = dimension.size;
  machine.scaleup = mapping_at(dimension.place);
  put(machine.scaleup, "kind", scalar_at(kinds[static_cast<std::size_t>(dimension.shape)], dimension.place));
  machine.scaleup_links = static_cast<int>(dimension.links());
  machine.scaleup_rate = dimension.rate;
  machine.scaleup_latency = dimension.latency;
}

/// The cables of one dimension: between NPUs that differ in it alone, `stride` apart.
void add_cables(const Dimension& dimension, std::size_t number, std::int64_t stride, std::int64_t npus,
                const std::vector<std::string>& names, ImportedNetwork& network)
{
  const auto join = [&](const std::string& a, const std::string& b) {
    network.links.push_back({a, b, dimension.rate, dimension.latency, 1, dimension.place});
  };
  const auto name = [&](std::int64_t npu) { return names[static_cast<std::size_t>(npu)]; };
  for (std::int64_t first = 0; first < npus; ++first) {
    if (first / stride % dimension.size != 0) continue;
    const auto member = [&](std::int64_t i) { return name(first + i * stride); };
    if (dimension.shape == Shape::through_switch) {
      const std::string device = "dim" + std::to_string(number) + "-switch" + std::to_string(first);
      network.switches.push_back({device, dimension.place, 0});
      for (std::int64_t i = 0; i < dimension.size; ++i) join(member(i), device);
    } else if (dimension.shape == Shape::ring) {
      for (std::int64_t i = 0; i + 1 < dimension.size; ++i) join(member(i), member(i + 1));
      if (dimension.size > 2) join(member(0), member(dimension.size - 1));
    } else {
      for (std::int64_t i = 0; i < dimension.size; ++i)
        for (std::int64_t j = i + 1; j < dimension.size; ++j) join(member(i), member(j));
    }
  }
}

/// Cables of all dimensions from `outer` on, by arithmetic alone, before any is made.
void require_size(const std::vector<Dimension>& dimensions, std::size_t outer, std::int64_t npus, const Place& where)
{
  std::int64_t cables = npus, switches = npus;
  for (std::size_t d = outer; d < dimensions.size(); ++d) {
    cables += npus * dimensions[d].links();
    if (dimensions[d].shape == Shape::through_switch) switches += npus / dimensions[d].size;
  }
  require_import_size(switches, cables / 2, where);
}

void put_outside(const std::vector<Dimension>& dimensions, std::size_t outer, std::int64_t npus, SimulatedMachine& machine)
{
  if (outer == dimensions.size()) return;
  require_size(dimensions, outer, npus, dimensions[outer].place);
  // NPUs on one switch, or on a mesh of their own, reach one another without forwarding.
  const bool forwards = dimensions.size() - outer > 1 || dimensions[outer].shape == Shape::ring;
  for (std::size_t d = outer; d < dimensions.size(); ++d)
    machine.adapter_rate += dimensions[d].rate * static_cast<double>(dimensions[d].links());
  const auto count = static_cast<std::size_t>(npus);
  const std::vector<std::string> names = name_end_points({machine.accelerators, npus}, std::vector<bool>(count, forwards),
                                                         std::vector<Bandwidth>(count, machine.adapter_rate), machine.network);
  std::int64_t stride = outer == 0 ? 1 : dimensions.front().size;
  for (std::size_t d = outer; d < dimensions.size(); ++d) {
    add_cables(dimensions[d], d, stride, npus, names, machine.network);
    stride *= dimensions[d].size;
  }
  machine.has_adapters = true;
}

Imported read(const ForeignText& text, const Node& settings)
{
  const auto reading = record_of<AstraSimReading>().read(settings);
  const std::vector<Dimension> dimensions = dimensions_of(read_yaml_text(text.text, text.file));
  const auto outer = static_cast<std::size_t>(reading.inside);
  SimulatedMachine machine;
  machine.format = "astra-sim";
  machine.network.place = {text.file, 1, 1};
  machine.accelerators = 1;
  machine.scaleup = scalar_at("none", machine.network.place);
  if (outer > 0) put_inside(dimensions.front(), machine);
  std::int64_t npus = 1;
  for (const Dimension& dimension : dimensions) npus *= dimension.size;
  machine.nodes = npus / machine.accelerators;
  put_outside(dimensions, outer, npus, machine);
  return {platform_of(machine), {}};
}

std::vector<FieldDoc> settings() { return record_of<AstraSimReading>().docs(); }
bool recognises(const ForeignText& text)
{
  return text.text.find("npus_count") != std::string::npos || text.text.find("logical-dims") != std::string::npos ||
         text.text.find("dimensions-count") != std::string::npos;
}

} // namespace

extern const ImportFormat kind_astra_sim_import_formats;
const ImportFormat kind_astra_sim_import_formats{"astra-sim",
                                                 "a network.yml of ASTRA-sim's analytical models",
                                                 "astra-sim/astra-sim examples/network/analytical; astra-network-analytical",
                                                 ImportSubject::network,
                                                 recognises,
                                                 settings,
                                                 read};

} // namespace weft
