// The ladder of fidelity: a collective as one coupled flow and as one flow per edge, against the same collective message by message.
//
// Where nothing contends but the collective with itself, evenly, all three must agree. The fixed time of a call is the same in all three
// by construction (steps spread it evenly over their messages), so what is compared is how long the bytes take; when latency rules, the
// three agree the more. Elsewhere they differ: messages that meet on a link by chance of hashing hold up the next step of their members,
// which a coupled flow knows nothing of, and messages at a slow place of an uneven group let others run ahead, which a coupled flow never
// does. How much is written to a table, and bounded per algorithm.
#include "approx.hpp"
#include "property/walk.hpp"
#include "traffic/algorithms.hpp"
#include "traffic/machine.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <map>

using namespace weft;

namespace {

constexpr double kib = 1024, mib = 1024 * kib, gib = 1024 * mib;
constexpr std::array operations{Operation::all_reduce, Operation::reduce_scatter, Operation::all_gather, Operation::broadcast,
                                Operation::all_to_all};

/// One collective call among some accelerators of a machine of nvswitch nodes of eight (four when there are no more).
struct Call {
  const char* fabric = "fat-tree";
  const char* routing = "spray";
  std::uint32_t accelerators = 8;
  double bytes = gib;
  std::vector<std::uint32_t> members{}; ///< empty: all
  double first_adapter = 1;             ///< share of its bandwidth the first adapter has left
  int oversubscription = 1;             ///< of the leaves
  const char* scaleup = "nvswitch";     ///< else `domains` nodes, their inside set by `inside`
  const char* inside = "{}";
  const char* only = nullptr; ///< the one algorithm to look at
  std::uint32_t domains = 1;
};

struct Times {
  double coupled = 0, edges = 0, steps = 0;
  [[nodiscard]] double steps_over_coupled() const { return steps / coupled - 1; }
  [[nodiscard]] double edges_over_coupled() const { return edges / coupled - 1; }
};

Scenario scenario_of(const Call& call)
{
  const bool switched = std::string(call.scaleup) == "nvswitch";
  const std::uint32_t per_node = switched ? std::min(call.accelerators, 8U) : call.accelerators / call.domains,
                      nodes = call.accelerators / per_node;
  Scenario scenario;
  scenario.platform = test::platform(static_cast<int>(nodes));
  scenario.platform.node.accelerators = scenario.platform.node.adapters.count = static_cast<int>(per_node);
  if (!switched) {
    scenario.platform.node.scaleup = call.scaleup;
    scenario.platform.node.scaleup_settings = read_yaml_text(call.inside, "fidelity");
    scenario.platform.node.chip.scaleup_links = 7;
  }
  FabricModel& fabric = scenario.platform.fabric;
  fabric.kind = call.fabric;
  fabric.switch_model.ports = 32; // several leaves from four nodes on
  std::string settings = "{oversubscription: " + std::to_string(call.oversubscription);
  if (fabric.kind == "rail-optimized") settings += ", unit-nodes: " + std::to_string(std::min(4U, nodes));
  fabric.settings = read_yaml_text(settings + "}", "fidelity");
  scenario.platform.routing = call.routing;
  scenario.platform.library.in_switch = true;
  if (call.first_adapter < 1) {
    const Fabric whole = build_fabric(scenario.platform);
    for (const Link& link : whole.links)
      if (link.from == whole.exits[0] && whole.vertices[link.to.index()].kind == VertexKind::network_switch)
        scenario.faults.links.push_back({whole.vertices[link.from.index()].name, whole.vertices[link.to.index()].name, call.first_adapter});
  }
  return scenario;
}

/// Leaves only some ranks in the group; the others do nothing.
void keep_only(Job& job, const std::vector<std::uint32_t>& members)
{
  job.programs.push_back({"idle", {}, {}});
  for (Rank& rank : job.ranks) rank.role = RoleId{1};
  job.groups_of.assign(job.groups_of.size(), Job::no_group);
  job.groups[0].members.clear();
  for (const std::uint32_t member : members) {
    job.groups[0].members.push_back(RankId{member});
    job.ranks[member].role = RoleId{0};
    job.groups_of[member * job.slots.size()] = 0;
  }
}

bool supports(const CollectiveKind& kind, Operation operation, const folding_test::Built& built, const CollectiveLibrary& library)
{
  std::vector<AcceleratorId> devices;
  for (const RankId member : built.job.groups[0].members) devices.push_back(built.job.ranks[member.index()].device);
  return kind.supports(operation, shape_of(built.fabric, library, devices));
}

/// Times of the call by every algorithm that can carry out an operation on these members.
template <class Body> void for_every_algorithm(const Call& call, Body body)
{
  Scenario scenario = scenario_of(call);
  const Fabric fabric = build_fabric(scenario.platform, scenario.faults);
  for (const CollectiveKind* kind : collective_kinds())
    for (const Operation operation : operations) {
      const char* name = operation_names[static_cast<std::size_t>(operation)];
      scenario.collective = CollectiveJob{name, Bytes(call.bytes), 1};
      folding_test::Built built{fabric, build_job(scenario), {}};
      if (!call.members.empty()) keep_only(built.job, call.members);
      if (call.only && std::string(call.only) != kind->name) continue;
      if (!supports(*kind, operation, built, scenario.platform.library)) continue;
      EngineSettings settings;
      settings.collectives[name] = kind->name;
      settings.utilisation_bins = 0;
      const auto time = [&](Fidelity fidelity) {
        settings.fidelity = fidelity;
        built.traffic = lower(built.job, built.fabric, scenario.platform.library, settings);
        return simulate_isolated(fold(built.job, built.traffic, built.fabric, settings), settings).end.base();
      };
      body(*kind, operation, Times{time(Fidelity::coupled), time(Fidelity::edges), time(Fidelity::steps)});
    }
}

std::string row(const CollectiveKind& kind, Operation operation, const Call& call, const Times& times)
{
  std::array<char, 200> text{};
  std::snprintf(text.data(), text.size(), "%-12s %-14s %4zu %-14s %8.0f %12.3f %12.3f %12.3f %+8.2f %% %+8.2f %%\n", kind.name,
                operation_names[static_cast<std::size_t>(operation)], call.members.empty() ? call.accelerators : call.members.size(),
                call.fabric, call.bytes / kib, 1e6 * times.coupled, 1e6 * times.edges, 1e6 * times.steps, 100 * times.edges_over_coupled(),
                100 * times.steps_over_coupled());
  return text.data();
}
constexpr const char* heading =
    "algorithm    operation      ranks fabric            KiB   coupled us     edges us     steps us  edges diff  steps diff\n";

/// What steps may take longer or less than the coupled flow. Kinds not named are held to 1 % everywhere.
struct Bound {
  double less = 0.01, more = 0.01;
};
using Bounds = std::map<std::string, Bound>;

/// Holds every algorithm to its bound and shows the table.
void hold(const std::string& title, const std::vector<Call>& calls, const Bounds& bounds)
{
  std::string table = title + "\n" + heading;
  std::size_t rows = 0;
  for (const Call& call : calls)
    for_every_algorithm(call, [&](const CollectiveKind& kind, Operation operation, const Times& times) {
      const std::string line = row(kind, operation, call, times);
      CAPTURE(line);
      const auto found = bounds.find(kind.name);
      const Bound bound = found == bounds.end() ? Bound{} : found->second;
      CHECK(times.steps_over_coupled() > -bound.less);
      CHECK(times.steps_over_coupled() < bound.more);
      table += line;
      ++rows;
    });
  CHECK(rows >= 5 * calls.size() / 2);
  MESSAGE(table);
}

} // namespace

