// Dragonfly+: groups of two tiers, adapters on the leaves, every leaf joined to every spine of its group, and the spines of every two
// groups joined by global cables in the canonical arrangement (global_cables.hpp).
//
// Left out, leaves, spines, p and h are the balanced ones of the switch's radix: half of it each. Adapters fill the leaves in order.
#include "fabric/global_cables.hpp"
#include "fabric/wiring.hpp"

#include <algorithm>

namespace weft {

namespace {

struct DragonflyPlus {
  int leaves = 0;
  int spines = 0;
  int p = 0;
  int h = 0;
  int groups = 0;
};

} // namespace

template <> const Record<DragonflyPlus>& record_of<DragonflyPlus>()
{
  static const Record<DragonflyPlus> record =
      Record<DragonflyPlus>("dragonfly-plus", "Groups of leaves and spines; the spines of every two groups joined by global cables.")
          .optional("leaves", &DragonflyPlus::leaves, "leaves of a group; 0: balanced, radix / 2", in_range(0, 65536))
          .optional("spines", &DragonflyPlus::spines, "spines of a group; 0: balanced, radix / 2", in_range(0, 65536))
          .optional("p", &DragonflyPlus::p, "adapters on a leaf; 0: balanced, radix / 2", in_range(0, 65536))
          .optional("h", &DragonflyPlus::h, "global cables of a spine; 0: balanced, radix / 2", in_range(0, 65536))
          .optional("groups", &DragonflyPlus::groups, "groups, at most spines x h + 1; 0: as many as the adapters need",
                    in_range(0, 1000000));
  return record;
}

namespace {

std::vector<FieldDoc> settings() { return record_of<DragonflyPlus>().docs(); }

struct Plan {
  std::int64_t leaves = 1, spines = 1, p = 1, h = 1, groups = 1, rounds = 0, adapters = 1;
};

std::int64_t trunks_of(const Plan& groups)
{
  const std::int64_t g = groups.groups;
  return g * groups.leaves * groups.spines + g * (g - 1) / 2 * groups.rounds;
}

Plan plan(const Platform& platform)
{
  require_network(platform);
  const Node& where = platform.fabric.settings;
  const auto set = settings_of<DragonflyPlus>(where);
  const std::int64_t ports = platform.fabric.switch_model.ports;
  const auto or_half = [&](int value) { return value > 0 ? std::int64_t{value} : ports / 2; };
  Plan result{.leaves = or_half(set.leaves), .spines = or_half(set.spines), .p = or_half(set.p), .h = or_half(set.h)};
  result.adapters = std::int64_t{platform.nodes} * platform.node.adapters.count;
  const std::int64_t spine_ports = switch_of_tier(platform, 2).ports;
  if (result.p + result.spines > ports || result.leaves + result.h > spine_ports)
    refuse(where, "a leaf needs " + std::to_string(result.p + result.spines) + " ports and a spine " +
                      std::to_string(result.leaves + result.h) + " but they have " + std::to_string(ports) + " and " +
                      std::to_string(spine_ports) + " (lower p, leaves, spines or h, or use a switch with more ports)");
  const std::int64_t wanted = (result.adapters + result.leaves * result.p - 1) / (result.leaves * result.p),
                     most = result.spines * result.h + 1;
  result.groups = set.groups > 0 ? set.groups : wanted;
  if (result.groups < wanted || result.groups > most)
    refuse(where, std::to_string(result.groups) + " groups: the adapters need " + std::to_string(wanted) +
                      " and global cables join at most " + std::to_string(most) + " (change groups, leaves, spines, p or h)");
  result.rounds = global_rounds(result.groups, result.spines * result.h);
  require_size(result.groups * (result.leaves + result.spines), trunks_of(result), where);
  return result;
}

/// Switches of one tier of all groups, group by group.
std::vector<VertexId> add_tier(FabricBuilder& builder, const Platform& platform, std::int64_t groups, std::int64_t per_group, int tier,
                               const std::string& name)
{
  std::vector<VertexId> switches;
  for (std::int64_t group = 0; group < groups; ++group)
    for (std::int64_t s = 0; s < per_group; ++s) {
      switches.push_back(add_switch(builder, platform, "group" + std::to_string(group) + "-" + name + std::to_string(s), tier));
      builder.vertices[switches.back().index()].group = static_cast<int>(group);
    }
  return switches;
}

void build(FabricBuilder& builder, const Platform& platform, const std::vector<std::vector<VertexId>>& adapters)
{
  const Plan groups = plan(platform);
  const std::vector<VertexId> leaves = add_tier(builder, platform, groups.groups, groups.leaves, 1, "leaf");
  const std::vector<VertexId> spines = add_tier(builder, platform, groups.groups, groups.spines, 2, "spine");
  const auto spine_at = [&](std::int64_t group, std::int64_t s) { return spines[static_cast<std::size_t>(group * groups.spines + s)]; };
  for (std::size_t l = 0; l < leaves.size(); ++l)
    for (std::int64_t s = 0; s < groups.spines; ++s)
      join_switches(builder, platform, leaves[l], spine_at(static_cast<std::int64_t>(l) / groups.leaves, s), "leaf-spine");
  for (const GlobalCable& cable : global_cables(groups.groups, groups.spines * groups.h))
    join_switches(builder, platform, spine_at(cable.group_a, cable.port_a / groups.h), spine_at(cable.group_b, cable.port_b / groups.h),
                  "global");
  std::int64_t placed = 0;
  for (const auto& of_node : adapters)
    for (const VertexId adapter : of_node)
      attach_adapter(builder, platform, adapter, leaves[static_cast<std::size_t>(placed++ / groups.p)]);
}

/// Every leaf reaches every spine of its group, so any two groups are leaf, spine, spine, leaf apart.
int diameter_of(const Plan& groups)
{
  const std::int64_t used = (groups.adapters + groups.p - 1) / groups.p;
  return groups.adapters < 2 ? 0 : used == 1 ? 1 : used <= groups.leaves ? 3 : 4;
}

/// With an even number of full groups, the first half of them against the rest, the cut is all cables between the halves, provided that
/// the leaves can fill every spine's global cables: each leaf spreads evenly over the spines, which takes no more of its cables than there
/// are (h <= leaves) and no more than its adapters send (spines x h trunks <= leaves x p adapters).
Bandwidth bisection_of(const Platform& platform, const Plan& groups)
{
  const Bandwidth trunk = trunk_rate(platform);
  const Bandwidth sent = access_rate(platform) * static_cast<double>(groups.leaves * groups.p);
  const bool full = groups.adapters == groups.groups * groups.leaves * groups.p;
  if (platform.nodes % 2 != 0 || groups.groups % 2 != 0 || !full || groups.h > groups.leaves ||
      sent < trunk * static_cast<double>(groups.spines * groups.h))
    return Bandwidth(0);
  return trunk * static_cast<double>(groups.groups / 2 * (groups.groups / 2) * groups.rounds);
}

TopologyForm form(const Platform& platform)
{
  const Plan groups = plan(platform);
  TopologyForm result;
  result.switches = groups.groups * (groups.leaves + groups.spines);
  result.access_cables = groups.adapters;
  result.trunk_cables = trunks_of(groups);
  result.diameter = diameter_of(groups);
  result.bisection = bisection_of(platform, groups);
  return result;
}

} // namespace

extern const TopologyKind kind_dragonfly_plus_topology_kinds;
const TopologyKind kind_dragonfly_plus_topology_kinds{"dragonfly-plus",
                                                      "groups of leaves and spines; the spines of every two groups joined by global cables",
                                                      "Shpiner, Haramaty, Eliad, Zdornov, Gafni, Zahavi, Dragonfly+, HiPINEB 2017",
                                                      settings,
                                                      build,
                                                      form};

} // namespace weft
