// Multi-plane: adapter k of every node hangs on plane k, a two-tier fat-tree of its own. Traffic to another plane goes over the scale-up
// links of its node to the accelerator of that plane first.
//
// With 64-port switches and 8 adapters of 2,048 nodes this gives the published 16,384 end points on 768 switches.
#include "fabric/planes.hpp"
#include "fabric/wiring.hpp"

namespace weft {

namespace {

struct MultiPlane {
  int tiers = 2;
  double oversubscription = 1;
  double spine_oversubscription = 1;
};

} // namespace

template <> const Record<MultiPlane>& record_of<MultiPlane>()
{
  static const Record<MultiPlane> record =
      Record<MultiPlane>("multi-plane", "Every adapter index has a fat-tree of its own; nothing joins the planes but the nodes.")
          .optional("tiers", &MultiPlane::tiers, "switch tiers of a plane, 1, 2 or 3; 0: the fewest that fit", in_range(0, 3))
          .optional("oversubscription", &MultiPlane::oversubscription, "leaf down-links per up-link, above one tier",
                    in_range(0.01, 1000.0))
          .optional("spine-oversubscription", &MultiPlane::spine_oversubscription, "spine down-links per up-link, three tiers only",
                    in_range(0.01, 1000.0));
  return record;
}

namespace {

std::vector<FieldDoc> settings() { return record_of<MultiPlane>().docs(); }

PlanesDemand demand(const Platform& platform)
{
  const auto set = settings_of<MultiPlane>(platform.fabric.settings);
  return {set.tiers, set.oversubscription, set.spine_oversubscription, "plane"};
}

void build(FabricBuilder& builder, const Platform& platform, const std::vector<std::vector<VertexId>>& adapters)
{
  build_planes(builder, platform, demand(platform), adapters);
}

TopologyForm form(const Platform& platform) { return planes_form(platform, demand(platform)); }

} // namespace

extern const TopologyKind kind_multi_plane_topology_kinds;
const TopologyKind kind_multi_plane_topology_kinds{"multi-plane",
                                                   "one fat-tree per adapter index; other planes over scale-up links",
                                                   "Zhao et al., Insights into DeepSeek-V3, ISCA 2025, arXiv:2505.09343, section 5",
                                                   settings,
                                                   build,
                                                   form};

} // namespace weft
