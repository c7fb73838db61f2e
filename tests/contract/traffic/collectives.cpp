// Every collective kind over every topology kind keeps the promises of traffic.
#include "approx.hpp"
#include "config/error.hpp"
#include "fabric/all_pairs.hpp"
#include "fabric/topology.hpp"
#include "traffic/algorithms.hpp"
#include "traffic/cost.hpp"
#include "traffic/loads.hpp"
#include "traffic/machine.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <optional>
#include <tuple>

using namespace weft;
using namespace weft::test;

namespace {

struct Machine {
  std::string name;
  Platform platform;
  Fabric fabric;
};

/// Settings to try: each kind takes the first that suits it, so that a new kind is covered without being named.
constexpr std::array network_settings{"",
                                      "{leaves: 2, spines: 2}",
                                      "dims: [2, 2]",
                                      "{p: 4, a: 2, h: 1}",
                                      "{leaves: 2, spines: 2, p: 4, h: 1}",
                                      "{switches: [a], links: [{ends: [node0/nic0, a]}, {ends: [node1/nic0, a]}]}"};
constexpr std::array node_settings{"", "dims: [2, 2]", "dims: [2, 4]", "bandwidth: 50 GB/s",
                                   "pairs: [{a: 0, b: 1, links: 2}, {a: 1, b: 2}, {a: 2, b: 3, links: 2}]"};

Node settings_of(const char* text) { return *text ? read_yaml_text(text, "test") : Node{}; }

/// The machine with the first settings it can be built with; nothing when none suits.
std::optional<Machine> built(const std::string& scaleup, const std::string& topology, const char* routing)
{
  for (const char* inside : node_settings)
    for (const char* between : network_settings)
      for (const int accelerators : {4, 8}) {
        Platform machine = platform(4);
        machine.node.scaleup = scaleup;
        machine.node.scaleup_settings = settings_of(inside);
        if (scaleup != "nvswitch") machine.node.accelerators = accelerators, machine.node.chip.scaleup_links = 6;
        machine.fabric.kind = topology;
        machine.fabric.settings = settings_of(between);
        machine.routing = routing;
        machine.library.in_switch = true;
        try {
          return Machine{scaleup + " and " + topology + " by " + routing, machine, build_fabric(machine)};
        } catch (const ConfigError&) { // these settings are another kind's
        }
      }
  return std::nullopt;
}

/// Four nodes: each scale-out kind behind nvswitch and each scale-up kind behind leaf-spine, under each routing that can work there.
std::vector<Machine> machines()
{
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const TopologyKind* kind : topology_kinds())
    if (std::string(kind->name) != "none" && std::string(kind->name) != "graph") pairs.emplace_back("nvswitch", kind->name);
  for (const ScaleupKind* kind : scaleup_kinds())
    if (std::string(kind->name) != "nvswitch") pairs.emplace_back(kind->name, "leaf-spine");
  std::vector<Machine> result;
  for (const auto& [scaleup, topology] : pairs)
    for (const char* routing : {"deterministic", "ecmp", "spray"}) {
      std::optional<Machine> machine = built(scaleup, topology, routing);
      CHECK_MESSAGE(machine, scaleup, " and ", topology, " by ", routing, ": none of the settings suits");
      if (machine) result.push_back(std::move(*machine));
    }
  return result;
}

/// Inside a node, over two whole nodes, one rank per node, over all, two domains of unequal size, a reversed order.
const std::vector<std::vector<std::uint32_t>> groups{{0, 1, 2, 3},  {0, 1, 2, 3, 4, 5, 6, 7},
                                                     {1, 5, 9, 13}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
                                                     {0, 1, 2, 4},  {7, 6, 1, 0},
                                                     {2, 9}};

double route_length(const Route& way)
{
  double length = 0;
  for (const Hop& hop : way.hops) length += hop.share;
  return length;
}

struct Case {
  const Machine& machine;
  Job job;
  EngineSettings settings;
  std::vector<AcceleratorId> members;
  const CollectiveKind* kind;
  Operation operation;
};

