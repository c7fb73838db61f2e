// Which groups of a torus or full mesh make a box, what runs there by itself, and how fast.
#include "traffic/boxes.hpp"
#include "approx.hpp"
#include "traffic/choice.hpp"
#include "traffic/machine.hpp"

#include <doctest/doctest.h>

using namespace weft;
using namespace weft::test;

namespace {

/// One node of so many accelerators with links of 25 GB/s, joined as said.
Platform node_of(int accelerators, const char* scaleup, const char* settings)
{
  Platform machine = platform(1);
  machine.node.accelerators = accelerators;
  machine.node.chip.scaleup_links = scaleup == std::string("full-mesh") ? accelerators - 1 : 6;
  machine.node.scaleup = scaleup;
  machine.node.scaleup_settings = read_yaml_text(settings, "test");
  return machine;
}

std::vector<AcceleratorId> ids(const std::vector<std::uint32_t>& numbers)
{
  std::vector<AcceleratorId> result;
  for (const std::uint32_t number : numbers) result.push_back(AcceleratorId{number});
  return result;
}

std::vector<AcceleratorId> first(std::uint32_t count, std::uint32_t step = 1)
{
  std::vector<AcceleratorId> result;
  for (std::uint32_t i = 0; i < count; ++i) result.push_back(AcceleratorId{i * step});
  return result;
}

std::string name_of(const Choice& choice) { return collective_kinds()[choice.algorithm]->name; }

constexpr BoxJoin line = BoxJoin::line, ring = BoxJoin::ring, complete = BoxJoin::complete;

} // namespace

TEST_CASE("a group that spans whole dimensions of a torus makes a box of rings")
{
  const Fabric fabric = build_fabric(node_of(64, "torus", "dims: [4, 4, 4]"));
  CHECK(box_of(fabric, first(64)).dimensions == std::vector<BoxDimension>{{4, ring}, {4, ring}, {4, ring}});
  CHECK(box_of(fabric, first(4)).dimensions == std::vector<BoxDimension>{{4, ring}});
  CHECK(box_of(fabric, first(16, 4)).dimensions == std::vector<BoxDimension>{{4, ring}, {4, ring}}); // the first two dimensions
}

TEST_CASE("part of a dimension is a line, also over the ends of a ring")
{
  const Fabric fabric = build_fabric(node_of(64, "torus", "dims: [4, 4, 4]"));
  CHECK(box_of(fabric, first(8)).dimensions == std::vector<BoxDimension>{{2, line}, {4, ring}});
  CHECK(box_of(fabric, first(3)).dimensions == std::vector<BoxDimension>{{3, line}});
  const Box over_the_ends = box_of(fabric, ids({0, 1, 3}));
  CHECK(over_the_ends.dimensions == std::vector<BoxDimension>{{3, line}});
  CHECK(over_the_ends.member_at == std::vector<std::uint32_t>{2, 0, 1}); // 3, 0, 1
  const Fabric mesh = build_fabric(node_of(16, "torus", "{dims: [4, 4], wrap: [true, false]}"));
  CHECK(box_of(mesh, first(16)).dimensions == std::vector<BoxDimension>{{4, ring}, {4, line}});
}

TEST_CASE("groups that stand apart, unevenly or twice make no box")
{
  const Fabric fabric = build_fabric(node_of(64, "torus", "dims: [4, 4, 4]"));
  CHECK(box_of(fabric, ids({0, 1, 4})).dimensions.empty());      // a corner
  CHECK(box_of(fabric, ids({0, 5, 10, 15})).dimensions.empty()); // a diagonal
  CHECK(box_of(fabric, ids({0, 0, 1, 1})).dimensions.empty());
  CHECK(box_of(fabric, ids({7})).dimensions.empty());
  const Fabric long_ring = build_fabric(node_of(8, "torus", "dims: [8]"));
  CHECK(box_of(long_ring, ids({0, 1, 3})).dimensions.empty());
  CHECK(box_of(long_ring, ids({0, 2, 4, 6})).dimensions == std::vector<BoxDimension>{{4, ring}}); // every other one of a ring
}

TEST_CASE("nothing makes a box behind switches; across nodes a box of one shape in each does")
{
  CHECK(box_of(build_fabric(platform()), first(4)).dimensions.empty());
  Platform two = node_of(4, "full-mesh", "{}");
  two.nodes = 2;
  const Fabric fabric = build_fabric(two);
  CHECK(box_of(fabric, first(4)).dimensions == std::vector<BoxDimension>{{4, complete}});
  CHECK(box_of(fabric, ids({1, 3})).dimensions == std::vector<BoxDimension>{{2, complete}});
  CHECK(box_of(fabric, first(8)).dimensions == std::vector<BoxDimension>{{4, complete}});
  CHECK(box_of(fabric, ids({6, 0, 4, 2})).member_at == std::vector<std::uint32_t>{2, 0, 1, 3}); // node 1 appears first
  CHECK(box_of(fabric, ids({0, 1, 2, 4, 5})).dimensions.empty());                               // unequal
  CHECK(box_of(fabric, ids({0, 4})).dimensions.empty());                                        // one to a node
}

