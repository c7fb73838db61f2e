#include "metrics/bill.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace weft {
namespace {

constexpr std::size_t access = 0, trunk = 1;

template <class Amount> std::optional<Amount> if_known(Amount amount) { return amount > Amount{} ? std::optional(amount) : std::nullopt; }

bool in_node(const Vertex& vertex) { return vertex.node >= 0; }

/// A switch and what hangs on it.
struct SwitchUse {
  std::int64_t ports = 0;       ///< that it has
  std::int64_t used = 0;        ///< with a cable
  std::int64_t only_cables = 0; ///< of which the only one of a device of a node
  std::set<int> cut;            ///< nodes that lose a device with the switch
};

/// What a walk over all cables finds.
struct CableCount {
  std::array<std::array<std::int64_t, 2>, 2> cables{}; ///< [place][medium]: a graph may wire a node with the trunk's medium
  std::array<std::int64_t, 2> only_cables{};           ///< access cables by medium that are the only one of their device
  std::vector<SwitchUse> switches;
  int tiers = 0;
};

/// Which of the two media a cable is made of: the name decides where they differ in it, else the place.
std::size_t medium_at(const FabricModel& model, const std::string& name, std::size_t place)
{
  if (model.access.name == model.trunk.name) return place;
  return name == model.access.name ? access : name == model.trunk.name ? trunk : place;
}

CableCount count_cables(const Fabric& fabric, const FabricModel& model)
{
  CableCount count;
  std::vector<std::int64_t> cables_of(fabric.vertices.size());
  const auto between_devices = [&](const Link& link) {
    const int from = fabric.vertices[link.from.index()].node;
    return from < 0 || from != fabric.vertices[link.to.index()].node;
  };
  std::vector<std::size_t> number(fabric.vertices.size());
  for (std::size_t v = 0; v < fabric.vertices.size(); ++v) {
    const Vertex& vertex = fabric.vertices[v];
    if (vertex.kind != VertexKind::network_switch) continue;
    number[v] = count.switches.size();
    count.switches.push_back({.ports = vertex.ports > 0 ? vertex.ports : model.switch_model.ports, .used = 0, .only_cables = 0, .cut = {}});
    count.tiers = std::max(count.tiers, vertex.tier);
  }
  for (std::size_t l = 0; l < fabric.links.size(); l += 2) // a cable is two links in a row
    if (between_devices(fabric.links[l])) ++cables_of[fabric.links[l].from.index()], ++cables_of[fabric.links[l].to.index()];
  for (std::size_t l = 0; l < fabric.links.size(); l += 2) {
    const Link& link = fabric.links[l];
    if (!between_devices(link)) continue;
    const std::array<std::size_t, 2> ends{link.from.index(), link.to.index()};
    const bool at_node = in_node(fabric.vertices[ends[0]]) || in_node(fabric.vertices[ends[1]]);
    const std::size_t place = at_node ? access : trunk;
    const std::size_t medium = medium_at(model, fabric.media[link.medium].medium, place);
    ++count.cables[place][medium];
    for (std::size_t end = 0; end < 2; ++end) {
      const Vertex& other = fabric.vertices[ends[1 - end]];
      const bool only = in_node(other) && cables_of[ends[1 - end]] == 1;
      if (in_node(fabric.vertices[ends[end]])) continue;
      SwitchUse& use = count.switches[number[ends[end]]];
      ++use.used;
      if (!only) continue;
      ++use.only_cables;
      ++count.only_cables[medium];
      use.cut.insert(other.node);
    }
  }
  return count;
}

/// A node whose power or price is not given stands for what it has beside its accelerators; those follow on their own.
void add_nodes(Bill& bill, const NodeModel& node, int nodes)
{
  const bool whole = node.power > Watts(0) && node.price > Dollars(0);
  bill.nodes = nodes;
  bill.items.push_back({.group = BillGroup::nodes,
                        .name = "nodes " + node.name + (whole ? "" : " beside accelerators"),
                        .count = nodes,
                        .power = if_known(node.power),
                        .price = if_known(node.price)});
  if (whole) return;
  const Chip& chip = node.chip;
  bill.items.push_back({.group = BillGroup::nodes,
                        .name = "accelerators " + chip.name,
                        .count = std::int64_t{nodes} * node.accelerators,
                        .power = node.power > Watts(0) ? std::optional(Watts(0)) : if_known(chip.power),
                        .price = node.price > Dollars(0) ? std::optional(Dollars(0)) : if_known(chip.price)});
}

void add_cables(Bill& bill, const FabricModel& model, const CableCount& count)
{
  const std::array<const LinkMedium*, 2> media{&model.access, &model.trunk};
  for (const std::size_t place : {access, trunk})
    for (const std::size_t m : {access, trunk}) {
      const std::int64_t cables = count.cables[place][m];
      if (cables == 0) continue;
      const LinkMedium& medium = *media[m];
      const std::string name = (place == access ? "access cables " : "trunk cables ") + medium.name;
      const double only = place == access ? static_cast<double>(count.only_cables[m]) / static_cast<double>(cables) : 0;
      (place == access ? bill.access_cables : bill.trunk_cables) += cables;
      bill.items.push_back(
          {.group = BillGroup::cables, .name = name, .count = cables, .power = if_known(medium.power), .price = if_known(medium.price)});
      bill.failures.push_back({.part = FailingPart::cables,
                               .name = name,
                               .parts = cables,
                               .fit = if_known(medium.failures_per_billion_hours),
                               .repair = if_known(medium.repair),
                               .links_stopped = 1,
                               .links_in_repair = 1,
                               .interrupting = only,
                               .nodes_cut = only > 0 ? 1.0 : 0.0});
    }
}

/// Parts of a switch that serve its ports evenly, `per_switch` of them: how many are in use, and means over their failures.
/// `whole_switch`: repairing one takes the switch out of service.
enum class RepairTakes { its_ports, whole_switch };
FailureMode parts_of_switches(const CableCount& count, std::int64_t per_switch, RepairTakes takes)
{
  FailureMode mode;
  double stopped = 0, in_repair = 0, interrupting = 0, cut = 0;
  for (const SwitchUse& use : count.switches) {
    if (use.used == 0) continue;
    const std::int64_t parts = std::min(use.used, (use.used * per_switch + use.ports - 1) / use.ports);
    const double share = 1.0 / static_cast<double>(parts), all = static_cast<double>(parts);
    const double nodes = static_cast<double>(use.cut.size());
    mode.parts += parts;
    stopped += static_cast<double>(use.used);
    in_repair += takes == RepairTakes::whole_switch ? all * static_cast<double>(use.used) : static_cast<double>(use.used);
    if (use.only_cables == 0) continue;
    // Access cables fill parts one after another; of n nodes spread evenly over them, a part holds n / parts, at least one.
    const double holding = takes == RepairTakes::whole_switch
                               ? all
                               : std::max(1.0, all * static_cast<double>(use.only_cables) / static_cast<double>(use.used));
    interrupting += holding;
    cut += takes == RepairTakes::whole_switch
               ? all * nodes
               : holding *
                     std::max(1.0, std::min(nodes, nodes / static_cast<double>(use.only_cables) * static_cast<double>(use.used) * share));
  }
  if (mode.parts == 0) return mode;
  const double parts = static_cast<double>(mode.parts);
  mode.links_stopped = stopped / parts;
  mode.links_in_repair = in_repair / parts;
  mode.interrupting = interrupting / parts;
  mode.nodes_cut = interrupting > 0 ? cut / interrupting : 0;
  return mode;
}

void add_switches(Bill& bill, const SwitchModel& model, const CableCount& count)
{
  bill.switches = static_cast<std::int64_t>(count.switches.size());
  bill.tiers = count.tiers;
  if (bill.switches == 0) return;
  const std::string name = "switches " + model.name;
  bill.items.push_back(
      {.group = BillGroup::switches, .name = name, .count = bill.switches, .power = if_known(model.power), .price = if_known(model.price)});
  const auto add = [&](FailingPart part, const std::string& called, std::int64_t per_switch, RepairTakes takes, double fit,
                       Seconds repair) {
    FailureMode mode = parts_of_switches(count, per_switch, takes);
    mode.part = part, mode.name = called, mode.fit = if_known(fit), mode.repair = if_known(repair);
    bill.failures.push_back(mode);
    return mode.parts;
  };
  const CoPackagedOptics& optics = model.optics;
  if (optics.engines > 0)
    bill.optical_engines = add(FailingPart::engines, "optical engines", optics.engines, RepairTakes::whole_switch,
                               optics.engine_failures_per_billion_hours, model.repair);
  if (optics.lasers > 0)
    bill.laser_sources = add(FailingPart::lasers, "laser sources", optics.lasers, RepairTakes::its_ports,
                             optics.laser_failures_per_billion_hours, optics.laser_repair);
  add(FailingPart::switches, name, 1, RepairTakes::whole_switch, model.failures_per_billion_hours, model.repair);
}

} // namespace

Bill bill_of(const Platform& platform, const Fabric& fabric)
{
  Bill bill;
  add_nodes(bill, platform.node, platform.nodes);
  const CableCount count = count_cables(fabric, platform.fabric);
  add_switches(bill, platform.fabric.switch_model, count);
  add_cables(bill, platform.fabric, count);
  return bill;
}

} // namespace weft
