// Which keys of which files name presets.
#include "spec/preset.hpp"

namespace weft {
namespace {

PresetShape under(std::string key, PresetShape shape)
{
  shape.key = std::move(key);
  return shape;
}

PresetShape leaf(std::string folder, std::string thing)
{
  PresetShape shape;
  shape.folder = std::move(folder);
  shape.thing = std::move(thing);
  return shape;
}

PresetShape fabric_shape()
{
  PresetShape shape;
  shape.key = "fabric";
  shape.thing = "fabric";
  shape.chooses_kind = true;
  shape.shared_keys = {"switch", "spine-switch", "access", "trunk", "access-length", "trunk-length"};
  shape.inside = {under("switch", switch_shape()), under("spine-switch", switch_shape()), under("access", link_shape()),
                  under("trunk", link_shape())};
  return shape;
}

PresetShape scaleup_shape()
{
  PresetShape shape;
  shape.key = "scaleup";
  shape.thing = "scale-up topology";
  shape.chooses_kind = true;
  return shape;
}

PresetShape importing(PresetShape shape, ImportSubject subject)
{
  shape.imports = subject;
  return shape;
}

PresetShape routing_shape()
{
  PresetShape shape;
  shape.key = "routing";
  shape.thing = "routing";
  shape.chooses_kind = true;
  shape.shared_keys = {"pxn"};
  return shape;
}

PresetShape with_inside(PresetShape shape, std::vector<PresetShape> inside)
{
  shape.inside = std::move(inside);
  return shape;
}

} // namespace

const PresetShape& chip_shape()
{
  static const PresetShape shape = leaf("platforms/chips", "chip");
  return shape;
}
const PresetShape& link_shape()
{
  static const PresetShape shape = leaf("platforms/links", "link");
  return shape;
}
const PresetShape& switch_shape()
{
  static const PresetShape shape = leaf("platforms/switches", "switch");
  return shape;
}
const PresetShape& library_shape()
{
  static const PresetShape shape = leaf("platforms/libraries", "library");
  return shape;
}
const PresetShape& node_shape()
{
  static const PresetShape shape =
      with_inside(leaf("platforms/nodes", "node"), {under("chip", chip_shape()), scaleup_shape(), under("scaleup-medium", link_shape()),
                                                    under("host-medium", link_shape())});
  return shape;
}
const PresetShape& platform_shape()
{
  static const PresetShape shape =
      importing(with_inside(leaf("platforms/clusters", "platform"),
                            {under("node", node_shape()), fabric_shape(), routing_shape(), under("library", library_shape())}),
                ImportSubject::network);
  return shape;
}
const PresetShape& model_shape()
{
  static const PresetShape shape = leaf("workloads/models", "model");
  return shape;
}
const PresetShape& workload_shape()
{
  static const PresetShape shape = with_inside(leaf("workloads/jobs", "workload"), {under("model", model_shape())});
  return shape;
}
const PresetShape& scenario_shape()
{
  static const PresetShape shape =
      importing(with_inside(leaf("", "scenario"), {under("platform", platform_shape()), under("workload", workload_shape())}),
                ImportSubject::plan);
  return shape;
}

} // namespace weft