template <class Body> void for_each_case(double bytes, Body body)
{
  constexpr std::array operations{Operation::all_reduce, Operation::reduce_scatter, Operation::all_gather, Operation::broadcast,
                                  Operation::all_to_all};
  for (const Machine& machine : machines())
    for (const auto& group : groups)
      for (const CollectiveKind* kind : collective_kinds())
        for (const Operation operation : operations) {
          Case one{machine, job_of(16, {group}, {payload(operation, bytes)}), {}, {}, kind, operation};
          for (const std::uint32_t member : group) one.members.push_back(AcceleratorId{member});
          if (!kind->supports(operation, shape_of(machine.fabric, machine.platform.library, one.members))) continue;
          one.settings.collectives[operation_names[static_cast<std::size_t>(operation)]] = kind->name;
          CAPTURE(machine.name);
          CAPTURE(kind->name);
          CAPTURE(operation_names[static_cast<std::size_t>(operation)]);
          CAPTURE(group.size());
          body(one);
        }
}

Traffic lowered(Case& one, Fidelity fidelity)
{
  one.settings.fidelity = fidelity;
  return lower(one.job, one.machine.fabric, one.machine.platform.library, one.settings);
}

} // namespace

TEST_CASE("bytes over all links are the sum of edge bytes times route length")
{
  for_each_case(1e9, [](Case& one) {
    const CollectiveLibrary& library = one.machine.platform.library;
    const Traffic traffic = lowered(one, Fidelity::coupled);
    const Transfer& transfer = transfer_of(traffic);
    double charged = 0;
    for (const auto& [link, bytes] : bytes_per_link(traffic, transfer)) charged += bytes;

    const GroupShape shape = shape_of(one.machine.fabric, library, one.members);
    const WireShares shares = wire_shares(library, transfer.protocol);
    double expected = 0;
    for (const Phase& phase : one.kind->phases(one.operation, shape))
      for (const Edge& edge : phase.edges) {
        const std::size_t n = one.members.size();
        if (edge.to >= n)
          expected +=
              1e9 * edge.bytes_per_byte / shares.in_switch * route_length(route_to_switch(one.machine.fabric, one.members[edge.from]));
        else if (edge.from >= n)
          expected +=
              1e9 * edge.bytes_per_byte / shares.in_switch * route_length(route_from_switch(one.machine.fabric, one.members[edge.to]));
        else
          expected += 1e9 * edge.bytes_per_byte / shares.member *
                      route_length(route(one.machine.fabric, one.members[edge.from], one.members[edge.to], 0));
      }
    CHECK(charged == near(expected, 1e-9));
  });
}

TEST_CASE("every charge is above zero and charges of a flow are sorted by link")
{
  for (const Fidelity fidelity : {Fidelity::coupled, Fidelity::edges, Fidelity::steps})
    for_each_case(1e6, [&](Case& one) {
      const Traffic traffic = lowered(one, fidelity);
      bool good = true;
      for (std::uint32_t f = 0; f < traffic.flows.size(); ++f) {
        const auto charges = traffic.charges_of(f);
        for (std::size_t c = 0; c < charges.size(); ++c)
          good = good && charges[c].weight > 0 && charges[c].link < one.machine.fabric.links.size() &&
                 (c == 0 || charges[c - 1].link < charges[c].link);
      }
      CHECK(good);
      for (const FlowUse& use : traffic.uses) CHECK(use.bytes > Bytes(0));
    });
}

TEST_CASE("coupled, edges and steps put the same bytes on every link")
{
  for_each_case(1e8, [](Case& one) {
    const Traffic coupled = lowered(one, Fidelity::coupled);
    const auto expected = bytes_per_link(coupled, transfer_of(coupled));
    for (const Fidelity fidelity : {Fidelity::edges, Fidelity::steps}) {
      const Traffic other = lowered(one, fidelity);
      const auto found = bytes_per_link(other, transfer_of(other));
      REQUIRE(found.size() == expected.size());
      bool equal = true;
      for (const auto& [link, bytes] : expected) equal = equal && found.at(link) == near(bytes, 1e-9);
      CHECK(equal);
    }
  });
}

