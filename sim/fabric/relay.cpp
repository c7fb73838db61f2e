#include "fabric/relay.hpp"

#include <algorithm>

namespace weft {

std::size_t rail_of(const Fabric& fabric, AcceleratorId a)
{
  const AcceleratorId first = fabric.domains[fabric.domain_of[a.index()]].members.front();
  return fabric.exits[a.index()].index() - fabric.accelerators[first.index()].index();
}

std::size_t place_of(const Fabric& fabric, AcceleratorId a)
{
  return a.index() - fabric.domains[fabric.domain_of[a.index()]].members.front().index();
}

AcceleratorId relay_of(const Fabric& fabric, AcceleratorId from, AcceleratorId to)
{
  const std::vector<std::uint32_t>& part = fabric.routing->network_part;
  const bool to_rail = fabric.routing->pxn == Pxn::rail;
  const auto reaches = [&](AcceleratorId a) {
    return to_rail ? rail_of(fabric, a) == rail_of(fabric, to)
                   : part[fabric.exits[a.index()].index()] == part[fabric.exits[to.index()].index()];
  };
  if (reaches(from)) return from;
  const std::vector<AcceleratorId>& members = fabric.domains[fabric.domain_of[from.index()]].members;
  const std::size_t place = place_of(fabric, to);
  if (place < members.size() && reaches(members[place])) return members[place];
  const auto found = std::find_if(members.begin(), members.end(), reaches);
  return found == members.end() ? from : *found;
}

} // namespace weft
