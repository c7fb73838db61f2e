// Laws that hold for every scenario, whatever its numbers: scaling, conservation, lower bounds, renaming.
#include "approx.hpp"
#include "property/folding_scenario.hpp"
#include "property/uncontended.hpp"

#include <doctest/doctest.h>

#include <numeric>

using namespace weft;
using namespace weft::folding_test;

namespace {

/// What a step looks like: when each task of each rank ended, and what each link carried.
struct Step {
  std::vector<std::vector<double>> ends; ///< per rank, per task
  std::vector<double> bytes;             ///< per link
  double end = 0;
};

Step step_of(const Built& b, const EngineSettings& settings)
{
  const Folding folding = fold(b.job, b.traffic, b.fabric, settings);
  const Times times = play(folding, settings);
  Step result;
  for (const std::uint32_t rank_class : folding.rank_class) result.ends.push_back(task_ends(folding, times, rank_class));
  for (const std::uint32_t link_class : folding.link_class)
    result.bytes.push_back(link_class == Folding::no_class ? 0 : times.link_bytes[link_class]);
  result.end = step(times);
  return result;
}

/// Whether the last digits of the scenario's step depend on rounding, so that it has no answer to 1e-9 (see folding.cpp).
bool amplifies_rounding(const Built& b, const EngineSettings& settings)
{
  const Folding plain = fold_as(b, settings, FoldMode::off, FuseMode::off);
  return folding_test::amplifies_rounding(plain, play(plain, settings), settings);
}

void scale(LinkMedium& medium, double k)
{
  medium.bandwidth *= k;
  medium.latency *= 1 / k;
  medium.propagation_ns_per_m /= k;
}

/// All rates times k, all fixed times divided by k.
Scenario scaled(Scenario s, double k)
{
  NodeModel& node = s.platform.node;
  for (auto& [precision, peak] : node.chip.peak) peak *= k;
  node.chip.memory_bandwidth *= k;
  node.chip.compute.kernel_overhead *= 1 / k;
  if (s.workload) s.workload->execution.host_time *= 1 / k;
  scale(node.scaleup_medium, k);
  scale(node.host_medium, k);
  node.adapters.bandwidth *= k;
  node.adapters.latency *= 1 / k;
  FabricModel& fabric = s.platform.fabric;
  scale(fabric.access, k);
  scale(fabric.trunk, k);
  fabric.switch_model.port_bandwidth *= k;
  fabric.switch_model.latency *= 1 / k;
  CollectiveLibrary& library = s.platform.library;
  for (CollectiveLibrary::Protocol& p : library.protocols) {
    p.bandwidth_cap *= k;
    p.bandwidth_cap_network *= k;
    for (Seconds* time : {&p.base_ring, &p.base_tree, &p.step_scaleup_ring, &p.step_scaleup_tree, &p.step_host_ring, &p.step_host_tree,
                          &p.step_network_ring, &p.step_network_tree})
      *time *= 1 / k;
  }
  library.direct_cap *= k;
  for (Seconds* time : {&library.step_in_switch, &library.step_in_switch_network, &library.point_to_point, &library.direct_base,
                        &library.network_way, &library.point_to_point_scaleup, &library.launch, &library.launch_blocking})
    *time *= 1 / k;
  return s;
}

/// Largest relative difference of ends (against the step) and bytes, after multiplying the ends of `b` by k.
double distance(const Step& a, const Step& b, double k)
{
  double most = 0;
  for (std::size_t r = 0; r < a.ends.size(); ++r)
    for (std::size_t t = 0; t < a.ends[r].size(); ++t) most = std::max(most, difference(a.ends[r][t], k * b.ends[r][t], a.end));
  for (std::size_t l = 0; l < a.bytes.size(); ++l) most = std::max(most, difference(a.bytes[l], b.bytes[l]));
  return most;
}

std::vector<std::uint32_t> shuffled(std::size_t count, hand_made::Draws& draw)
{
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[draw.below(static_cast<std::uint32_t>(i))]);
  return order;
}

/// The same job with other numbers for its ranks and groups.
Job renamed(const Job& job, const std::vector<std::uint32_t>& rank_to, const std::vector<std::uint32_t>& group_to)
{
  Job result = job;
  for (std::size_t r = 0; r < job.ranks.size(); ++r) {
    result.ranks[rank_to[r]] = job.ranks[r];
    for (std::size_t s = 0; s < job.slots.size(); ++s) {
      const std::uint32_t group = job.group_of(id_of<RankId>(r), s);
      result.groups_of[rank_to[r] * job.slots.size() + s] = group == Job::no_group ? Job::no_group : group_to[group];
    }
  }
  for (std::size_t g = 0; g < job.groups.size(); ++g) {
    Group& group = result.groups[group_to[g]];
    group = job.groups[g];
    for (RankId& member : group.members) member = RankId{rank_to[member.index()]};
  }
  return result;
}

