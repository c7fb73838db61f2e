// Dimension order: a flow corrects one coordinate after the other, the first dimension first; one way per pair, free of deadlock.
//
// Tori, meshes and HyperX wire dimension by dimension (grid.hpp), so the first of the shortest ways on, in the order of wiring, is the
// one along the lowest dimension that still differs. Half-way round a ring of even length both directions are equally short: the
// wiring puts the way up first at even coordinates and the way down first at odd ones, so that a shift by half a ring loads both alike.
// Parallel cables to the same neighbour are chosen among by destination number. On machines that are no grid: the first way wired.
// Source: Dally, Seitz, "Deadlock-free message routing in multiprocessor interconnection networks", IEEE Trans. Comput. C-36(5), 1987.
#include "fabric/routing.hpp"

#include <algorithm>

namespace weft {

namespace {

std::size_t choose(const RoutingQuestion& question)
{
  const auto leads_to = [&](LinkId choice) { return question.links[choice.index()].to; };
  const VertexId neighbour = leads_to(question.choices.front());
  const auto parallel = static_cast<std::size_t>(
      std::count_if(question.choices.begin(), question.choices.end(), [&](LinkId c) { return leads_to(c) == neighbour; }));
  std::size_t skip = question.destination_number % parallel, chosen = 0;
  while (skip > 0 || leads_to(question.choices[chosen]) != neighbour) skip -= leads_to(question.choices[chosen++]) == neighbour ? 1 : 0;
  return chosen;
}

} // namespace

extern const RoutingKind kind_dimension_order_routing_kinds;
const RoutingKind kind_dimension_order_routing_kinds{.name = "dimension-order",
                                                     .summary = "tori, meshes, HyperX: the lowest dimension that differs first",
                                                     .source = "Dally, Seitz, IEEE Trans. Comput. C-36(5), 1987",
                                                     .splits = false,
                                                     .choose = choose};

} // namespace weft
