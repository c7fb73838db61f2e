#include "approx.hpp"
#include "traffic/machine.hpp"

#include "traffic/algorithms.hpp"
#include "traffic/cost.hpp"

#include <doctest/doctest.h>

using namespace weft;
using namespace weft::test;

namespace {

std::vector<AcceleratorId> accelerators(std::uint32_t count)
{
  std::vector<AcceleratorId> list;
  for (std::uint32_t a = 0; a < count; ++a) list.push_back(AcceleratorId{a});
  return list;
}

std::string algorithm(const Choice& choice) { return collective_kinds()[choice.algorithm]->name; }

EngineSettings with_ring()
{
  EngineSettings settings;
  settings.collectives["all-reduce"] = "ring";
  return settings;
}

} // namespace

TEST_CASE("the protocol switches from LL to Simple where the wire costs more than the latency saves")
{
  const Platform machine = platform();
  const Fabric fabric = build_fabric(machine);
  const auto members = accelerators(4);
  const auto protocol_at = [&](double bytes) {
    return machine.library.protocols[choose(fabric, machine.library, with_ring(), Operation::all_reduce, Bytes(bytes), members).protocol]
        .name;
  };
  // LL: 2 + 6 x (0.5 + 0.5) = 8 us, 1.5 S at 50 GB/s. Simple: 8 + 6 x (3 + 0.5) = 29 us, 1.5 S at 100 GB/s.
  // 21 us = 1.5 S (1/50 - 1/100 per GB/s)  =>  S = 1.4 MB
  CHECK(protocol_at(1e3) == "LL");
  CHECK(protocol_at(1.39e6) == "LL");
  CHECK(protocol_at(1.41e6) == "Simple");
  CHECK(protocol_at(1e9) == "Simple");
}

TEST_CASE("the choice is never slower than any algorithm forced that it may choose")
{
  Platform machine = platform();
  machine.library.in_switch = true;
  const Fabric fabric = build_fabric(machine);
  for (const std::uint32_t count : {2u, 4u, 8u})
    for (const Operation operation :
         {Operation::all_reduce, Operation::reduce_scatter, Operation::all_gather, Operation::broadcast, Operation::all_to_all})
      for (double bytes = 1e3; bytes < 1e10; bytes *= 10) {
        const auto members = accelerators(count);
        const Choice best = choose(fabric, machine.library, {}, operation, Bytes(bytes), members);
        CHECK(best.time.base() == near((best.latency + best.fill + Bytes(bytes) / best.bandwidth).base()));
        int forced = 0;
        for (const CollectiveKind* kind : collective_kinds()) {
          if (kind->selection(operation) == Selection::forced_only ||
              !kind->supports(operation, shape_of(fabric, machine.library, members)))
            continue;
          EngineSettings settings;
          settings.collectives[operation_names[static_cast<std::size_t>(operation)]] = kind->name;
          CHECK(best.time <= choose(fabric, machine.library, settings, operation, Bytes(bytes), members).time);
          ++forced;
        }
        CHECK(forced > 0);
      }
}

TEST_CASE("every hop of a broadcast's chain but the first holds a chunk of every channel until it is whole")
{
  Platform machine = platform(4);
  const Fabric fabric = build_fabric(machine);
  const auto members = accelerators(16);
  const auto time_of = [&](double bytes) { return choose(fabric, machine.library, {}, Operation::broadcast, Bytes(bytes), members).time.base(); };
  const double before = time_of(1e9), small_before = time_of(6e6);
  for (auto& protocol : machine.library.protocols) protocol.chunk = Bytes(2e6);
  // four channels, 1/4 of the payload over each adapter of 10 GB/s: 2 MB of each take 8 MB / 4 / 10 GB/s = 0.2 ms, at two further hops
  CHECK(time_of(1e9) - before == near(4e-4, 1e-6));
  CHECK(time_of(6e6) - small_before == near(3e-4, 1e-6)); // three quarters of a chunk
}

