// NVSwitch: every accelerator of the node reaches every other at its full link rate through switches.
//
// The switches of a node are one logical switch. This is exact for fluid flows: the hardware spreads every transfer evenly over all
// switches, so each carries the same share of each accelerator's traffic and none can be a bottleneck before the accelerator's own
// links are. An accelerator's links are one link of scaleup_links x the medium's bandwidth.
#include "fabric/scaleup_wiring.hpp"
#include "fabric/wiring.hpp"

namespace weft {

namespace {

struct NvSwitch {
  bool reduces = false;
  Seconds latency;
};

} // namespace

template <> const Record<NvSwitch>& record_of<NvSwitch>()
{
  static const Record<NvSwitch> record =
      Record<NvSwitch>("nvswitch", "All accelerators of a node behind one logical switch.")
          .optional("reduces", &NvSwitch::reduces, "the switch can reduce and multicast (NVLS, from the third generation on)")
          .optional("latency", &NvSwitch::latency, "time through the switch, besides the links' own", not_negative<Seconds>());
  return record;
}

namespace {

std::vector<FieldDoc> settings() { return record_of<NvSwitch>().docs(); }

void require_links(const NodeModel& node)
{
  if (node.chip.scaleup_links < 1 || node.scaleup_medium.bandwidth <= Bandwidth(0))
    refuse(node.scaleup_settings, "scale-up kind 'nvswitch' needs accelerators with scale-up links, and chip '" + node.chip.name +
                                      "' has none (set chip.scaleup_link and chip.scaleup_links, or scaleup: none)");
}

void build(FabricBuilder& builder, const NodeModel& node, int node_number, const std::vector<VertexId>& accelerators)
{
  require_links(node);
  const auto set = settings_of<NvSwitch>(node.scaleup_settings);
  ScaleupDomain domain =
      join_to_switch(builder, node, node_number, accelerators, "node" + std::to_string(node_number) + "/nvswitch", set.latency);
  domain.reduces = set.reduces;
  builder.mark_domain(std::move(domain));
}

TopologyForm form(const NodeModel& node)
{
  require_links(node);
  TopologyForm result;
  result.switches = 1;
  result.access_cables = node.accelerators;
  result.diameter = node.accelerators > 1 ? 1 : 0;
  // The first half of the accelerators sends all it can; the switch passes it on.
  result.bisection = node.scaleup_medium.bandwidth * (static_cast<double>(node.chip.scaleup_links) * (node.accelerators / 2));
  return result;
}

} // namespace

extern const ScaleupKind kind_nvswitch_scaleup_kinds;
const ScaleupKind kind_nvswitch_scaleup_kinds{
    "nvswitch",
    "all accelerators of a node behind one logical switch",
    "NVIDIA NVSwitch technical overview, 2018; NVIDIA DGX A100 and DGX H100 system architecture white papers",
    settings,
    build,
    form};

} // namespace weft
