// Rail-only: adapter r of every node hangs on rail r, and no spine joins the rails. Traffic to another rail goes over the scale-up links
// of its node to the accelerator of that rail first.
//
// A rail is one switch as long as that has a port for every node, else a folded Clos of its own (clos.hpp).
#include "fabric/planes.hpp"
#include "fabric/wiring.hpp"

namespace weft {

namespace {

struct RailOnly {
  int tiers = 0;
  double oversubscription = 1;
  double spine_oversubscription = 1;
};

} // namespace

template <> const Record<RailOnly>& record_of<RailOnly>()
{
  static const Record<RailOnly> record =
      Record<RailOnly>("rail-only", "Every adapter index has its own network; nothing joins the rails but the nodes.")
          .optional("tiers", &RailOnly::tiers, "switch tiers of a rail, 1, 2 or 3; 0: the fewest that fit", in_range(0, 3))
          .optional("oversubscription", &RailOnly::oversubscription, "leaf down-links per up-link, above one tier", in_range(0.01, 1000.0))
          .optional("spine-oversubscription", &RailOnly::spine_oversubscription, "spine down-links per up-link, three tiers only",
                    in_range(0.01, 1000.0));
  return record;
}

namespace {

std::vector<FieldDoc> settings() { return record_of<RailOnly>().docs(); }

PlanesDemand demand(const Platform& platform)
{
  const auto set = settings_of<RailOnly>(platform.fabric.settings);
  return {set.tiers, set.oversubscription, set.spine_oversubscription, "rail"};
}

void build(FabricBuilder& builder, const Platform& platform, const std::vector<std::vector<VertexId>>& adapters)
{
  build_planes(builder, platform, demand(platform), adapters);
}

TopologyForm form(const Platform& platform) { return planes_form(platform, demand(platform)); }

} // namespace

extern const TopologyKind kind_rail_only_topology_kinds;
const TopologyKind kind_rail_only_topology_kinds{"rail-only",
                                                 "one network per adapter index and none between them; other rails over scale-up links",
                                                 "Wang, Ghobadi, Shakeri, Zhang, Hasani, Rail-only, arXiv:2307.12169, 2023",
                                                 settings,
                                                 build,
                                                 form};

} // namespace weft
