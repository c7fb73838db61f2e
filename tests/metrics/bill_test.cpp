#include "../fabric/small_platforms.hpp"
#include "approx.hpp"
#include "metrics/bill.hpp"
#include "metrics/upkeep.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace weft;

#pragma GCC diagnostic ignored "-Wmissing-field-initializers" // what a value here leaves out stays at its default on purpose

namespace {

/// A fat-tree of switches with `ports` ports: copper to the nodes, optics between switches, everything with round figures.
Platform priced(int nodes, int ports, const std::string& settings = "")
{
  Platform platform = platform_of(nodes, "fat-tree", settings, ports);
  platform.node.power = Watts(10000);
  platform.node.price = Dollars(300000);
  platform.fabric.switch_model.power = Watts(1000);
  platform.fabric.switch_model.price = Dollars(30000);
  platform.fabric.switch_model.failures_per_billion_hours = 1000;
  platform.fabric.switch_model.repair = Seconds(4 * 3600);
  for (LinkMedium* medium : {&platform.fabric.access, &platform.fabric.trunk}) {
    medium->failures_per_billion_hours = 500;
    medium->repair = Seconds(3600);
  }
  return platform;
}

/// The same with optics on the switch's package: engines of four ports, laser sources of sixteen.
Platform co_packaged(int nodes, int ports)
{
  Platform platform = priced(nodes, ports);
  platform.fabric.switch_model.optics = {.engines = ports / 4,
                                         .engine_failures_per_billion_hours = 100,
                                         .lasers = ports / 16,
                                         .laser_failures_per_billion_hours = 200,
                                         .laser_repair = Seconds(3600)};
  return platform;
}

Bill bill(const Platform& platform) { return bill_of(platform, build_fabric(platform)); }

const FailureMode& mode_named(const Bill& bill, const std::string& name)
{
  const auto found = std::find_if(bill.failures.begin(), bill.failures.end(), [&](const FailureMode& mode) { return mode.name == name; });
  REQUIRE(found != bill.failures.end());
  return *found;
}

} // namespace

TEST_CASE("a full two-tier fat-tree of radix k has k leaves, k/2 spines and k^2/2 cables in each layer")
{
  // k = 16: 128 adapters in 16 nodes, one node of 8 per leaf.
  const Bill counted = bill(priced(16, 16));
  CHECK(counted.tiers == 2);
  CHECK(counted.switches == 16 + 8);
  CHECK(counted.access_cables == 128);
  CHECK(counted.trunk_cables == 128);
}

TEST_CASE("a full three-tier fat-tree of radix k has 5k^2/4 switches and k^3/4 cables in each layer")
{
  // k = 16: 1,024 adapters in 128 nodes; 320 switches; 1,024 access cables, 2 x 1,024 trunk cables.
  const Bill counted = bill(priced(128, 16));
  CHECK(counted.tiers == 3);
  CHECK(counted.switches == 5 * 16 * 16 / 4);
  CHECK(counted.access_cables == 1024);
  CHECK(counted.trunk_cables == 2048);
}

TEST_CASE("radix saves a tier: 16,384 adapters take three tiers of 64-port switches and two of 512-port ones")
{
  const Bill small = bill(priced(2048, 64)), large = bill(priced(2048, 512));
  // 64 ports: 32 down, 512 leaves; pods of 32 leaves need 32 spines each, 512 in all; 16 pods x 4 cables fill a core, 512 x 32 / 64 = 256.
  CHECK(small.tiers == 3);
  CHECK(small.switches == 512 + 512 + 256);
  CHECK(small.trunk_cables == 2 * 16384);
  // 512 ports: 256 down, 64 leaves; 64 x 256 / 512 = 32 spines.
  CHECK(large.tiers == 2);
  CHECK(large.switches == 64 + 32);
  CHECK(large.trunk_cables == 16384);
}

TEST_CASE("power is nodes at their load, switches and cables; price is their sum")
{
  // 16 nodes of 10 kW at 0.5; 24 switches of 1 kW; 256 cables of 2 W. 16 x 300,000 + 24 x 30,000 + 256 x 100 USD.
  const MachineUpkeep machine = machine_upkeep(bill(priced(16, 16)), {.load = 0.5});
  CHECK(machine.node_power.known.base() == weft::near(80000, 1e-12));
  CHECK(machine.network_power.known.base() == weft::near(24000 + 512, 1e-12));
  CHECK(machine.power.known.base() == weft::near(104512, 1e-12));
  CHECK(machine.network_capital.known.base() == weft::near(720000 + 25600, 1e-12));
  CHECK(machine.capital.known.base() == weft::near(4800000 + 745600, 1e-12));
  CHECK(machine.capital.complete());
}