TEST_CASE("an all-reduce over several full meshes uses all links of each before and after their adapters")
{
  Platform mesh = node_of(4, "full-mesh", "{}");
  mesh.nodes = 4;
  mesh.library.protocols.erase(mesh.library.protocols.begin()); // Simple alone
  EngineSettings settings;
  settings.collectives["all-reduce"] = "box-hierarchical";
  const Choice choice = choose(build_fabric(mesh), mesh.library, settings, Operation::all_reduce, Bytes(1e9), first(16));
  // Per byte: 1/4 over each link of 25 GB/s to reduce, 2 x 3/4 of a quarter over each adapter of 10 GB/s, 1/4 to gather.
  CHECK(choice.bandwidth.base() == near(1 / (0.25 / 25e9 + 0.375 / 10e9 + 0.25 / 25e9)));
}

TEST_CASE("dimensions at rates of their own count as many times faster")
{
  const Fabric fabric = build_fabric(node_of(16, "torus", "{dims: [4, 4], rates: [12.5 GB/s, 25 GB/s]}"));
  CHECK(box_of(fabric, first(16)).dimensions == std::vector<BoxDimension>{{4, ring, 1}, {4, ring, 2}});
  CHECK(box_of(fabric, first(4)).dimensions == std::vector<BoxDimension>{{4, ring, 1}}); // alone there is nothing to be faster than
}

TEST_CASE("a large all-reduce takes all links of a torus, and of a full mesh")
{
  EngineSettings settings;
  const Platform torus = node_of(16, "torus", "dims: [4, 4]");
  const Choice on_torus = choose(build_fabric(torus), torus.library, settings, Operation::all_reduce, Bytes(1e9), first(16));
  CHECK(name_of(on_torus) == "torus");
  // one link of 25 GB/s to each of four neighbours: 100 GB/s of bus bandwidth, payload per second 100 x 16/30
  CHECK(on_torus.bandwidth.base() == near(100e9 * 16 / 30));
  const Platform mesh = node_of(8, "full-mesh", "{}");
  const Choice on_mesh = choose(build_fabric(mesh), mesh.library, settings, Operation::all_reduce, Bytes(1e9), first(8));
  CHECK(name_of(on_mesh) == "full-mesh");
  CHECK(on_mesh.bandwidth.base() == near(7 * 25e9 * 8 / 14));
}

TEST_CASE("an algorithm can be forced on a box and is refused elsewhere")
{
  EngineSettings settings;
  settings.collectives["all-reduce"] = "ring";
  const Platform torus = node_of(16, "torus", "dims: [4, 4]");
  CHECK(name_of(choose(build_fabric(torus), torus.library, settings, Operation::all_reduce, Bytes(1e9), first(16))) == "ring");
  settings.collectives["all-reduce"] = "torus";
  const Platform switched = platform(1);
  CHECK_THROWS_AS((void)choose(build_fabric(switched), switched.library, settings, Operation::all_reduce, Bytes(1e9), first(4)),
                  ConfigError);
}

TEST_CASE("the links of a member share a protocol's cap")
{
  // 7 links of 25 GB/s and a cap of 35: 5 GB/s over each
  Platform mesh = node_of(8, "full-mesh", "{}");
  for (CollectiveLibrary::Protocol& protocol : mesh.library.protocols) protocol.bandwidth_cap = Bandwidth(35e9);
  const Choice choice = choose(build_fabric(mesh), mesh.library, {}, Operation::all_gather, Bytes(1e9), first(8));
  CHECK(choice.bandwidth.base() == near(35e9 * 8 / 7));
}

TEST_CASE("an all-to-all by dimension order loads all links of a torus alike")
{
  // 4 x 4, each pair 1/16 of the payload: one hop along a dimension on average, 16 x 16/16 hops over 2 x 16 links of a dimension: one half
  // each
  Platform torus = node_of(16, "torus", "dims: [4, 4]");
  torus.routing = "dimension-order";
  const Fabric fabric = build_fabric(torus);
  const std::vector<AcceleratorId> all = first(16);
  const GroupShape shape = shape_of(fabric, torus.library, all);
  GroupRoutes routes(fabric, shape, all, 0);
  const PhaseLoad load = load_of(find_collective("direct")->phases(Operation::all_to_all, shape)[0], routes);
  CHECK(load.links.size() == 64);
  for (const LinkLoad& link : load.links) CHECK(link.member * load.member_edge == near(0.5));
}
