// None: no links of their own; the accelerators of a node talk through a host bridge (PCIe), one host link each.
//
// The node's adapters hang on the same bridge, so traffic between accelerators and traffic to the network share the accelerator's host
// link. The bridge itself never limits; what the processors' own links add or take away is left out.
#include "fabric/scaleup_wiring.hpp"
#include "fabric/wiring.hpp"

namespace weft {

namespace {

struct NoScaleup {};

} // namespace

template <> const Record<NoScaleup>& record_of<NoScaleup>()
{
  static const Record<NoScaleup> record("none", "Accelerators talk over their host links and a host bridge.");
  return record;
}

namespace {

std::vector<FieldDoc> settings() { return record_of<NoScaleup>().docs(); }

void require_host_link(const NodeModel& node)
{
  settings_of<NoScaleup>(node.scaleup_settings);
  if (node.host_medium.bandwidth <= Bandwidth(0))
    refuse(node.scaleup_settings,
           "scale-up kind 'none' sends everything over host links and the node names none (set adapters.host_link, such as pcie-gen4-x16)");
}

void build(FabricBuilder& builder, const NodeModel& node, int node_number, const std::vector<VertexId>& accelerators)
{
  require_host_link(node);
  const std::string name = "node" + std::to_string(node_number) + "/host";
  const VertexId bridge = builder.add_vertex({.name = name, .kind = VertexKind::host_switch, .node = node_number, .tier = 0, .ports = 0});
  for (const VertexId accelerator : accelerators)
    builder.bridge_links.push_back(builder.add_cable({.a = accelerator,
                                                      .b = bridge,
                                                      .bandwidth = node.host_medium.bandwidth,
                                                      .medium = &node.host_medium,
                                                      .length = Metres{0},
                                                      .entry_a = Seconds(0),
                                                      .entry_b = Seconds(0),
                                                      .class_up = node.host_medium.name + " out",
                                                      .class_down = node.host_medium.name + " in"}));
  ScaleupDomain domain = domain_of_node(node_number, accelerators.size());
  domain.inner.push_back(bridge);
  builder.host_bridge = bridge;
  builder.mark_domain(std::move(domain));
}

TopologyForm form(const NodeModel& node)
{
  require_host_link(node);
  TopologyForm result;
  result.switches = 1;
  result.access_cables = node.accelerators;
  result.diameter = node.accelerators > 1 ? 1 : 0;
  result.bisection = node.host_medium.bandwidth * (node.accelerators / 2);
  return result;
}

} // namespace

extern const ScaleupKind kind_none_scaleup_kinds;
const ScaleupKind kind_none_scaleup_kinds{"none",
                                          "no scale-up links: accelerators talk over host links and a host bridge",
                                          "PCI Express base specification; NVIDIA A100 PCIe product brief",
                                          settings,
                                          build,
                                          form};

} // namespace weft
