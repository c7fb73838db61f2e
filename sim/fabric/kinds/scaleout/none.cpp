// None: a single node, no network between nodes.
#include "fabric/wiring.hpp"

namespace weft {

namespace {

struct NoNetwork {};

} // namespace

template <> const Record<NoNetwork>& record_of<NoNetwork>()
{
  static const Record<NoNetwork> record("none", "No network: a single node.");
  return record;
}

namespace {

std::vector<FieldDoc> settings() { return record_of<NoNetwork>().docs(); }

void build(FabricBuilder&, const Platform& platform, const std::vector<std::vector<VertexId>>&)
{
  settings_of<NoNetwork>(platform.fabric.settings);
  if (platform.nodes > 1)
    refuse(platform.fabric.settings, "fabric kind 'none' joins no nodes but the platform has " + std::to_string(platform.nodes) +
                                         " (set nodes: 1, or a fabric kind such as fat-tree)");
}

TopologyForm form(const Platform&) { return {}; }

} // namespace

extern const TopologyKind kind_none_topology_kinds;
const TopologyKind kind_none_topology_kinds{"none", "no network: a single node", "no source needed", settings, build, form};

} // namespace weft