namespace {

/// Calls alone on machines that are the same everywhere.
std::vector<Call> symmetric_calls()
{
  std::vector<Call> calls;
  for (const double bytes : {256 * mib, gib}) {
    for (const char* fabric : {"fat-tree", "rail-optimized"})
      for (const std::uint32_t accelerators : {4U, 8U, 16U, 32U, 64U})
        if (accelerators < 64 || bytes <= 256 * mib) // a million messages each
          calls.push_back({.fabric = fabric, .accelerators = accelerators, .bytes = bytes});
    for (const std::uint32_t accelerators : {2U, 4U, 8U})
      calls.push_back({.accelerators = accelerators, .bytes = bytes, .scaleup = "full-mesh", .only = "full-mesh"});
    calls.push_back({.accelerators = 5, .bytes = bytes, .scaleup = "torus", .inside = "dims: [5]", .only = "torus"});
    calls.push_back({.accelerators = 16, .bytes = bytes, .scaleup = "torus", .inside = "dims: [4, 4]", .only = "torus"});
    calls.push_back({.accelerators = 24, .bytes = bytes, .scaleup = "torus", .inside = "dims: [4, 3, 2]", .only = "torus"});
    calls.push_back({.accelerators = 8, .bytes = bytes, .scaleup = "torus", .inside = "{dims: [8], wrap: [false]}", .only = "torus"});
    for (const std::uint32_t domains : {2U, 4U})
      calls.push_back(
          {.accelerators = 4 * domains, .bytes = bytes, .scaleup = "full-mesh", .only = "box-hierarchical", .domains = domains});
    calls.push_back(
        {.accelerators = 24, .bytes = bytes, .scaleup = "torus", .inside = "dims: [4, 3]", .only = "box-hierarchical", .domains = 2});
  }
  return calls;
}

} // namespace

