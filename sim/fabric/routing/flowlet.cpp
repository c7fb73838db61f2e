// Flowlet: a transfer is cut into bursts, and every burst is hashed anew.
//
// A switch that sees a gap in a flow may send what follows another way without reordering. Here a transfer counts as `flowlets` equal
// bursts, each on a way drawn by a hash of source, destination, label, burst, seed and switch. One burst is ECMP, infinitely many are
// spraying. Left out: that bursts are shorter on crowded ways (LetFlow's elasticity), and that a bulk RDMA stream has few gaps, so that
// real adapters offer few bursts.
// Source: Vanini, Pan, Alizadeh, Taheri, Edsall, "Let it flow: resilient asymmetric load balancing with flowlet switching", NSDI 2017.
#include "fabric/flow_hash.hpp"
#include "fabric/wiring.hpp"

namespace weft {

namespace {

struct Flowlet {
  int flowlets = 16;
};

} // namespace

template <> const Record<Flowlet>& record_of<Flowlet>()
{
  static const Record<Flowlet> record =
      Record<Flowlet>("flowlet", "Every burst of a transfer on a way of its own.")
          .optional("flowlets", &Flowlet::flowlets, "bursts a transfer is cut into (the default is an estimate: 16 MiB in bursts of 1 MiB)",
                    in_range(1, 4096));
  return record;
}

namespace {

std::vector<FieldDoc> settings() { return record_of<Flowlet>().docs(); }

RoutingPolicy policy(const Node& node)
{
  RoutingPolicy result;
  result.parts = static_cast<std::uint32_t>(settings_of<Flowlet>(node).flowlets);
  return result;
}

} // namespace

extern const RoutingKind kind_flowlet_routing_kinds;
const RoutingKind kind_flowlet_routing_kinds{.name = "flowlet",
                                             .summary = "a transfer in bursts, each on a way hashed anew",
                                             .source = "Vanini et al., LetFlow, NSDI 2017",
                                             .splits = false,
                                             .choose = hashed_choice,
                                             .settings = settings,
                                             .policy = policy};

} // namespace weft