TEST_CASE("a library that broadcasts along rings only runs a tree when it is forced")
{
  const Platform machine = platform(4);
  const Fabric fabric = build_fabric(machine);
  const auto members = accelerators(16);
  EngineSettings forced;
  forced.collectives["broadcast"] = "tree";
  for (double bytes = 1e3; bytes < 1e10; bytes *= 10) {
    CHECK(algorithm(choose(fabric, machine.library, {}, Operation::broadcast, Bytes(bytes), members)) == "ring");
    CHECK(algorithm(choose(fabric, machine.library, forced, Operation::broadcast, Bytes(bytes), members)) == "tree");
  }
}

TEST_CASE("an algorithm that collective libraries lack runs only when it is forced")
{
  Platform machine = platform(4);
  // In its favour: trees are slow; it takes 2 x 3 steps inside the nodes where a ring takes 24, and moves no more over the network.
  machine.library.protocols[0].base_tree = machine.library.protocols[1].base_tree = Seconds(1);
  const Fabric fabric = build_fabric(machine);
  const auto members = accelerators(16);
  EngineSettings forced;
  forced.collectives["all-reduce"] = "hierarchical";
  bool faster = false;
  for (double bytes = 1e3; bytes < 1e10; bytes *= 10) {
    const Choice free = choose(fabric, machine.library, {}, Operation::all_reduce, Bytes(bytes), members);
    const Choice other = choose(fabric, machine.library, forced, Operation::all_reduce, Bytes(bytes), members);
    CHECK(algorithm(free) != "hierarchical");
    CHECK(algorithm(other) == "hierarchical");
    faster = faster || other.time < free.time;
  }
  CHECK(faster); // so it was left out although it would have won
}

TEST_CASE("in-switch reduction is used only where the library may and the switch can")
{
  Platform machine = platform();
  machine.library.in_switch = true;
  const auto members = accelerators(4);
  machine.library.in_switch_efficiency = 0.9;
  // ring: 1.5 S over 100 GB/s, 67 GB/s; in the switch (1 + 1/4) S each way over 90 GB/s, 72 GB/s
  const Fabric fabric = build_fabric(machine);
  const Choice in_switch = choose(fabric, machine.library, {}, Operation::all_reduce, Bytes(1e9), members);
  CHECK(algorithm(in_switch) == "nvls");
  CHECK(in_switch.bandwidth.base() == near(72e9));

  Platform plain = machine;
  plain.node.scaleup_settings = read_yaml_text("{reduces: false}", "test");
  CHECK(algorithm(choose(build_fabric(plain), machine.library, {}, Operation::all_reduce, Bytes(1e9), members)) != "nvls");
  machine.library.in_switch = false;
  CHECK(algorithm(choose(fabric, machine.library, {}, Operation::all_reduce, Bytes(1e9), members)) != "nvls");
}

TEST_CASE("the pipeline fill is half paid at the ramp and never exceeds it")
{
  CollectiveLibrary library = platform().library;
  library.ramp = Bytes(8e6);
  const CollectiveKind& ring = *find_collective("ring");
  const double per_byte = 1e-11;
  CHECK(fill_time(library, ring, Bytes(8e6), per_byte, 1).base() == near(0.5 * 8e6 * per_byte));
  CHECK(fill_time(library, ring, Bytes(8e12), per_byte, 1).base() == near(8e6 * per_byte / (1 + 1e-6)));
  CHECK(fill_time(library, ring, Bytes(8), per_byte, 1).base() == near(8 * per_byte / (1 + 1e-6))); // as long again as the payload
  CHECK(fill_time(library, *find_collective("direct"), Bytes(8e6), per_byte, 1) == Seconds(0));
  CHECK(fill_time(library, *find_collective("nvls"), Bytes(8e6), per_byte, 1) == Seconds(0));
  CHECK(fill_time(library, ring, Bytes(2e6), per_byte, 0.25).base() ==
        near(1e6 * per_byte)); // a quarter of the rate, a quarter of the ramp
  library.in_switch_ramp = Bytes(8e6);
  CHECK(fill_time(library, *find_collective("nvls"), Bytes(8e6), per_byte, 1).base() == near(4e6 * per_byte));
  library.network_ramp = Bytes(2e6); // four steps over the network: 8 + 4 x 2 = 16 MB of ramp
  CHECK(fill_time(library, *find_collective("nvls"), Bytes(16e12), per_byte, 1, 4).base() == near(16e6 * per_byte, 1e-5));
  // too small to be cut it passes 4 / 2 stages more than its own, one after the other: 3 times itself
  CHECK(fill_time(library, *find_collective("nvls"), Bytes(16), per_byte, 1, 4).base() == near(3 * 16 * per_byte, 1e-5));
  library.direct_ramp = Bytes(4e6);
  CHECK(fill_time(library, *find_collective("direct"), Bytes(4e6), per_byte, 1).base() == near(2e6 * per_byte));
}

