#include "approx.hpp"
#include "traffic/machine.hpp"

#include "config/error.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace weft;
using namespace weft::test;

TEST_CASE("a send takes the fixed cost, the latency of its way and its size over the narrowest link")
{
  const Platform machine = platform();
  const Fabric fabric = build_fabric(machine);
  const Job job = job_of(8, {{0, 5}}, {payload(Operation::send, 20e6)});
  const Traffic traffic = lower(job, fabric, machine.library, {});
  REQUIRE(traffic.flows.size() == 1);
  CHECK(traffic.charges.size() == 4); // host link, adapter, adapter, host link
  for (const Charge& charge : traffic.charges) CHECK(charge.weight == 1);
  CHECK(transfer_of(traffic).algorithm == plain_send);
  // 4 us for the pair; two host links of 0.5 us, two access cables of 1 us; 20 MB at 10 GB/s
  CHECK(traffic.phases[0].latency.base() == near(4e-6 + 3e-6));
  CHECK(time_alone(traffic, fabric, transfer_of(traffic)).base() == near(7e-6 + 2e-3));
}

TEST_CASE("a ring inside a node charges every member's port once, in both directions, with whole weights")
{
  const Platform machine = platform();
  const Fabric fabric = build_fabric(machine);
  const Job job = job_of(8, {first_ranks(4)}, {payload(Operation::all_reduce, 400e6)});
  EngineSettings settings;
  settings.collectives["all-reduce"] = "ring";
  const Traffic traffic = lower(job, fabric, machine.library, settings);
  REQUIRE(traffic.flows.size() == 1);
  CHECK(traffic.charges.size() == 8);
  for (const Charge& charge : traffic.charges) CHECK(charge.weight == 1);
  // 2 (n - 1)/n of 400 MB over every edge
  CHECK(traffic.uses[0].bytes.base() == near(600e6));
  // Simple: base 8 us, 6 steps of 3 us and two scale-up links of 0.25 us; 600 MB at 100 GB/s
  CHECK(time_alone(traffic, fabric, transfer_of(traffic)).base() == near(8e-6 + 6 * 3.5e-6 + 6e-3));
  CHECK(machine.library.protocols[transfer_of(traffic).protocol].name == "Simple");
}

TEST_CASE("a ring over two nodes takes the network's steps between domains only")
{
  Platform machine = platform();
  machine.library.protocols.erase(machine.library.protocols.begin()); // Simple alone
  const Fabric fabric = build_fabric(machine);
  const Job job = job_of(8, {{0, 1, 4, 5}}, {payload(Operation::all_gather, 4e6)});
  EngineSettings settings;
  settings.collectives["all-gather"] = "ring";
  const Traffic traffic = lower(job, fabric, machine.library, settings);
  // 3 steps, 1 of them over the network: 8 + 2 x (3 + 0.5) + 1 x (10 + 3) us
  CHECK(traffic.phases[transfer_of(traffic).first_phase].latency.base() == near(28e-6));
}

TEST_CASE("a ring of several channels charges links by their number of connections")
{
  const Platform machine = platform();
  const Fabric fabric = build_fabric(machine);
  const Job job = job_of(8, {first_ranks(8)}, {payload(Operation::all_reduce, 800e6)});
  EngineSettings settings;
  settings.collectives["all-reduce"] = "ring";
  const Traffic traffic = lower(job, fabric, machine.library, settings);
  // Four channels of 200 MB: 2 x 7/8 x 200 MB over each of their edges. Each leaves a node through an adapter of its own and uses
  // all inner edges of a node but one.
  CHECK(traffic.uses[0].bytes.base() == near(350e6));
  for (const Charge& charge : traffic.charges_of(0)) {
    CHECK(charge.weight == std::round(charge.weight));
    const std::string& medium = fabric.media[fabric.links[charge.link].medium].name;
    if (medium == "nic up" || medium == "nic down")
      CHECK(charge.weight == 1);
    else if (medium == "scaleup up" || medium == "scaleup down")
      CHECK(charge.weight == 3);
  }
}

TEST_CASE("spraying puts equal shares on equal ways and the whole on what they have in common")
{
  Platform machine = platform();
  machine.fabric.settings = read_yaml_text("{leaves: 2, spines: 2}", "test");
  machine.routing = "spray";
  const Fabric fabric = build_fabric(machine);
  const Job job = job_of(8, {{0, 4}}, {payload(Operation::send, 1e6)});
  const Traffic traffic = lower(job, fabric, machine.library, {});
  std::size_t halves = 0, wholes = 0;
  for (const Charge& charge : traffic.charges_of(0)) {
    if (charge.weight == 0.5) ++halves;
    if (charge.weight == 1) ++wholes;
  }
  CHECK(halves == 4); // two ways over two spines: up and down
  CHECK(wholes == 4); // host links and adapters
  CHECK(traffic.charges.size() == 8);
}

