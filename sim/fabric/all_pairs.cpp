#include "fabric/all_pairs.hpp"

#include "config/error.hpp"
#include "fabric/relay.hpp"
#include "fabric/ways.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace weft {
namespace {

/// Most links all sweeps together may visit: some minutes.
constexpr double most_visits = 1e10;

/// Traffic on its way to one destination. Vertices nearer to it are taken later, so that each is taken once.
class Sweep {
public:
  Sweep(const Fabric& fabric, AllPairsLoad& load) : fabric_(fabric), load_(load), waiting_(fabric.vertices.size()) {}
  /// Something starts at, or reaches, a vertex at that distance from the destination.
  void reach(VertexId at, int distance, double amount, Seconds latency)
  {
    Waiting& there = waiting_[at.index()];
    if (there.amount == 0) fronts_[distance].push_back(at);
    there.amount += amount;
    there.latency = std::max(there.latency, latency);
  }
  /// Passes everything on, farthest first. `on` is asked per vertex with what has come there and when.
  template <class PassOn> void run(PassOn on)
  {
    while (!fronts_.empty()) {
      const auto farthest = fronts_.extract(std::prev(fronts_.end()));
      for (const VertexId at : farthest.mapped()) {
        const Waiting here = std::exchange(waiting_[at.index()], {});
        on(at, here.amount, here.latency);
      }
    }
  }
  /// Splits over links in equal parts; `to` is told what comes out of each.
  template <class Reached> void split(std::span<const LinkId> links, double amount, Seconds latency, Reached to)
  {
    const double share = amount / static_cast<double>(links.size());
    for (const LinkId id : links) {
      const Link& link = fabric_.links[id.index()];
      load_.on_link[id.index()] += share;
      to(link.to, share, latency + link.latency);
    }
  }

private:
  struct Waiting {
    double amount = 0;
    Seconds latency;
  };
  const Fabric& fabric_;
  AllPairsLoad& load_;
  std::vector<Waiting> waiting_;
  std::map<int, std::vector<VertexId>> fronts_;
};

/// The members of one scale-up domain.
using ByDomain = std::map<std::uint32_t, std::vector<AcceleratorId>>;

void require_work(double visits, std::size_t members)
{
  if (visits > most_visits)
    throw CannotFinish("all-to-all among " + std::to_string(members) +
                       " members on a fabric with a switch for each takes too long to lay over its links (use smaller groups)");
}

/// What the members of one domain send one another over scale-up links.
void add_inside(const Fabric& fabric, const std::vector<AcceleratorId>& members, Sweep& sweep, AllPairsLoad& load)
{
  const ScaleupDomain& domain = fabric.domains[fabric.domain_of[members.front().index()]];
  for (const AcceleratorId to : members) {
    const DomainWays ways(fabric, domain, fabric.accelerators[to.index()]);
    for (const AcceleratorId from : members)
      if (from != to) sweep.reach(fabric.accelerators[from.index()], ways.distance(fabric.accelerators[from.index()]), 1, Seconds(0));
    LinkChoices choices;
    sweep.run([&](VertexId at, double amount, Seconds latency) {
      if (ways.arrived(at)) {
        load.inside = std::max(load.inside, latency);
        return;
      }
      ways.find(at, choices);
      if (choices.empty()) no_way(fabric, at, fabric.accelerators[to.index()]);
      sweep.split(choices, amount, latency, [&](VertexId next, double share, Seconds then) {
        const VertexKind entered = fabric.vertices[next.index()].kind;
        load.through_host = load.through_host || entered == VertexKind::adapter || entered == VertexKind::host_switch;
        sweep.reach(next, ways.distance(next), share, then);
      });
    });
  }
}

/// Destinations that every sender reaches through the same accelerator of its domain.
struct Alike {
  std::size_t network = 0, place = 0; ///< part of the network or rail, and, where that matters, place in the domain
  auto operator<=>(const Alike&) const = default;
};

Alike alike_of(const Fabric& fabric, AcceleratorId to)
{
  const RoutingTable& table = *fabric.routing;
  if (table.pxn == Pxn::rail) return {rail_of(fabric, to), place_of(fabric, to)};
  const bool one_network = table.part_groups.size() <= 1;
  return {table.network_part[fabric.exits[to.index()].index()], one_network ? 0 : place_of(fabric, to)};
}

/// What leaves through one adapter for each of some destinations.
struct Leaving {
  VertexId adapter;
  std::uint32_t domain = 0;
  double senders = 0;
  Seconds latency; ///< of the slowest way to the adapter
};

void add_way(std::span<const LinkId> links, double amount, AllPairsLoad& load)
{
  for (const LinkId link : links) load.on_link[link.index()] += amount;
}

Seconds latency_of(const Fabric& fabric, const HostWay& way)
{
  Seconds latency;
  for (const LinkId link : way.view()) latency += fabric.links[link.index()].latency;
  return latency;
}

/// Adds the ways from every member to the adapter it sends through to `to` and those like it, `alike` of which every member of a domain
/// sends to but those of its own.
std::vector<Leaving> leave(const Fabric& fabric, const ByDomain& domains, AcceleratorId to,
                           const std::map<std::uint32_t, std::size_t>& alike_in, std::size_t alike, AllPairsLoad& load)
{
  std::map<VertexId, Leaving> leaving;
  for (const auto& [number, members] : domains) {
    const auto own = alike_in.find(number);
    const auto sent = static_cast<double>(alike - (own == alike_in.end() ? 0 : own->second));
    if (sent == 0) continue;
    for (const AcceleratorId from : members) {
      const AcceleratorId relay = relay_of(fabric, from, to);
      Route inside;
      if (relay != from) {
        const VertexId start = fabric.accelerators[from.index()], end = fabric.accelerators[relay.index()];
        const RoutingQuestion question{.at = start,
                                       .source = start,
                                       .destination = end,
                                       .source_number = 0,
                                       .destination_number = 0,
                                       .label = 0,
                                       .seed = fabric.seed,
                                       .choices = {},
                                       .links = fabric.links};
        walk_all(fabric, DomainWays(fabric, fabric.domains[number], end), question, inside);
      }
      for (const Hop& hop : inside.hops) load.on_link[hop.link.index()] += sent * hop.share;
      add_way(fabric.way_out[relay.index()].view(), sent, load);
      Leaving& through = leaving[fabric.exits[relay.index()]];
      through.adapter = fabric.exits[relay.index()];
      through.domain = number;
      through.senders += 1;
      through.latency = std::max(through.latency, inside.latency + latency_of(fabric, fabric.way_out[relay.index()]));
    }
  }
  std::vector<Leaving> result;
  for (const auto& [adapter, through] : leaving) result.push_back(through);
  return result;
}

/// Sweeps the network towards the adapters of `receivers`, who hang on the same switches.
void add_between(const Fabric& fabric, const std::vector<Leaving>& leaving, const std::vector<AcceleratorId>& receivers,
                 const ByDomain& domains, std::size_t members, Sweep& sweep, AllPairsLoad& load)
{
  struct Arriving {
    double amount = 0;
    Seconds latency; ///< from the adapter on
  };
  std::map<VertexId, Arriving> arriving;
  std::map<std::uint32_t, double> receivers_in;
  double all = 0;
  for (const AcceleratorId to : receivers) {
    const std::uint32_t domain = fabric.domain_of[to.index()];
    const auto amount = static_cast<double>(members - domains.at(domain).size());
    receivers_in[domain] += 1;
    all += amount;
    add_way(fabric.way_in[to.index()].view(), amount, load);
    Arriving& at = arriving[fabric.exits[to.index()]];
    at.amount += amount;
    at.latency = std::max(at.latency, latency_of(fabric, fabric.way_in[to.index()]));
  }
  const VertexId first = arriving.begin()->first;
  const NetworkWays ways(fabric, first);
  for (const Leaving& through : leaving) {
    const auto own = receivers_in.find(through.domain);
    const double sent = through.senders * (static_cast<double>(receivers.size()) - (own == receivers_in.end() ? 0 : own->second));
    if (sent > 0) sweep.reach(through.adapter, RoutingTable::unreachable, sent, through.latency); // before all switches
  }
  LinkChoices choices;
  const auto arrive = [&](VertexId adapter, Seconds latency) {
    load.between = std::max(load.between, latency + arriving[adapter].latency);
  };
  sweep.run([&](VertexId at, double amount, Seconds latency) {
    const bool is_switch = fabric.vertices[at.index()].kind == VertexKind::network_switch;
    if (is_switch && ways.distance(at) == 1) { // the receivers' own switch
      for (const auto& [adapter, in] : arriving) {
        choices.clear();
        for (const std::uint32_t l : links_out(fabric, at))
          if (fabric.links[l].to == adapter) choices.push_back(LinkId{l});
        if (choices.empty()) no_way(fabric, at, adapter);
        sweep.split(choices, amount * in.amount / all, latency, [&](VertexId, double, Seconds then) { arrive(adapter, then); });
      }
      return;
    }
    ways.find(at, choices);
    if (choices.empty()) no_way(fabric, at, first);
    sweep.split(choices, amount, latency, [&](VertexId next, double share, Seconds then) {
      if (next == first)
        arrive(first, then);
      else
        sweep.reach(next, ways.distance(next), share, then);
    });
  });
}

/// What members of different domains send one another.
void add_outside(const Fabric& fabric, const ByDomain& domains, std::size_t members, Sweep& sweep, AllPairsLoad& load)
{
  std::map<Alike, std::vector<AcceleratorId>> destinations;
  for (const auto& [number, list] : domains)
    for (const AcceleratorId to : list) destinations[alike_of(fabric, to)].push_back(to);
  for (const auto& [alike, list] : destinations) {
    std::map<std::uint32_t, std::size_t> alike_in;
    std::map<const std::vector<std::uint16_t>*, std::vector<AcceleratorId>> by_switch; // looked up; walked in the order of `order`
    std::vector<const std::vector<std::uint16_t>*> order;
    for (const AcceleratorId to : list) {
      ++alike_in[fabric.domain_of[to.index()]];
      const std::vector<std::uint16_t>* const field = &distances_to(fabric, fabric.exits[to.index()]);
      std::vector<AcceleratorId>& there = by_switch[field];
      if (there.empty()) order.push_back(field);
      there.push_back(to);
    }
    const std::vector<Leaving> leaving = leave(fabric, domains, list.front(), alike_in, list.size(), load);
    require_work(static_cast<double>(order.size()) * static_cast<double>(fabric.links.size()), members);
    for (const auto* const field : order) add_between(fabric, leaving, by_switch[field], domains, members, sweep, load);
  }
}

/// Sums in different order differ in their last digits: cut to 36 binary digits, so that look-alike links carry the same.
double cut_short(double value)
{
  constexpr int digits = 36;
  int exponent = 0;
  const double mantissa = std::frexp(value, &exponent);
  return std::ldexp(std::round(std::ldexp(mantissa, digits)), exponent - digits);
}

} // namespace

bool takes_all_ways(const Fabric& fabric) { return fabric.routing->kind->splits; }

AllPairsLoad all_pairs_load(const Fabric& fabric, std::span<const AcceleratorId> members)
{
  const RoutingKind& kind = *fabric.routing->kind;
  if (kind.detour)
    throw CannotFinish("all-to-all among " + std::to_string(members.size()) + " members with routing " + kind.name +
                       " has more detours than can be drawn (use routing spray or minimal ways, or smaller groups)");
  ByDomain domains;
  for (const AcceleratorId member : members) domains[fabric.domain_of[member.index()]].push_back(member);
  AllPairsLoad load;
  load.on_link.assign(fabric.links.size(), 0);
  Sweep sweep(fabric, load);
  const double inside = static_cast<double>(fabric.links.size()) / static_cast<double>(std::max<std::size_t>(1, fabric.domains.size()));
  require_work(static_cast<double>(members.size()) * inside, members.size());
  for (const auto& [number, list] : domains) add_inside(fabric, list, sweep, load);
  if (domains.size() > 1) add_outside(fabric, domains, members.size(), sweep, load);
  for (double& amount : load.on_link) amount = cut_short(amount);
  return load;
}

} // namespace weft