TEST_CASE("a protocol may be capped lower where a group crosses the network")
{
  CollectiveLibrary library = platform().library;
  const std::uint32_t bulk = widest_protocol(library);
  library.protocols[bulk].bandwidth_cap = Bandwidth(3e9);
  CHECK(wire_shares(library, bulk, LatencyForm::ring, Reach::network).cap == Bandwidth(3e9)); // none of its own
  library.protocols[bulk].bandwidth_cap_network = Bandwidth(1e9);
  CHECK(wire_shares(library, bulk, LatencyForm::ring, Reach::network).cap == Bandwidth(1e9));
  CHECK(wire_shares(library, bulk, LatencyForm::ring, Reach::one_domain).cap == Bandwidth(3e9));
}

TEST_CASE("the fill delays the transfer, not the links")
{
  Platform machine = platform();
  const Fabric fabric = build_fabric(machine);
  const Job job = job_of(8, {first_ranks(4)}, {payload(Operation::all_reduce, 400e6)});
  const Traffic without = lower(job, fabric, machine.library, with_ring());
  machine.library.ramp = Bytes(100e6);
  const Traffic with = lower(job, fabric, machine.library, with_ring());
  CHECK(bytes_per_link(with, transfer_of(with)) == bytes_per_link(without, transfer_of(without)));
  // 400 x 100 / 500 = 80 MB at 100/1.5 GB/s: 1.2 ms
  CHECK((with.phases[0].latency - without.phases[0].latency).base() == near(1.2e-3));
}

TEST_CASE("the ramp shrinks with the share of their scale-up rate that members reach")
{
  Platform machine = platform();
  machine.library.ramp = Bytes(100e6);
  const Fabric fabric = build_fabric(machine);
  // one rank per node: the ring runs at 10 of 100 GB/s, the ramp is 10 MB, half of it paid at 10 MB; 2 (n - 1)/n = 1
  const std::vector<AcceleratorId> members{AcceleratorId{0}, AcceleratorId{4}};
  CHECK(choose(fabric, machine.library, with_ring(), Operation::all_reduce, Bytes(10e6), members).fill.base() == near(5e6 / 10e9));
  // a whole node runs at full rate: 100 x 100 / 200 = 50 MB at 100/1.5 GB/s
  CHECK(choose(fabric, machine.library, with_ring(), Operation::all_reduce, Bytes(100e6), accelerators(4)).fill.base() ==
        near(50e6 * 1.5 / 100e9));
}

TEST_CASE("a protocol's cap bounds what a member sends, by the load on its own port only")
{
  Platform machine = platform();
  machine.library.protocols[1].bandwidth_cap = Bandwidth(80e9);
  const Fabric fabric = build_fabric(machine);
  const Job job = job_of(8, {first_ranks(4)}, {payload(Operation::all_reduce, 400e6)});
  const Traffic traffic = lower(job, fabric, machine.library, with_ring());
  int raised = 0;
  for (const Charge& charge : traffic.charges) {
    const bool port = fabric.vertices[fabric.links[charge.link].from.index()].kind == VertexKind::accelerator;
    CHECK(charge.weight == near(port ? 1.25 : 1)); // 100 GB/s over 80 GB/s
    raised += port;
  }
  CHECK(raised == 4);
  CHECK(choose(fabric, machine.library, with_ring(), Operation::all_reduce, Bytes(400e6), accelerators(4)).bandwidth.base() ==
        near(80e9 / 1.5));
  machine.library.protocols[1].bandwidth_cap = Bandwidth(200e9); // above the port's rate: no effect
  CHECK(choose(fabric, machine.library, with_ring(), Operation::all_reduce, Bytes(400e6), accelerators(4)).bandwidth.base() ==
        near(100e9 / 1.5));
}