TEST_CASE("charges are sorted by link and name each link once")
{
  const Platform machine = platform();
  const Fabric fabric = build_fabric(machine);
  const Job job = job_of(8, {first_ranks(8)},
                         {payload(Operation::all_reduce, 1e3), payload(Operation::all_reduce, 1e9), payload(Operation::all_to_all, 1e6)});
  const Traffic traffic = lower(job, fabric, machine.library, {});
  for (std::uint32_t f = 0; f < traffic.flows.size(); ++f) {
    const auto charges = traffic.charges_of(f);
    for (std::size_t c = 1; c < charges.size(); ++c) CHECK(charges[c - 1].link < charges[c].link);
    CHECK(traffic.flow_group[f] == 0);
  }
}

TEST_CASE("equal groups get equal structures and transfers of one group share flows")
{
  const Platform machine = platform(4);
  const Fabric fabric = build_fabric(machine);
  std::vector<std::vector<std::uint32_t>> groups;
  for (std::uint32_t node = 0; node < 4; ++node) groups.push_back({4 * node, 4 * node + 1, 4 * node + 2, 4 * node + 3});
  EngineSettings settings;
  settings.collectives["all-reduce"] = "ring";
  const Job job =
      job_of(16, groups, {payload(Operation::all_reduce, 1e3), payload(Operation::all_reduce, 1e6), payload(Operation::all_reduce, 1e9)});
  const Traffic traffic = lower(job, fabric, machine.library, settings);
  CHECK(traffic.flows.size() == 4); // one per group, though small payloads use LL and large ones Simple
  CHECK(transfer_of(traffic, 0, 0).protocol != transfer_of(traffic, 0, 2).protocol);
  for (std::size_t group = 1; group < 4; ++group) {
    const auto first = traffic.charges_of(0), own = traffic.charges_of(static_cast<std::uint32_t>(group));
    REQUIRE(first.size() == own.size());
    for (std::size_t c = 0; c < own.size(); ++c) CHECK(first[c].weight == own[c].weight);
    for (std::size_t k = 0; k < 3; ++k) {
      const Transfer &a = transfer_of(traffic, 0, k), &b = transfer_of(traffic, group, k);
      CHECK(a.algorithm == b.algorithm);
      CHECK(a.protocol == b.protocol);
      CHECK(traffic.phases[a.first_phase].latency == traffic.phases[b.first_phase].latency);
      CHECK(traffic.uses[traffic.phases[a.first_phase].first_use].bytes == traffic.uses[traffic.phases[b.first_phase].first_use].bytes);
    }
  }
}

TEST_CASE("one-member groups and payloads of zero bytes end at once")
{
  const Platform machine = platform();
  const Fabric fabric = build_fabric(machine);
  const Job job = job_of(8, {{0}, {1, 2}}, {payload(Operation::all_reduce, 0), payload(Operation::all_reduce, 1e6)});
  const Traffic traffic = lower(job, fabric, machine.library, {});
  CHECK(transfer_of(traffic, 0, 0).phases == 0);
  CHECK(transfer_of(traffic, 0, 1).phases == 0);
  CHECK(transfer_of(traffic, 1, 0).phases == 0);
  CHECK(transfer_of(traffic, 1, 1).phases == 1);
}

TEST_CASE("a payload is found by group and payload number, and one the group's kind does not use is refused")
{
  const Platform machine = platform();
  const Fabric fabric = build_fabric(machine);
  Job job = job_of(8, {{0, 1}, {2, 3}},
                   {payload(Operation::all_reduce, 1e6), payload(Operation::all_gather, 1e6), payload(Operation::broadcast, 1e6)});
  job.programs[0].tasks.erase(job.programs[0].tasks.begin() + 1); // nobody gathers
  const Traffic traffic = lower(job, fabric, machine.library, {});
  CHECK(traffic.payloads_of[0] == std::vector<std::uint32_t>{0, 2});
  CHECK(traffic.transfer(job, 1, 2) == traffic.transfer_of[1][1]);
  CHECK_THROWS_AS((void)traffic.transfer(job, 1, 1), LogicError);
}

TEST_CASE("a forced algorithm that is unknown or cannot do it is refused by name")
{
  const Platform machine = platform();
  const Fabric fabric = build_fabric(machine);
  const Job job = job_of(8, {first_ranks(4)}, {payload(Operation::all_gather, 1e6)});
  EngineSettings settings;
  const auto refusal = [&] {
    try {
      (void)lower(job, fabric, machine.library, settings);
    } catch (const ConfigError& error) {
      return error.key + ": " + error.problem;
    }
    return std::string("accepted");
  };
  settings.collectives = {{"all-gather", "spiral"}};
  CHECK(refusal().starts_with("engine.collectives.all-gather: unknown algorithm 'spiral' (one of: box-hierarchical, direct, full-mesh, "));
  settings.collectives = {{"gather", "ring"}};
  CHECK(refusal() == "engine.collectives.gather: unknown operation 'gather' (one of: all-reduce, reduce-scatter, all-gather, broadcast, "
                     "all-to-all)");
  settings.collectives = {{"send", "ring"}}; // has no algorithm to choose
  CHECK(refusal().starts_with("engine.collectives.send: unknown operation 'send' (one of: all-reduce, "));
  settings.collectives = {{"all-gather", "nvls"}}; // the switch reduces but the library may not use it
  CHECK(refusal().starts_with(
      "engine.collectives.all-gather: 'nvls' cannot carry out all-gather on group 0 (kind, 4 ranks in 1 scale-up domain) (use "));
  settings.collectives = {{"all-reduce", "nvls"}}; // not used by this job
  CHECK(refusal() == "accepted");
}

