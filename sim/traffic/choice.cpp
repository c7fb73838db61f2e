#include "traffic/choice.hpp"

#include "units/text.hpp"

#include <algorithm>

namespace weft {
namespace {

/// Dependent messages over the network along a tree.
double tree_steps_of(const CollectiveKind& kind, const Phase& phase)
{
  return kind.latency == LatencyForm::tree ? phase.network_steps : phase.switch_network_steps;
}

bool crosses_network(const Candidate& candidate)
{
  return std::any_of(candidate.phases->begin(), candidate.phases->end(),
                     [](const Phase& phase) { return phase.network_steps > 0 || phase.switch_network_steps > 0; });
}

Option option_of(const Fabric& fabric, const CollectiveLibrary& library, const Candidate& candidate, std::uint32_t protocol)
{
  const CollectiveKind& kind = *collective_kinds()[candidate.algorithm];
  const Reach reach = crosses_network(candidate) ? Reach::network : Reach::one_domain;
  Option option{candidate.algorithm, protocol, reach, 1, {}, {}, {}, {}, {}, {}, 0};
  if (kind.latency != LatencyForm::direct) // whose cap is fitted by itself, and whose messages others forward
    for (const PhaseLoad& load : candidate.loads) option.links_at_once = std::max(option.links_at_once, links_at_once(fabric, load));
  const WireShares shares = shares_of(library, option);
  for (std::size_t p = 0; p < candidate.phases->size(); ++p) {
    const Seconds base = p == 0 ? base_latency(library, kind, protocol) : Seconds(0);
    option.latency.push_back(base + steps_latency(library, kind, (*candidate.phases)[p], candidate.loads[p], protocol));
    option.seconds_per_byte.push_back(seconds_per_byte(fabric, candidate.loads[p], shares));
    option.port_use.push_back(port_use(fabric, candidate.loads[p], shares));
    option.tree_steps.push_back(tree_steps_of(kind, (*candidate.phases)[p]));
    option.chain.push_back(chain_of(fabric, library, protocol, (*candidate.phases)[p], candidate.loads[p], shares));
    option.total_latency += option.latency.back();
    option.total_seconds_per_byte += option.seconds_per_byte.back();
  }
  return option;
}

/// A send is one edge: the fixed cost of a send/receive pair and the latency of the way.
Candidate send_candidate(const CollectiveLibrary& library, GroupRoutes& routes)
{
  static const std::vector<Phase> one_edge{{{{0, 1, 1}}, 0, 0, 0, 0}};
  Candidate candidate{plain_send, &one_edge, {load_of(one_edge[0], routes)}, {}};
  const std::uint32_t protocol = widest_protocol(library);
  const double cost = seconds_per_byte(routes.fabric(), candidate.loads[0], wire_shares(library, protocol));
  const bool inside = routes.is_scaleup(0, 1) && library.point_to_point_scaleup > Seconds(0);
  const Seconds latency = (inside ? library.point_to_point_scaleup : library.point_to_point) + routes.between(0, 1).latency;
  candidate.options.push_back({plain_send, protocol, Reach::one_domain, 1, {latency}, {cost}, {1}, {0}, {{}}, latency, cost});
  return candidate;
}

} // namespace

std::vector<Candidate> prepare(const CollectiveLibrary& library, const EngineSettings& settings, KnownShape& known, GroupRoutes& routes,
                               Operation operation, const std::string& whom)
{
  std::vector<Candidate> result;
  if (operation == Operation::send) {
    result.push_back(send_candidate(library, routes));
    return result;
  }
  for (const std::uint32_t algorithm : candidates(settings, operation, known.shape, whom)) {
    Candidate candidate;
    candidate.algorithm = algorithm;
    candidate.phases = &Algorithms::phases(known, operation, algorithm);
    for (const Phase& phase : *candidate.phases) candidate.loads.push_back(load_of(phase, routes));
    for (const std::uint32_t protocol : protocols_for(library, *collective_kinds()[algorithm]))
      candidate.options.push_back(option_of(routes.fabric(), library, candidate, protocol));
    result.push_back(std::move(candidate));
  }
  return result;
}

Chosen fastest(const CollectiveLibrary& library, const std::vector<Candidate>& candidates, Bytes payload)
{
  Chosen best;
  Seconds least;
  for (const Candidate& candidate : candidates)
    for (const Option& option : candidate.options) {
      const Seconds time = priced(library, option, payload).time;
      if (best.option && time >= least) continue;
      best = {&candidate, &option};
      least = time;
    }
  return best;
}

Choice choose(const Fabric& fabric, const CollectiveLibrary& library, const EngineSettings& settings, Operation operation, Bytes bytes,
              std::span<const AcceleratorId> members)
{
  check_forced(settings);
  const std::uint32_t widest = widest_protocol(library);
  if (members.size() < 2 || bytes <= Bytes(0)) return {plain_send, widest, {}, {}, {}, {}};
  Algorithms algorithms;
  KnownShape& known = algorithms.of(shape_of(fabric, library, members));
  GroupRoutes routes(fabric, known.shape, members, connection_label(0));
  const std::vector<Candidate> ready =
      prepare(library, settings, known, routes, operation, "a group of " + std::to_string(members.size()) + " ranks");
  return priced(library, *fastest(library, ready, bytes).option, bytes);
}

std::string describe(const Choice& choice, const CollectiveLibrary& library)
{
  if (choice.bandwidth <= Bandwidth(0)) return "nothing to move";
  const std::string name = choice.algorithm == plain_send ? "send" : collective_kinds()[choice.algorithm]->name;
  return name + ", " + library.protocols[choice.protocol].name + ": " + short_text(choice.time) + " (latency " +
         short_text(choice.latency) + ", fill " + short_text(choice.fill) + ", " + short_text(choice.bandwidth) + ")";
}

} // namespace weft