/// Bytes by the names of a link's two ends, where nodes are called what `node_to` says.
std::map<std::pair<std::string, std::string>, double> bytes_by_name(const Fabric& fabric, const std::vector<double>& bytes,
                                                                    const std::vector<std::uint32_t>& node_to)
{
  const auto name = [&](VertexId v) {
    const Vertex& vertex = fabric.vertices[v.index()];
    if (vertex.node < 0) return vertex.name;
    return "node" + std::to_string(node_to[static_cast<std::size_t>(vertex.node)]) + vertex.name.substr(vertex.name.find('/'));
  };
  std::map<std::pair<std::string, std::string>, double> result;
  for (std::size_t l = 0; l < bytes.size(); ++l) result[{name(fabric.links[l].from), name(fabric.links[l].to)}] += bytes[l];
  return result;
}

} // namespace

TEST_CASE("all rates times k and all fixed times by k: every task ends k times as early, every link carries the same")
{
  std::size_t compared = 0, amplifying = 0;
  for (std::uint64_t seed = 2000; compared < 40; ++seed) {
    Scenario scenario = RandomScenario(seed).scenario;
    CollectiveLibrary& library = scenario.platform.library;
    if (seed % 2 == 0) library.ramp = library.in_switch_ramp = scenario.platform.node.chip.compute.ramp = Bytes(4e6);
    CAPTURE(seed);
    CAPTURE(words(scenario));
    const Built built = build(scenario);
    const Step plain = step_of(built, scenario.engine);
    const auto distance_at = [&](double k) { return distance(plain, step_of(build(scaled(scenario, k)), scenario.engine), k); };
    // Powers of two scale without rounding, so that nothing at all may change: no constant in seconds or bytes hides anywhere.
    CHECK(distance_at(0.25) < 1e-12);
    CHECK(distance_at(1024) < 1e-12);
    if (distance_at(10) >= 1e-9) {
      REQUIRE(amplifies_rounding(built, scenario.engine));
      REQUIRE(++amplifying < 4);
    }
    ++compared;
  }
}

TEST_CASE("every link carries what traffic says: the sum over all plays")
{
  std::size_t in_steps = 0;
  for (std::uint64_t seed = 3000; seed < 3060; ++seed) {
    Scenario scenario = RandomScenario(seed).scenario;
    if (scenario.plan.tp * scenario.plan.dp <= 4) scenario.engine.fidelity = Fidelity::steps, ++in_steps;
    CAPTURE(seed);
    CAPTURE(words(scenario));
    const Built built = build(scenario);
    std::vector<double> expected(built.fabric.links.size(), 0.0);
    for (std::uint32_t group = 0; group < built.job.groups.size(); ++group)
      for (const std::uint32_t payload : plays_of(built.job, group))
        for (const auto& [link, bytes] :
             test::bytes_per_link(built.traffic, built.traffic.transfers[built.traffic.transfer(built.job, group, payload)]))
          expected[link] += bytes;
    const Step played = step_of(built, scenario.engine);
    for (std::size_t l = 0; l < expected.size(); ++l) {
      if (played.bytes[l] == near(expected[l], 1e-9)) continue;
      CAPTURE(l);
      CHECK(played.bytes[l] == near(expected[l], 1e-9));
    }
  }
  CHECK(in_steps > 10);
}

