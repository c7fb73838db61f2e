// UGAL: a flow takes its shortest way unless that is so crowded that the way by a third group promises less waiting.
//
// Switches compare queue x hops of one shortest and one Valiant way and take the smaller product. A fluid flow has no queues; flows are
// placed one after another instead, in the order in which the communication of the job asks for ways, and the queue of a way is the load
// of its busiest cable: the flows placed on it so far and this one, per capacity (the global form, UGAL-G: every cable is known). A
// pair's flow of one label is placed once. What a collective weighs (a ring and a tree, say) is placed whether it is chosen or not.
// After four million flows the loads stand still.
// Left out: that traffic changes during a step, and the error of deciding from the queues of one switch (UGAL-L).
// Source: Singh, "Load-balanced routing in interconnection networks", PhD thesis, Stanford 2005, chapter 5; for dragonflies Kim, Dally,
// Scott, Abts, "Technology-driven, highly-scalable dragonfly topology", ISCA 2008, section 4.1.
#include "fabric/flow_hash.hpp"

namespace weft {

namespace {

bool takes_detour(const WayLoad& shortest, const WayLoad& detour)
{
  return shortest.busiest * shortest.hops > detour.busiest * detour.hops;
}

} // namespace

extern const RoutingKind kind_ugal_routing_kinds;
const RoutingKind kind_ugal_routing_kinds{.name = "ugal",
                                          .summary = "the shortest way or one by a third group, whichever has the smaller load x hops",
                                          .source = "Singh, PhD thesis, Stanford 2005; Kim et al., ISCA 2008",
                                          .splits = false,
                                          .choose = hashed_choice,
                                          .detour = hashed_detour,
                                          .takes_detour = takes_detour};

} // namespace weft