TEST_CASE("the time the choice promises is the time the structures take alone")
{
  for (const double bytes : {1e3, 1e6, 1e9})
    for_each_case(bytes, [&](Case& one) {
      const CollectiveLibrary& library = one.machine.platform.library;
      const Traffic traffic = lowered(one, Fidelity::coupled);
      const Choice choice = choose(one.machine.fabric, library, one.settings, one.operation, Bytes(bytes), one.members);
      CHECK(time_alone(traffic, one.machine.fabric, transfer_of(traffic)).base() == near(choice.time.base(), 1e-9));
      CHECK(transfer_of(traffic).protocol == choice.protocol);
      CHECK(choice.latency > Seconds(0));
    });
}

namespace {

/// Loads of all pairs, route by route; `labels`: as many flows of each pair, each an equal part.
AllPairsLoad walked(const Fabric& fabric, std::span<const AcceleratorId> members, std::uint64_t labels)
{
  AllPairsLoad load;
  load.on_link.assign(fabric.links.size(), 0);
  for (const AcceleratorId from : members)
    for (const AcceleratorId to : members)
      for (std::uint64_t label = 0; from != to && label < labels; ++label) {
        const Route way = route(fabric, from, to, label);
        for (const Hop& hop : way.hops) load.on_link[hop.link.index()] += hop.share / static_cast<double>(labels);
        Seconds& slowest = same_domain(fabric, from, to) ? load.inside : load.between;
        slowest = std::max(slowest, way.latency);
      }
  return load;
}

std::vector<AcceleratorId> accelerators(const std::vector<std::uint32_t>& group)
{
  std::vector<AcceleratorId> members;
  for (const std::uint32_t member : group) members.push_back(AcceleratorId{member});
  return members;
}

} // namespace

TEST_CASE("an all-to-all summed by destination is what the ways of all its pairs add up to, where all ways are taken")
{
  int machines_seen = 0;
  for (const Machine& machine : machines()) {
    if (!takes_all_ways(machine.fabric)) continue;
    ++machines_seen;
    for (const auto& group : groups) {
      CAPTURE(machine.name);
      CAPTURE(group.size());
      const std::vector<AcceleratorId> members = accelerators(group);
      const AllPairsLoad summed = all_pairs_load(machine.fabric, members), pairs = walked(machine.fabric, members, 1);
      bool equal = true;
      for (std::size_t link = 0; link < pairs.on_link.size(); ++link)
        equal = equal && summed.on_link[link] == near(pairs.on_link[link], 1e-9);
      CHECK(equal);
      CHECK(summed.inside.base() == near(pairs.inside.base()));
      CHECK(summed.between.base() == near(pairs.between.base()));
    }
  }
  CHECK(machines_seen > 10);
}

TEST_CASE("an all-to-all summed by destination is the mean over the choices of hashed ways, and modulo routing's on a whole fat-tree")
{
  Platform machine = platform(16);
  machine.fabric.kind = "fat-tree";
  machine.fabric.settings = read_yaml_text("{tiers: 3}", "test");
  machine.fabric.switch_model.ports = 16;
  const std::vector<AcceleratorId> members = accelerators(first_ranks(64));
  for (const auto& [routing, labels, tolerance] :
       {std::tuple{"deterministic", 1, 1e-9}, std::tuple{"ecmp", 64, 0.1}, std::tuple{"flowlet", 8, 0.1}}) {
    CAPTURE(routing);
    machine.routing = routing;
    const Fabric fabric = build_fabric(machine);
    const AllPairsLoad summed = all_pairs_load(fabric, members), pairs = walked(fabric, members, static_cast<std::uint64_t>(labels));
    double worst = 0;
    for (std::size_t link = 0; link < pairs.on_link.size(); ++link)
      if (pairs.on_link[link] > 0) worst = std::max(worst, std::abs(summed.on_link[link] / pairs.on_link[link] - 1));
    CHECK(worst <= tolerance);
  }
  machine.routing = "valiant";
  CHECK_THROWS_AS((void)all_pairs_load(build_fabric(machine), members), CannotFinish);
}