TEST_CASE("alone on a symmetric machine, large payloads: coupled, edges and steps agree within 1 %")
{
  std::map<std::string, int> compared;
  std::string table = heading;
  for (const Call& call : symmetric_calls())
    for_every_algorithm(call, [&](const CollectiveKind& kind, Operation operation, const Times& times) {
      const std::string line = row(kind, operation, call, times);
      CAPTURE(line);
      CHECK(times.edges == near(times.coupled, 1e-9));
      CHECK(times.steps == near(times.coupled, 0.01));
      ++compared[kind.name];
      table += line;
    });
  for (const CollectiveKind* kind : collective_kinds()) {
    CAPTURE(kind->name);
    CHECK(compared[kind->name] >= 12);
  }
  MESSAGE(table);
}

TEST_CASE("alone on a symmetric machine, latency rules")
{
  std::vector<Call> calls;
  for (const std::uint32_t accelerators : {4U, 8U, 16U, 32U})
    for (const double bytes : {4 * kib, mib}) calls.push_back({.accelerators = accelerators, .bytes = bytes});
  hold("latency-bound sizes", calls, {});
}

TEST_CASE("groups that fill nodes unevenly")
{
  const std::vector<std::vector<std::uint32_t>> uneven{
      {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, {0, 1, 2, 8, 16, 17, 24, 31}};
  std::vector<Call> calls;
  for (const char* fabric : {"fat-tree", "rail-optimized"})
    for (const auto& members : uneven) calls.push_back({.fabric = fabric, .accelerators = 32, .bytes = 256 * mib, .members = members});
  hold("uneven groups", calls, {{"direct", {.less = 0.01, .more = 0.4}}});
}

TEST_CASE("an adapter at half its rate")
{
  std::vector<Call> calls;
  for (const std::uint32_t accelerators : {16U, 32U})
    calls.push_back({.accelerators = accelerators, .bytes = 256 * mib, .first_adapter = 0.5});
  hold("a slow adapter", calls, {});
}

TEST_CASE("leaves with a quarter of the uplinks")
{
  std::vector<Call> calls;
  for (const std::uint32_t accelerators : {32U, 64U})
    calls.push_back({.accelerators = accelerators, .bytes = 256 * mib, .oversubscription = 4});
  hold("oversubscribed leaves", calls,
       {{"nvls", {.less = 0.01, .more = 0.03}}, {"ring", {.less = 0.06, .more = 0.01}}, {"tree", {.less = 0.01, .more = 0.03}}});
}

TEST_CASE("flows that meet on links by hashing")
{
  std::vector<Call> calls;
  for (const char* fabric : {"fat-tree", "rail-optimized"})
    for (const char* routing : {"ecmp", "deterministic"})
      for (const std::uint32_t accelerators : {32U, 64U})
        calls.push_back({.fabric = fabric, .routing = routing, .accelerators = accelerators, .bytes = 256 * mib});
  hold("routes by hashing and by destination", calls,
       {{"direct", {.less = 0.01, .more = 0.35}},
        {"nvls", {.less = 0.02, .more = 0.1}},
        {"ring", {.less = 0.03, .more = 0.01}},
        {"tree", {.less = 0.02, .more = 0.1}}});
}