TEST_CASE("no step is shorter than its longest chain at full rate, nor than the bytes of any link or cut over their capacity")
{
  std::size_t reached = 0, cuts = 0;
  double closest_chain = 0, closest_link = 0, closest_cut = 0, chain_shares = 0;
  const std::uint64_t first = 4000, count = 100;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const Scenario scenario = RandomScenario(seed).scenario;
    CAPTURE(seed);
    CAPTURE(words(scenario));
    const Built built = build(scenario);
    const Step played = step_of(built, scenario.engine);
    const double longest = played.end * (1 + 1e-9);

    const double chain = LongestChain(built).seconds();
    REQUIRE(chain > 0);
    CHECK(chain <= longest);
    closest_chain = std::max(closest_chain, chain / played.end);
    chain_shares += chain / played.end / static_cast<double>(count);
    reached += chain == near(played.end, 1e-9) ? 1 : 0;

    double busiest = 0;
    for (std::size_t l = 0; l < played.bytes.size(); ++l)
      busiest = std::max(busiest, played.bytes[l] / built.fabric.links[l].capacity.base());
    CHECK(busiest <= longest);
    closest_link = std::max(closest_link, busiest / played.end);

    // Each node against the rest of the machine, out and in.
    for (int node = 0; node < scenario.platform.nodes; ++node)
      for (const bool out : {true, false}) {
        const auto inside = [&](RankId r) {
          return (built.fabric.vertices[built.fabric.accelerators[built.job.ranks[r.index()].device.index()].index()].node == node) == out;
        };
        double capacity = 0, bytes = 0;
        for (const Link& link : built.fabric.links) {
          const bool from = built.fabric.vertices[link.from.index()].node == node, to = built.fabric.vertices[link.to.index()].node == node;
          if (from != to && from == out) capacity += link.capacity.base();
        }
        for (std::uint32_t group = 0; group < built.job.groups.size(); ++group) {
          const auto& members = built.job.groups[group].members;
          const auto within = std::count_if(members.begin(), members.end(), inside);
          for (const std::uint32_t payload : plays_of(built.job, group))
            bytes += least_bytes_out(built.job.payloads[payload], static_cast<double>(members.size()), static_cast<double>(within),
                                     inside(members.front()), inside(members.back()));
        }
        cuts += bytes > 0 ? 1 : 0;
        CHECK(bytes / capacity <= longest);
        closest_cut = std::max(closest_cut, bytes / capacity / played.end);
      }
  }
  MESSAGE("the longest chain is " << 100 * chain_shares << " % of the step on average, all of it in " << reached << " of " << count
                                  << "; the busiest link is in use " << 100 * closest_link << " % of the time, the tightest cut needs "
                                  << 100 * closest_cut << " %");
  CHECK(reached > 10);
  CHECK(closest_link > 0.3);
  CHECK(cuts > 100);
  CHECK(closest_cut > 0.1);
}

TEST_CASE("other numbers for ranks and groups change nothing")
{
  std::size_t amplifying = 0;
  for (std::uint64_t seed = 5000; seed < 5060; ++seed) {
    const Scenario scenario = RandomScenario(seed).scenario;
    CAPTURE(seed);
    CAPTURE(words(scenario));
    const Built built = build(scenario);
    hand_made::Draws draw(seed);
    const auto rank_to = shuffled(built.job.ranks.size(), draw), group_to = shuffled(built.job.groups.size(), draw);
    Built other{built.fabric, renamed(built.job, rank_to, group_to), {}};
    check(other.job);
    other.traffic = lower(other.job, other.fabric, scenario.platform.library, scenario.engine);
    const Step plain = step_of(built, scenario.engine);
    Step mapped = step_of(other, scenario.engine);
    std::vector<std::vector<double>> ends;
    for (const std::uint32_t to : rank_to) ends.push_back(mapped.ends[to]);
    mapped.ends = ends;
    if (distance(plain, mapped, 1) < 1e-9) continue;
    CHECK(amplifies_rounding(built, scenario.engine));
    REQUIRE(++amplifying < 6);
  }
}

TEST_CASE("nodes of one leaf may change places")
{
  std::size_t moved = 0, amplifying = 0;
  for (std::uint64_t seed = 6000; seed < 6060; ++seed) {
    Scenario scenario = RandomScenario(seed).scenario;
    scenario.platform.fabric.kind = "leaf-spine";
    scenario.platform.fabric.settings = read_yaml_text("{leaves: 1, spines: 0}", "laws");
    scenario.platform.fabric.switch_model.ports = 1000;
    if (scenario.platform.routing == "ecmp") scenario.platform.routing = "spray"; // hashing tells nodes apart by their numbers
    scenario.faults.links.clear();
    CAPTURE(seed);
    CAPTURE(words(scenario));
    const Built built = build(scenario);
    hand_made::Draws draw(seed);
    const auto node_to = shuffled(static_cast<std::size_t>(scenario.platform.nodes), draw);
    std::vector<std::uint32_t> stay(node_to.size());
    std::iota(stay.begin(), stay.end(), 0U);
    Built other{built.fabric, built.job, {}};
    const auto per_node = static_cast<std::uint32_t>(scenario.platform.node.accelerators);
    for (Rank& rank : other.job.ranks)
      rank.device = AcceleratorId{node_to[rank.device.value / per_node] * per_node + rank.device.value % per_node};
    other.traffic = lower(other.job, other.fabric, scenario.platform.library, scenario.engine);
    const Step plain = step_of(built, scenario.engine), mapped = step_of(other, scenario.engine);
    moved += node_to == stay ? 0 : 1;

    double most = distance({plain.ends, {}, plain.end}, {mapped.ends, {}, mapped.end}, 1);
    const auto expected = bytes_by_name(built.fabric, plain.bytes, node_to), found = bytes_by_name(other.fabric, mapped.bytes, stay);
    REQUIRE(expected.size() == found.size());
    for (const auto& [ends, bytes] : expected) most = std::max(most, difference(bytes, found.at(ends)));
    if (most < 1e-9) continue;
    CHECK(amplifies_rounding(built, scenario.engine));
    REQUIRE(++amplifying < 6);
  }
  CHECK(moved > 30);
}
