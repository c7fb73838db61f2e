// The scenario written out: every preset in place, every default spelled out.
#include "spec/forms.hpp"
#include "spec/reader.hpp"

namespace weft {
namespace {

/// A mapping that choses a kind, with the kind's own settings after the common keys.
Node with_settings(Node mapping, const Node& settings)
{
  for (const auto& entry : settings.entries) mapping.entries.push_back(entry);
  return mapping;
}

/// A link that stands for itself: `base: null` says that it starts from nothing.
Node link_in_place(const LinkMedium& link)
{
  Node mapping = mapping_node();
  mapping.entries.emplace_back("base", Node{});
  return with_settings(std::move(mapping), write_value(link));
}

bool given(const LinkMedium& link) { return link.bandwidth > Bandwidth(0); }

Node written(const NodeModel& node)
{
  NodeForm form;
  form.name = node.name;
  form.title = node.title;
  form.provenance = node.provenance;
  form.chip = write_value(node.chip);
  form.accelerators = node.accelerators;
  form.scaleup = with_settings(write_value(KindForm{node.scaleup}), node.scaleup_settings);
  form.adapters = node.adapters;
  if (given(node.scaleup_medium)) form.scaleup_medium = link_in_place(node.scaleup_medium);
  if (given(node.host_medium)) form.host_medium = link_in_place(node.host_medium);
  form.power = node.power;
  form.price = node.price;
  return write_value(form);
}

Node written(const FabricModel& fabric)
{
  FabricForm form;
  form.kind = fabric.kind;
  form.access_length = fabric.access_length;
  form.trunk_length = fabric.trunk_length;
  if (fabric.switch_model.ports > 0) form.switch_model = write_value(fabric.switch_model);
  if (fabric.spine_switch_model.ports > 0) form.spine_switch_model = write_value(fabric.spine_switch_model);
  if (given(fabric.access)) form.access = link_in_place(fabric.access);
  if (given(fabric.trunk)) form.trunk = link_in_place(fabric.trunk);
  return with_settings(write_value(form), fabric.settings);
}

/// The kind's word alone where nothing else was set.
Node written_routing(const Platform& platform)
{
  if (platform.pxn == Platform{}.pxn && platform.routing_settings.entries.empty()) return write_value(std::string(platform.routing));
  return with_settings(write_value(RoutingForm{platform.routing, platform.pxn}), platform.routing_settings);
}

Node written(const Platform& platform)
{
  PlatformForm form;
  form.name = platform.name;
  form.title = platform.title;
  form.provenance = platform.provenance;
  form.nodes = platform.nodes;
  form.node = written(platform.node);
  form.fabric = written(platform.fabric);
  form.routing = written_routing(platform);
  form.library = write_value(platform.library);
  return write_value(form);
}

Node written(const Workload& workload)
{
  WorkloadForm form;
  form.name = workload.name;
  form.title = workload.title;
  form.provenance = workload.provenance;
  form.model = write_value(workload.model);
  form.sequence = workload.sequence;
  form.batch = workload.batch;
  form.precision = workload.precision;
  form.gradients = workload.gradients;
  form.attention = workload.attention;
  form.execution = workload.execution;
  form.token_budget = workload.token_budget;
  return write_value(form);
}

} // namespace

Node resolved(const Scenario& scenario)
{
  ScenarioForm form;
  form.title = scenario.title;
  form.about = scenario.about;
  form.platform = written(scenario.platform);
  if (scenario.workload) form.workload = written(*scenario.workload);
  form.collective = scenario.collective;
  form.plan = scenario.plan;
  form.faults = scenario.faults;
  form.engine = scenario.engine;
  form.upkeep = scenario.upkeep;
  Node tree = write_value(form);
  std::erase_if(tree.entries, [](const auto& entry) { return entry.second.kind == Node::Kind::null; });
  set_key_path(tree, "");
  return tree;
}

} // namespace weft
