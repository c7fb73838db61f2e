#include "spec/reader.hpp"

#include "spec/check.hpp"
#include "spec/forms.hpp"
#include "spec/preset.hpp"

#include <algorithm>
#include <filesystem>

namespace weft {
namespace {

namespace fs = std::filesystem;

/// One preset by its word or file.
template <class T> T read_preset(const std::string& name, const PresetShape& shape, const DataFolder& data)
{
  T result;
  read_value(expand(scalar_node(name), shape, data), result);
  return result;
}

void name_it(std::string& name)
{
  if (name.empty()) name = "unnamed"; // written in place, without a base
}

/// The link a chip or an adapter names, unless the node replaces it.
LinkMedium medium(const Node& replacement, const Node* name, const DataFolder& data)
{
  LinkMedium result;
  if (replacement.kind == Node::Kind::null && (!name || name->text.empty())) return result;
  read_value(replacement.kind == Node::Kind::null ? expand(*name, link_shape(), data) : replacement, result);
  name_it(result.name);
  return result;
}

NodeModel node_from(const Node& tree, const DataFolder& data)
{
  const NodeForm form = record_of<NodeForm>().read(tree);
  NodeModel node;
  node.name = form.name;
  name_it(node.name);
  node.title = form.title;
  node.provenance = form.provenance;
  read_value(form.chip, node.chip);
  name_it(node.chip.name);
  node.accelerators = form.accelerators;
  node.scaleup = record_of<KindForm>().read(form.scaleup).kind;
  node.scaleup_settings = settings_beyond(form.scaleup, record_of<KindForm>().docs());
  node.adapters = form.adapters;
  const Node* adapters = tree.find("adapters");
  node.scaleup_medium = medium(form.scaleup_medium, form.chip.find("scaleup-link"), data);
  node.host_medium = medium(form.host_medium, adapters ? adapters->find("host-link") : nullptr, data);
  node.power = form.power;
  node.price = form.price;
  check_node(node, tree);
  return node;
}

FabricModel fabric_from(const Node& tree)
{
  const FabricForm form = record_of<FabricForm>().read(tree);
  FabricModel fabric;
  fabric.kind = form.kind;
  fabric.settings = settings_beyond(tree, record_of<FabricForm>().docs());
  const auto given = [](const Node& node) { return node.kind != Node::Kind::null; };
  if (fabric.kind != "none" && !given(form.switch_model)) refuse_missing_key(tree, "switch", "fabric");
  if (fabric.kind != "none" && !given(form.access)) refuse_missing_key(tree, "access", "fabric");
  if (given(form.switch_model)) read_value(form.switch_model, fabric.switch_model), name_it(fabric.switch_model.name);
  if (given(form.spine_switch_model))
    read_value(form.spine_switch_model, fabric.spine_switch_model), name_it(fabric.spine_switch_model.name);
  if (given(form.access)) read_value(form.access, fabric.access), name_it(fabric.access.name);
  fabric.trunk = fabric.access;
  if (given(form.trunk)) read_value(form.trunk, fabric.trunk), name_it(fabric.trunk.name);
  const auto length = [&](const char* key, Metres read, const LinkMedium& medium) {
    return tree.find(key) && given(*tree.find(key)) ? read : std::min(read, medium.reach);
  };
  fabric.access_length = length("access-length", form.access_length, fabric.access);
  fabric.trunk_length = length("trunk-length", form.trunk_length, fabric.trunk);
  return fabric;
}

Platform platform_from(const Node& tree, const DataFolder& data)
{
  const PlatformForm form = record_of<PlatformForm>().read(tree);
  Platform platform;
  platform.name = form.name;
  name_it(platform.name);
  platform.title = form.title;
  platform.provenance = form.provenance;
  platform.nodes = form.nodes;
  platform.node = node_from(form.node, data);
  platform.fabric = fabric_from(form.fabric);
  if (form.routing.kind != Node::Kind::null) {
    const RoutingForm routing = record_of<RoutingForm>().read(form.routing);
    platform.routing = routing.kind;
    platform.pxn = routing.pxn;
    platform.routing_settings = settings_beyond(form.routing, record_of<RoutingForm>().docs());
  }
  read_value(form.library, platform.library);
  name_it(platform.library.name);
  check_platform(platform, tree);
  return platform;
}

Workload workload_from(const Node& tree)
{
  const WorkloadForm form = record_of<WorkloadForm>().read(tree);
  Workload workload;
  workload.name = form.name;
  name_it(workload.name);
  workload.title = form.title;
  workload.provenance = form.provenance;
  read_value(form.model, workload.model);
  name_it(workload.model.name);
  workload.sequence = form.sequence;
  workload.batch = form.batch;
  workload.precision = form.precision;
  workload.gradients = form.gradients;
  workload.attention = form.attention;
  workload.execution = form.execution;
  workload.token_budget = form.token_budget;
  return workload;
}

} // namespace

Scenario read_scenario(const std::string& file, const std::vector<Override>& overrides, const DataFolder& data)
{
  Node written = read_yaml_file(file);
  if (written.kind != Node::Kind::mapping) refuse(written, "expected a mapping with the keys of a scenario");
  for (const Override& change : overrides) apply_override(written, scenario_shape(), change);
  const Node tree = expand(written, scenario_shape(), data);
  const ScenarioForm form = record_of<ScenarioForm>().read(tree);
  const bool trains = form.workload.kind != Node::Kind::null;
  if (trains && form.collective) refuse_key(*tree.find("collective"), "a workload and a collective in one scenario (keep one of them)");
  if (!trains && !form.collective) refuse(tree, "neither a workload nor a collective (add one of them)");
  Scenario scenario;
  scenario.file = file;
  scenario.title = form.title;
  scenario.about = form.about;
  scenario.platform = platform_from(form.platform, data);
  if (trains) scenario.workload = workload_from(form.workload);
  scenario.collective = form.collective;
  scenario.plan = form.plan;
  scenario.faults = form.faults;
  scenario.engine = form.engine;
  scenario.upkeep = form.upkeep;
  check_scenario(scenario, tree);
  return scenario;
}

Platform read_platform(const std::string& name_or_file, const std::vector<Override>& overrides, const DataFolder& data)
{
  Node written = scalar_node(name_or_file);
  for (const Override& change : overrides) {
    if (change.path.starts_with("platform."))
      apply_override(written, platform_shape(), {change.path.substr(9), change.value});
    else
      apply_override(written, platform_shape(), change);
  }
  return platform_from(expand(written, platform_shape(), data), data);
}

Chip read_chip(const std::string& name, const DataFolder& data) { return read_preset<Chip>(name, chip_shape(), data); }
LinkMedium read_link(const std::string& name, const DataFolder& data) { return read_preset<LinkMedium>(name, link_shape(), data); }
SwitchModel read_switch(const std::string& name, const DataFolder& data) { return read_preset<SwitchModel>(name, switch_shape(), data); }
ModelShape read_model(const std::string& name, const DataFolder& data) { return read_preset<ModelShape>(name, model_shape(), data); }
NodeModel read_node(const std::string& name, const DataFolder& data)
{
  return node_from(expand(scalar_node(name), node_shape(), data), data);
}
CollectiveLibrary read_library(const std::string& name, const DataFolder& data)
{
  return read_preset<CollectiveLibrary>(name, library_shape(), data);
}
Workload read_workload(const std::string& name, const DataFolder& data)
{
  return workload_from(expand(scalar_node(name), workload_shape(), data));
}

std::vector<std::string> preset_names(const std::string& folder, const DataFolder& data)
{
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(fs::path(data.path) / folder, error), end; !error && entry != end; entry.increment(error))
    if (entry->path().extension() == ".yaml") names.push_back(entry->path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

} // namespace weft