TEST_CASE("failures per month are parts x FIT / 1e9 x 730.5 hours, and access cables interrupt")
{
  // 256 cables of 500 FIT: 0.0935 a month; 24 switches of 1,000 FIT: 0.0175.
  // Interruptions: 128 access cables and 16 leaves: (128 x 500 + 16 x 1000) x 730.5 / 1e9 = 0.05844; each costs 1,000 of 2,629,800 s.
  const MachineUpkeep machine = machine_upkeep(bill(priced(16, 16)), Upkeep{});
  CHECK(machine.link_failures.known == weft::near(256 * 500 * 730.5e-9, 1e-12));
  CHECK(machine.switch_failures.known == weft::near(24 * 1000 * 730.5e-9, 1e-12));
  CHECK(machine.interruptions.known == weft::near(0.05844, 1e-12));
  CHECK(machine.lost_goodput.known == weft::near(0.05844 * 1000 / 2629800, 1e-12));
  CHECK(machine.links_per_failure == weft::near(1, 1e-12));
  // Node-hours: a cable cuts one node off for an hour; a leaf its one node for four.
  CHECK(machine.node_hours_in_repair.known == weft::near((128 * 500 * 1 + 16 * 1000 * 4) * 730.5e-9, 1e-12));
}

TEST_CASE("lost goodput is never more than everything")
{
  Platform platform = priced(16, 16);
  platform.fabric.access.failures_per_billion_hours = 1e9;
  CHECK(machine_upkeep(bill(platform), Upkeep{}).lost_goodput.known == 1);
}

TEST_CASE("an optical engine stops its ports and takes the switch out, a laser source only its ports")
{
  // 24 switches of 16 ports, all used: 4 engines of 4 ports and 1 source of 16 ports each.
  const Bill counted = bill(co_packaged(16, 16));
  CHECK(counted.optical_engines == 96);
  CHECK(counted.laser_sources == 24);
  const FailureMode& engines = mode_named(counted, "optical engines");
  CHECK(engines.links_stopped == 4);
  CHECK(engines.links_in_repair == 16);
  CHECK(engines.interrupting == weft::near(64.0 / 96, 1e-12)); // those of the 16 leaves
  CHECK(engines.nodes_cut == 1);                               // a leaf holds one node
  CHECK(engines.repair->base() == 4 * 3600);
  const FailureMode& lasers = mode_named(counted, "laser sources");
  CHECK(lasers.links_stopped == 16);
  CHECK(lasers.links_in_repair == 16);
  CHECK(lasers.interrupting == weft::near(16.0 / 24, 1e-12));
  CHECK(lasers.repair->base() == 3600);
  // (256 x 500 x 1 + 96 x 100 x 4 + 24 x 200 x 16) links over (128,000 + 9,600 + 4,800) failures
  CHECK(machine_upkeep(counted, Upkeep{}).links_per_failure == weft::near((128000.0 + 38400 + 76800) / 142400, 1e-12));
}

TEST_CASE("a laser source of a large leaf interrupts when it serves nodes, and cuts off as many as hang on it")
{
  // 512 ports, 256 of a leaf down to 32 nodes: of 32 sources of 16 ports half serve nodes, two nodes each. 64 leaves, 32 spines.
  const FailureMode lasers = mode_named(bill(co_packaged(2048, 512)), "laser sources");
  CHECK(lasers.parts == 96 * 32);
  CHECK(lasers.links_stopped == 16);
  CHECK(lasers.interrupting == weft::near(64.0 * 16 / (96 * 32), 1e-12));
  CHECK(lasers.nodes_cut == weft::near(2, 1e-12));
  const FailureMode engines = mode_named(bill(co_packaged(2048, 512)), "optical engines");
  CHECK(engines.nodes_cut == weft::near(32, 1e-12)); // the whole leaf comes out
  CHECK(engines.links_in_repair == weft::near(512, 1e-12));
}

TEST_CASE("ports without a cable have no engines or lasers that matter")
{
  Platform platform = co_packaged(1, 64); // 8 of 64 ports used: 2 of 16 engines, 1 of 4 sources
  const Bill counted = bill(platform);
  CHECK(counted.optical_engines == 2);
  CHECK(counted.laser_sources == 1);
  CHECK(counted.trunk_cables == 0);
  CHECK(counted.tiers == 1);
}

TEST_CASE("an adapter on two planes loses no node with one cable or one leaf")
{
  Platform platform = priced(8, 16);
  platform.fabric.kind = "dual-tor";
  const Bill counted = bill(platform);
  CHECK(counted.access_cables == 2 * 64);
  const MachineUpkeep machine = machine_upkeep(counted, Upkeep{});
  CHECK(machine.interruptions.known == 0);
  CHECK(machine.interruptions.complete());
  CHECK(machine.link_failures.known > 0);
}