TEST_CASE("wire bytes are payload over the protocol's share, on every link")
{
  Platform machine = platform();
  machine.library.protocols.resize(1); // LL alone
  const Fabric fabric = build_fabric(machine);
  const Job job = job_of(8, {first_ranks(4)}, {payload(Operation::all_reduce, 400e6)});
  const Traffic traffic = lower(job, fabric, machine.library, with_ring());
  for (const auto& [link, bytes] : bytes_per_link(traffic, transfer_of(traffic))) CHECK(bytes == near(1200e6)); // 1.5 x 400 MB / 0.5
}

TEST_CASE("nodes without scale-up links take the host's steps")
{
  Platform machine = platform();
  machine.node.scaleup = "none";
  machine.node.scaleup_settings = {};
  machine.library.protocols.erase(machine.library.protocols.begin()); // Simple alone
  const Fabric fabric = build_fabric(machine);
  const Choice choice = choose(fabric, machine.library, with_ring(), Operation::all_reduce, Bytes(1e6), accelerators(4));
  CHECK(choice.latency.base() == near(8e-6 + 6 * (5e-6 + 1e-6))); // two host links of 0.5 us per step
}

TEST_CASE("a choice reads as algorithm, protocol, time and its parts")
{
  const Platform machine = platform();
  const Fabric fabric = build_fabric(machine);
  const Choice choice = choose(fabric, machine.library, with_ring(), Operation::all_reduce, Bytes(400e6), accelerators(4));
  CHECK(describe(choice, machine.library).starts_with("ring, Simple: 6.029 ms (latency 29 us, fill "));
  CHECK(describe(choose(fabric, machine.library, {}, Operation::all_reduce, Bytes(0), accelerators(4)), machine.library) ==
        "nothing to move");
}

TEST_CASE("a direct call has its own base and a cap on what a member sends; rings keep theirs")
{
  CollectiveLibrary library = platform().library;
  const std::uint32_t bulk = widest_protocol(library);
  library.point_to_point = Seconds(4e-6);
  CHECK(base_latency(library, *find_collective("direct"), bulk) == Seconds(4e-6));
  library.direct_base = Seconds(1e-6);
  CHECK(base_latency(library, *find_collective("direct"), bulk) == Seconds(1e-6));
  library.direct_cap = Bandwidth(3e9);
  CHECK(wire_shares(library, bulk, LatencyForm::direct).cap == Bandwidth(3e9));
  CHECK(wire_shares(library, bulk, LatencyForm::ring).cap == library.protocols[bulk].bandwidth_cap);
  library.protocols[bulk].bandwidth_cap = Bandwidth(2e9); // the lower of two caps holds
  CHECK(wire_shares(library, bulk, LatencyForm::direct).cap == Bandwidth(2e9));
}

TEST_CASE("messages that wait for no others are one step, and a step holds as much of the way as its library says")
{
  CollectiveLibrary library = platform().library;
  const std::uint32_t bulk = widest_protocol(library);
  Phase phase;
  phase.network_steps = 31;
  PhaseLoad load;
  load.network_route = Seconds(3e-6);
  const CollectiveKind &direct = *find_collective("direct"), &ring = *find_collective("ring");
  CHECK(steps_latency(library, direct, phase, load, bulk).base() == near(31 * 13e-6)); // 10 us a step and the way
  library.network_way = Seconds(2e-6);
  CHECK(steps_latency(library, direct, phase, load, bulk).base() == near(31 * 11e-6));
  library.network_way = Seconds(5e-6); // a shorter way takes nothing off
  CHECK(steps_latency(library, ring, phase, load, bulk).base() == near(31 * 10e-6));
  library.direct_rounds = DirectRounds::all;
  CHECK(steps_latency(library, direct, phase, load, bulk).base() == near(10e-6));
  CHECK(steps_latency(library, ring, phase, load, bulk).base() == near(31 * 10e-6));
}