TEST_CASE("edges and steps write one flow per edge and move the bytes the coupled flow moves")
{
  const Platform machine = platform();
  const Fabric fabric = build_fabric(machine);
  const Job job = job_of(8, {first_ranks(4)}, {payload(Operation::all_reduce, 400e6)});
  EngineSettings settings;
  settings.collectives["all-reduce"] = "ring";
  const Traffic coupled = lower(job, fabric, machine.library, settings);
  settings.fidelity = Fidelity::edges;
  const Traffic edges = lower(job, fabric, machine.library, settings);
  settings.fidelity = Fidelity::steps;
  const Traffic steps = lower(job, fabric, machine.library, settings);

  CHECK(edges.flows.size() == 4);
  CHECK(steps.flows.size() == 4);
  CHECK(transfer_of(steps).phases == 0);
  CHECK(transfer_of(steps).steps.size() == 6);
  CHECK(transfer_of(steps).step_latency.base() == near((8e-6 + 6 * 3.5e-6) / 6));
  const auto expected = bytes_per_link(coupled, transfer_of(coupled));
  for (const Traffic* other : {&edges, &steps}) {
    const auto found = bytes_per_link(*other, transfer_of(*other));
    REQUIRE(found.size() == expected.size());
    for (const auto& [link, bytes] : expected) CHECK(found.at(link) == near(bytes));
  }
}

TEST_CASE("steps among too many ranks are refused before they are drawn up")
{
  Platform machine = platform(16);
  machine.node.accelerators = 512;
  const Fabric fabric = build_fabric(machine);
  EngineSettings settings;
  settings.fidelity = Fidelity::steps;
  settings.collectives["all-reduce"] = "ring";
  const Job job = job_of(8192, {first_ranks(8192)}, {payload(Operation::all_reduce, 1e9)});
  CHECK_THROWS_AS((void)lower(job, fabric, machine.library, settings), CannotFinish);
}

TEST_CASE("an all-to-all among thousands of ranks is one flow, but is refused edge by edge and message by message")
{
  Platform machine = platform(9);
  machine.node.accelerators = 512;
  const Fabric fabric = build_fabric(machine);
  const Job job = job_of(4608, {first_ranks(4608)}, {payload(Operation::all_to_all, 1e9)});
  EngineSettings settings;
  const Traffic traffic = lower(job, fabric, machine.library, settings);
  REQUIRE(traffic.flows.size() == 1);
  // 512 accelerators of a node send 4,096 of 4,608 parts over 4 adapters of 10 GB/s: 128 x 8/9 GB through each
  CHECK((time_alone(traffic, fabric, transfer_of(traffic)) - traffic.phases[0].latency).base() == near(128.0 * 8 / 9 / 10));
  settings.fidelity = Fidelity::edges;
  CHECK_THROWS_WITH_AS((void)lower(job, fabric, machine.library, settings),
                       "an all-to-all among 4608 members has more edges than can be flows of their own (use fidelity coupled, or groups of "
                       "at most 4096)",
                       CannotFinish);
  settings.fidelity = Fidelity::steps;
  CHECK_THROWS_AS((void)lower(job, fabric, machine.library, settings), CannotFinish);
}

TEST_CASE("an all-to-all among 16,384 accelerators runs at the rate of their adapters on a network without bottleneck")
{
  Platform machine = platform(4096);
  machine.fabric.kind = "fat-tree";
  machine.fabric.settings = {};
  machine.routing = "spray";
  machine.library.protocols.erase(machine.library.protocols.begin()); // Simple alone
  const Fabric fabric = build_fabric(machine);
  std::vector<AcceleratorId> members;
  for (std::uint32_t m = 0; m < 16384; ++m) members.push_back(AcceleratorId{m});
  const Choice choice = choose(fabric, machine.library, {}, Operation::all_to_all, Bytes(1e9), members);
  // 16,380 of 16,384 parts leave the node, each over the adapter of its sender
  CHECK(choice.bandwidth.base() == near(10e9 * 16384 / 16380, 1e-9));
}

TEST_CASE("the text of traffic names flows, transfers and who uses them")
{
  const Platform machine = platform();
  const Fabric fabric = build_fabric(machine);
  const Job job = job_of(8, {{0, 1}}, {payload(Operation::send, 2e6)});
  const std::string text = to_text(lower(job, fabric, machine.library, {}), job);
  CHECK(text.starts_with("flow 0 of group 0 charges "));
  CHECK(text.find("transfer 0 send protocol 1\n  phase after 4.5 us 0:2 MB\n") != std::string::npos);
  CHECK(text.find("group 0 \"kind\" payload \"send\" transfer 0\n") != std::string::npos);
}