TEST_CASE("what a data file does not give is lacking, not zero")
{
  Platform platform = priced(16, 16);
  platform.fabric.switch_model.price = Dollars(0);
  platform.fabric.trunk.power = Watts(0);
  platform.fabric.access.failures_per_billion_hours = 0;
  const MachineUpkeep machine = machine_upkeep(bill(platform), Upkeep{});
  CHECK(machine.capital.lacking == std::vector<std::string>{"price of switches switch"});
  CHECK(machine.power.lacking == std::vector<std::string>{"power of trunk cables optics"});
  CHECK(machine.link_failures.lacking == std::vector<std::string>{"failures of access cables copper"});
  CHECK(machine.lost_goodput.lacking == std::vector<std::string>{"failures of access cables copper"});
  CHECK(machine.switch_failures.complete());
}

TEST_CASE("of a node without a figure the accelerators are still counted")
{
  Platform platform = priced(16, 16);
  platform.node.power = Watts(0);
  platform.node.chip.power = Watts(700);
  const MachineUpkeep machine = machine_upkeep(bill(platform), {.load = 0.5});
  CHECK(machine.node_power.known.base() == weft::near(16 * 8 * 700 * 0.5, 1e-12));
  CHECK(machine.node_power.lacking == std::vector<std::string>{"power of nodes test-node beside accelerators"});
  CHECK(machine.capital.complete()); // the node's price is given
  CHECK(machine.capital.known.base() == weft::near(16 * 300000 + 745600, 1e-12));
}

TEST_CASE("cables inside a node are part of the node")
{
  Platform platform = priced(1, 16);
  platform.fabric.kind = "none";
  const Bill counted = bill(platform);
  CHECK(counted.items.size() == 1);
  CHECK(counted.failures.empty());
  CHECK(counted.tiers == 0);
}

TEST_CASE("a step's energy is power x time, and a token budget costs capital and electricity by the hour")
{
  Scenario scenario;
  scenario.workload = Workload{};
  scenario.workload->batch = 10;
  scenario.workload->sequence = 100;
  scenario.workload->token_budget = 3.6e6; // 3,600 steps of 1,000 tokens: 2 h at 2 s
  scenario.upkeep.lifetime = Seconds(10 * 3600);
  scenario.upkeep.electricity = Dollars(100);
  scenario.upkeep.power_usage_effectiveness = 1.5;
  scenario.upkeep.accelerator_hour = Dollars(2);
  MachineUpkeep machine;
  machine.power.known = Watts(1e6);
  machine.capital.known = Dollars(5000);
  machine.capital.lack("price of switches x");
  const RunUpkeep run = run_upkeep(machine, scenario, 4, Seconds(2));
  CHECK(run.per_step.known.base() == weft::near(2e6, 1e-12));
  CHECK(run.per_token->known.base() == weft::near(2000, 1e-12));
  CHECK(run.rent->known.base() == weft::near(4 * 2 * 2, 1e-12));                        // ranks x hours x price
  CHECK(run.owned->known.base() == weft::near(5000.0 * 2 / 10 + 2 * 1.5 * 100, 1e-12)); // a fifth of the capital; 2 MWh x PUE
  CHECK(run.owned->lacking == std::vector<std::string>{"price of switches x"});
}

TEST_CASE("a run without prices or a budget costs nothing that is known")
{
  Scenario scenario;
  scenario.workload = Workload{};
  CHECK_FALSE(run_upkeep({}, scenario, 4, Seconds(1)).rent.has_value());
  scenario.upkeep.accelerator_hour = Dollars(2);
  CHECK_FALSE(run_upkeep({}, scenario, 4, Seconds(1)).rent.has_value());
  scenario.workload.reset();
  CHECK_FALSE(run_upkeep({}, scenario, 4, Seconds(1)).per_token.has_value());
}

TEST_CASE("half the price of cables is half of their part only, twice the failures of optics spares the switches")
{
  const Bill plain = bill(priced(16, 16));
  CHECK(machine_upkeep(with_cable_prices(plain, 0.5), Upkeep{}).network_capital.known.base() == weft::near(720000 + 12800, 1e-12));
  const MachineUpkeep doubled = machine_upkeep(with_optics_failures(plain, 2), Upkeep{});
  CHECK(doubled.link_failures.known == weft::near(256 * 1000 * 730.5e-9, 1e-12));
  CHECK(doubled.switch_failures.known == weft::near(24 * 1000 * 730.5e-9, 1e-12));
}
