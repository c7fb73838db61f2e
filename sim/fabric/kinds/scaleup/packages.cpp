// Packages: every accelerator is one die of a package. The dies of a package are joined directly, at the package's own rate, and each die
// reaches all others through a switch over links of its own (Ascend 910C in CloudMatrix 384: software sees every die as a device).
//
// The switch is one logical switch, as for nvswitch: exact where its tiers do not block. A message to a die of the same package takes the
// direct way only; what the switch could add to it is left out, as collective libraries do.
#include "fabric/scaleup_wiring.hpp"
#include "fabric/wiring.hpp"

namespace weft {

namespace {

struct Packages {
  int dies = 2;
  Bandwidth bandwidth;
  Seconds latency, switch_latency;
};

} // namespace

template <> const Record<Packages>& record_of<Packages>()
{
  static const Record<Packages> record =
      Record<Packages>("packages", "Dies of a package joined directly, all dies of the node behind one logical switch.")
          .optional("dies", &Packages::dies, "accelerators of one package; they divide those of the node", in_range(1, 64))
          .required("bandwidth", &Packages::bandwidth, "between two dies of a package, one direction", positive<Bandwidth>())
          .optional("latency", &Packages::latency, "between two dies of a package", not_negative<Seconds>())
          .optional("switch-latency", &Packages::switch_latency, "time through the switch, besides the links' own",
                    not_negative<Seconds>());
  return record;
}

namespace {

std::vector<FieldDoc> settings() { return record_of<Packages>().docs(); }

Packages packages_of(const NodeModel& node)
{
  const auto set = settings_of<Packages>(node.scaleup_settings);
  if (node.accelerators % set.dies != 0)
    refuse(node.scaleup_settings, std::to_string(node.accelerators) + " accelerators are no whole packages of " + std::to_string(set.dies) +
                                      " dies (change accelerators or dies)");
  if (node.chip.scaleup_links < 1 || node.scaleup_medium.bandwidth <= Bandwidth(0))
    refuse(node.scaleup_settings, "scale-up kind 'packages' needs accelerators with scale-up links, and chip '" + node.chip.name +
                                      "' has none (set chip.scaleup_link and chip.scaleup_links)");
  return set;
}

LinkMedium between_dies(const Packages& set)
{
  LinkMedium medium;
  medium.name = "die-to-die";
  medium.bandwidth = set.bandwidth;
  medium.latency = set.latency;
  return medium;
}

void build(FabricBuilder& builder, const NodeModel& node, int node_number, const std::vector<VertexId>& accelerators)
{
  const Packages set = packages_of(node);
  const LinkMedium inner = between_dies(set);
  ScaleupDomain domain =
      join_to_switch(builder, node, node_number, accelerators, "node" + std::to_string(node_number) + "/switch", set.switch_latency);
  const std::size_t dies = static_cast<std::size_t>(set.dies);
  for (std::size_t first = 0; first < accelerators.size(); first += dies)
    for (std::size_t a = first; a < first + dies; ++a)
      for (std::size_t b = a + 1; b < first + dies; ++b)
        builder.add_cable({.a = accelerators[a],
                           .b = accelerators[b],
                           .bandwidth = inner.bandwidth,
                           .medium = &inner,
                           .length = Metres{0},
                           .entry_a = Seconds(0),
                           .entry_b = Seconds(0),
                           .class_up = inner.name + " up",
                           .class_down = inner.name + " down"});
  builder.mark_domain(std::move(domain));
}

TopologyForm form(const NodeModel& node)
{
  const Packages set = packages_of(node);
  const std::int64_t n = node.accelerators, half = n / 2, cut = half % set.dies; // `cut` dies of one package on this side
  TopologyForm result;
  result.switches = 1;
  result.access_cables = n;
  result.trunk_cables = n / set.dies * (std::int64_t{set.dies} * (set.dies - 1) / 2);
  result.diameter = n > set.dies ? 1 : 0;
  result.bisection = node.scaleup_medium.bandwidth * (static_cast<double>(node.chip.scaleup_links) * static_cast<double>(half)) +
                     set.bandwidth * static_cast<double>(cut * (set.dies - cut));
  return result;
}

} // namespace

extern const ScaleupKind kind_packages_scaleup_kinds;
const ScaleupKind kind_packages_scaleup_kinds{"packages",
                                              "every accelerator a die: dies of a package joined directly, all behind one logical switch",
                                              "Zuo et al., Serving large language models on Huawei CloudMatrix384, 2025 (arXiv:2506.12708)",
                                              settings,
                                              build,
                                              form};

} // namespace weft
