// Dragonfly: groups of fully joined switches, every two groups joined by global cables in the canonical arrangement (global_cables.hpp).
//
// A group has `a` switches, each with `p` adapters, a - 1 local and `h` global cables; up to a x h + 1 groups. Adapters fill the
// switches in order. Left out, a, p and h are the balanced ones of the switch's radix: h = (radix + 1) / 4, a = 2 h, p = h. Shortest ways
// are those of fewest global cables, then of fewest local ones: local, global, local at most.
#include "fabric/global_cables.hpp"
#include "fabric/wiring.hpp"

#include <algorithm>

namespace weft {

namespace {

struct Dragonfly {
  int a = 0;
  int p = 0;
  int h = 0;
  int groups = 0;
};

} // namespace

template <> const Record<Dragonfly>& record_of<Dragonfly>()
{
  static const Record<Dragonfly> record =
      Record<Dragonfly>("dragonfly", "Groups of fully joined switches, every two groups joined by global cables.")
          .optional("a", &Dragonfly::a, "switches of a group; 0: balanced, 2 h", in_range(0, 65536))
          .optional("p", &Dragonfly::p, "adapters on a switch; 0: balanced, h", in_range(0, 65536))
          .optional("h", &Dragonfly::h, "global cables of a switch; 0: balanced, (radix + 1) / 4", in_range(0, 65536))
          .optional("groups", &Dragonfly::groups, "groups, at most a x h + 1; 0: as many as the adapters need", in_range(0, 1000000));
  return record;
}

namespace {

std::vector<FieldDoc> settings() { return record_of<Dragonfly>().docs(); }

struct Plan {
  std::int64_t a = 1, p = 1, h = 1, groups = 1, rounds = 0, adapters = 1;
};

std::int64_t trunks_of(const Plan& dragonfly)
{
  const std::int64_t g = dragonfly.groups, a = dragonfly.a;
  return g * (a * (a - 1) / 2) + g * (g - 1) / 2 * dragonfly.rounds;
}

Plan plan(const Platform& platform)
{
  require_network(platform);
  const Node& where = platform.fabric.settings;
  const auto set = settings_of<Dragonfly>(where);
  const std::int64_t ports = platform.fabric.switch_model.ports;
  Plan result;
  result.adapters = std::int64_t{platform.nodes} * platform.node.adapters.count;
  result.h = set.h > 0 ? set.h : std::max<std::int64_t>(1, (ports + 1) / 4);
  result.a = set.a > 0 ? set.a : 2 * result.h;
  result.p = set.p > 0 ? set.p : result.h;
  const std::int64_t needed = result.p + result.a - 1 + result.h;
  if (needed > ports)
    refuse(where, "a dragonfly switch with " + std::to_string(result.p) + " adapters, " + std::to_string(result.a - 1) + " local and " +
                      std::to_string(result.h) + " global cables needs " + std::to_string(needed) + " ports but has " +
                      std::to_string(ports) + " (lower p, a or h, or use a switch with more ports)");
  const std::int64_t wanted = (result.adapters + result.a * result.p - 1) / (result.a * result.p), most = result.a * result.h + 1;
  result.groups = set.groups > 0 ? set.groups : wanted;
  if (result.groups < wanted || result.groups > most)
    refuse(where, std::to_string(result.groups) + " groups: the adapters need " + std::to_string(wanted) +
                      " and global cables join at most " + std::to_string(most) + " (change groups, a, p or h)");
  result.rounds = global_rounds(result.groups, result.a * result.h);
  require_size(result.groups * result.a, trunks_of(result), where);
  return result;
}

void build(FabricBuilder& builder, const Platform& platform, const std::vector<std::vector<VertexId>>& adapters)
{
  const Plan dragonfly = plan(platform);
  std::vector<VertexId> switches;
  const auto switch_at = [&](std::int64_t group, std::int64_t s) { return switches[static_cast<std::size_t>(group * dragonfly.a + s)]; };
  for (std::int64_t group = 0; group < dragonfly.groups; ++group)
    for (std::int64_t s = 0; s < dragonfly.a; ++s) {
      switches.push_back(add_switch(builder, platform, "group" + std::to_string(group) + "-s" + std::to_string(s), 1));
      builder.vertices[switches.back().index()].group = static_cast<int>(group);
    }
  for (std::int64_t group = 0; group < dragonfly.groups; ++group)
    for (std::int64_t s = 0; s < dragonfly.a; ++s)
      for (std::int64_t t = s + 1; t < dragonfly.a; ++t)
        join_switches(builder, platform, switch_at(group, s), switch_at(group, t), "local");
  for (const GlobalCable& cable : global_cables(dragonfly.groups, dragonfly.a * dragonfly.h))
    join_switches(builder, platform, switch_at(cable.group_a, cable.port_a / dragonfly.h),
                  switch_at(cable.group_b, cable.port_b / dragonfly.h), "global");
  std::int64_t placed = 0;
  for (const auto& of_node : adapters)
    for (const VertexId adapter : of_node)
      attach_adapter(builder, platform, adapter, switches[static_cast<std::size_t>(placed++ / dragonfly.p)]);
}

/// Switches on the longest shortest way between adapters: local, global, local between switches that are no ends of the cables between
/// their groups. With more than h + 1 groups there are fewer such cables than switches, so two groups with adapters on every switch have
/// such a pair. 0: not claimed.
int diameter_of(const Plan& dragonfly)
{
  const std::int64_t used = (dragonfly.adapters + dragonfly.p - 1) / dragonfly.p;
  if (dragonfly.adapters < 2) return 0;
  if (used == 1) return 1;
  if (used <= dragonfly.a) return 2;
  return used >= 2 * dragonfly.a && dragonfly.groups > dragonfly.h + 1 ? 4 : 0;
}

/// With an even number of full groups, the first half of them against the rest, the cut is all cables between the halves, provided that
/// the adapters of every switch can fill its global cables: then no traffic needs a local cable on the way to them, or behind them.
Bandwidth bisection_of(const Platform& platform, const Plan& dragonfly)
{
  const Bandwidth sent = access_rate(platform) * static_cast<double>(dragonfly.p), trunk = trunk_rate(platform);
  const bool full = dragonfly.adapters == dragonfly.groups * dragonfly.a * dragonfly.p;
  if (platform.nodes % 2 != 0 || dragonfly.groups % 2 != 0 || !full || sent < trunk * static_cast<double>(dragonfly.h)) return Bandwidth(0);
  return trunk * static_cast<double>(dragonfly.groups / 2 * (dragonfly.groups / 2) * dragonfly.rounds);
}

TopologyForm form(const Platform& platform)
{
  const Plan dragonfly = plan(platform);
  TopologyForm result;
  result.switches = dragonfly.groups * dragonfly.a;
  result.access_cables = dragonfly.adapters;
  result.trunk_cables = trunks_of(dragonfly);
  result.diameter = diameter_of(dragonfly);
  result.bisection = bisection_of(platform, dragonfly);
  return result;
}

} // namespace

extern const TopologyKind kind_dragonfly_topology_kinds;
const TopologyKind kind_dragonfly_topology_kinds{"dragonfly",
                                                 "groups of fully joined switches, every two groups joined by global cables",
                                                 "Kim, Dally, Scott, Abts, ISCA 2008",
                                                 settings,
                                                 build,
                                                 form};

} // namespace weft
