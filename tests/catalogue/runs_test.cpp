// Every preset builds and runs: a bare collective, and a training step where the chip trains.
#include "catalogue/catalogue.hpp"
#include "fabric/routing.hpp"
#include "fabric/topology.hpp"
#include "study/validate.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <vector>

using namespace weft;
using namespace weft::test;

namespace {

const std::string library = ", library: nccl-ampere}";

/// Nodes behind one switch that is large enough for any of them.
std::string behind_one_switch(const std::string& node, int nodes)
{
  return "{nodes: " + std::to_string(nodes) + ", node: " + node +
         ", fabric: {kind: leaf-spine, leaves: 1, spines: 0, switch: {base: qm9700, ports: 8192}, access: dac-400g}" + library;
}

/// A switch and cables of which the link is one: co-packaged ends need a switch with optics on its package.
std::string cables_of(const LinkMedium& link)
{
  if (link.co_packaged_ends == 0) return "switch: quantum-x800-q3400, access: " + link.name + ", trunk: " + link.name;
  return "switch: quantum-x-photonics-q3450, access: " + (link.co_packaged_ends == 1 ? link.name : "cpo-2xdr4-800g") +
         ", trunk: " + (link.co_packaged_ends == 2 ? link.name : "cpo-quantum-x");
}

std::string alone(const std::string& node) { return "{nodes: 1, node: " + node + ", fabric: none" + library; }

} // namespace

TEST_CASE("every chip runs a collective by itself, and trains or is refused with its reason")
{
  for (const std::string& name : preset_names("platforms/chips", shipped())) {
    CAPTURE(name);
    const Chip chip = read_chip(name, shipped());
    const bool joined = chip.scaleup_links > 0;
    const std::string node = "{chip: " + name + ", accelerators: 2, scaleup: " + (joined ? "full-mesh" : "none") +
                             ", adapters: {count: 0, host-link: pcie-gen4-x16}}";
    results_of(all_reduce(alone(node)));
    const std::string step = small_step(alone(node), 2, chip);
    if (chip.no_training.empty()) {
      const Results results = results_of(step);
      CHECK(results.mfu > 0);
      CHECK(results.mfu < 1);
    } else {
      CHECK(refused_with(step).find("cannot train: " + chip.no_training) != std::string::npos);
    }
  }
}

TEST_CASE("every node runs a collective among its nodes and trains on all of its accelerators")
{
  for (const std::string& name : preset_names("platforms/nodes", shipped())) {
    CAPTURE(name);
    const NodeModel node = read_node(name, shipped());
    const bool several = node.adapters.count > 0 && node.accelerators <= 1024;
    results_of(all_reduce(several ? behind_one_switch(name, 2) : alone(name)));
    REQUIRE(node.chip.no_training.empty());
    results_of(small_step(alone(name), node.accelerators, node.chip));
  }
}

TEST_CASE("every cluster is built whole and trains on all of its accelerators")
{
  for (const std::string& name : preset_names("platforms/clusters", shipped())) {
    CAPTURE(name);
    const Platform platform = read_platform(name, {}, shipped());
    results_of(small_step(name, platform.nodes * platform.node.accelerators, platform.node.chip));
  }
}

TEST_CASE("every library times a collective within a node and between nodes")
{
  for (const std::string& name : preset_names("platforms/libraries", shipped())) {
    CAPTURE(name);
    const std::string platform = behind_one_switch("dgx-h100", 2);
    results_of(all_reduce(platform.substr(0, platform.size() - library.size()) + ", library: " + name + "}"));
  }
}

TEST_CASE("every link carries a collective inside a node, to its adapters and between switches, no faster than its rate")
{
  for (const std::string& name : preset_names("platforms/links", shipped())) {
    CAPTURE(name);
    const LinkMedium link = read_link(name, shipped());
    const Results inside = results_of(all_reduce(
        alone("{chip: {base: a100-sxm4-80, scaleup-links: 1}, accelerators: 2, scaleup: full-mesh, scaleup-medium: " + name + "}")));
    // Of two ranks each sends half of the buffer twice: 1 MiB over the link.
    CHECK(inside.step_time >= Bytes(1 << 20) / (link.bandwidth * link.efficiency));
    const Results outside =
        results_of(all_reduce("{nodes: 4, node: {base: dgx-a100, accelerators: 1, adapters: {count: 1}, host-medium: " + name +
                              "}, fabric: {kind: leaf-spine, leaves: 2, spines: 1, " + cables_of(link) +
                              ", access-length: 0.2 m, trunk-length: 0.2 m}" + library));
    CHECK(outside.step_time >= Bytes(1 << 20) / (link.bandwidth * link.efficiency));
  }
}

TEST_CASE("every switch joins nodes, over its ports and over a second tier")
{
  for (const std::string& name : preset_names("platforms/switches", shipped())) {
    CAPTURE(name);
    const bool takes_plugs = read_switch(name, shipped()).optics.engines == 0;
    const std::string cables =
        takes_plugs ? ", access: dac-200g, access-length: 2 m, trunk: aoc-200g-hdr}" : ", access: cpo-2xdr4-800g, trunk: cpo-quantum-x}";
    for (const char* tiers : {"0", "2"})
      results_of(all_reduce("{nodes: 4, node: dgx-a100, fabric: {kind: fat-tree, tiers: " + std::string(tiers) + ", switch: " + name +
                            cables + library));
  }
}

TEST_CASE("every fabric kind runs a collective under every routing kind")
{
  for (const TopologyKind* topology : topology_kinds())
    for (const RoutingKind* routing : routing_kinds()) {
      CAPTURE(topology->name);
      CAPTURE(routing->name);
      int ran = 0;
      // A kind that needs settings finds its own among these; one of them has to suit.
      for (const char* settings : {"", ", leaves: 2, spines: 2", ", dims: [2, 2]", ", matching: ring, blocks: 4",
                                   ", switches: [{name: s}], links: [{from: node0/nic0, to: s}, {from: node1/nic0, to: s}, {from: "
                                   "node2/nic0, to: s}, {from: node3/nic0, to: s}]"}) {
        const bool network = std::string(topology->name) != "none";
        const std::string yaml = all_reduce(
            "{nodes: " + std::string(network ? "4" : "1") +
            ", node: {base: dgx-a100, accelerators: 1, adapters: {count: 1}}, fabric: {kind: " + topology->name + settings +
            (network ? ", switch: qm8700, access: dac-200g, trunk: aoc-200g-hdr}" : "}") + ", routing: " + routing->name + library);
        if (!refused_with(yaml).empty()) continue;
        ++ran;
        if (network) results_of(yaml);
      }
      CHECK_MESSAGE(ran > 0, "no settings of this test suit fabric kind ", topology->name);
    }
}

TEST_CASE("every shipped scenario of a cluster or node is read, and its plan uses most of the machine")
{
  int scenarios = 0;
  for (const char* folder : {"scenarios/clusters", "scenarios/nodes"})
    for (const std::string& name : preset_names(folder, shipped())) {
      CAPTURE(name);
      Scenario scenario;
      REQUIRE_NOTHROW(scenario = read_scenario(std::string(WEFT_SOURCE_DIR) + "/" + folder + "/" + name + ".yaml", {}, shipped()));
      const int accelerators = scenario.platform.nodes * scenario.platform.node.accelerators;
      CHECK(scenario.plan.tp * scenario.plan.pp * scenario.plan.dp >= 0.99 * accelerators);
      CHECK(!scenario.about.empty());
      ++scenarios;
    }
  CHECK(scenarios > 0);
  for (const std::string& node : preset_names("platforms/nodes", shipped()))
    CHECK_MESSAGE(std::filesystem::exists(std::string(WEFT_SOURCE_DIR) + "/scenarios/nodes/" + node + ".yaml"), "no scenario for node ",
                  node);
}

namespace {

/// Scenarios that take more than a second whole. They are built whole and simulated with fewer replicas of the same plan: what differs is
/// how many equals a class stands for.
const std::map<std::string, std::vector<Override>> simulated_smaller{
    {"clusters/alibaba-6000-h800", {{"platform.nodes", "30"}, {"plan.dp", "5"}, {"workload.batch", "120"}}},
    {"clusters/baidu-24000-a800", {{"platform.nodes", "40"}, {"plan.dp", "5"}, {"workload.batch", "80"}}},
    {"clusters/china-30000-a100", {{"platform.nodes", "30"}, {"plan.dp", "5"}, {"workload.batch", "60"}}},
    {"clusters/eagle-14400-h100", {{"platform.nodes", "40"}, {"plan.dp", "5"}, {"workload.batch", "80"}}},
    {"clusters/gpt5-25000-h100", {{"platform.nodes", "256"}, {"plan.dp", "8"}, {"workload.batch", "512"}}},
    // every route of a pod measures the distances of 8,960 chips; a cube is 64 of them
    {"nodes/tpu-v5p-pod", {{"platform.node", "tpu-v5p-cube"}, {"plan.dp", "32"}, {"workload.batch", "256"}}},
};

/// Scenarios that `weft validate` simulates as they stand, as rows of its tables; a test of its own runs it.
std::set<std::filesystem::path> simulated_by_validation()
{
  std::set<std::filesystem::path> files;
  for (const std::string& table : table_files(shipped(), ""))
    for (const PublishedRow& row : read_table(table).rows)
      if (row.set.empty()) files.insert((std::filesystem::path(table).parent_path() / row.scenario).lexically_normal());
  return files;
}

} // namespace

TEST_CASE("every shipped scenario says what it shows, and runs")
{
  // The tables of validation are rows about scenarios, not scenarios.
  const std::filesystem::path folder = std::string(WEFT_SOURCE_DIR) + "/scenarios";
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.path().extension() == ".yaml" && entry.path().parent_path().filename() != "tables") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  CHECK(!files.empty());
  const std::set<std::filesystem::path> validated = simulated_by_validation();
  std::size_t smaller = 0, elsewhere = 0;
  for (const std::filesystem::path& file : files) {
    const std::string name = std::filesystem::relative(file, folder).replace_extension().string();
    CAPTURE(name);
    Scenario scenario;
    REQUIRE_NOTHROW(scenario = read_scenario(file.string(), {}, shipped()));
    CHECK(!scenario.title.empty());
    CHECK(!scenario.about.empty());
    if (validated.contains(file.lexically_normal())) {
      ++elsewhere;
      continue;
    }
    if (const auto changed = simulated_smaller.find(name); changed != simulated_smaller.end()) {
      ++smaller;
      CHECK_NOTHROW(prepare(scenario));
      REQUIRE_NOTHROW(scenario = read_scenario(file.string(), changed->second, shipped()));
    }
    const bool trains = scenario.workload.has_value();
    Results results;
    REQUIRE_NOTHROW(results = run_isolated(std::move(scenario)));
    CHECK(std::isfinite(results.step_time.base()));
    CHECK(results.step_time > Seconds(0));
    if (trains) CHECK(results.mfu > 0);
    CHECK(results.mfu < 1);
  }
  CHECK(smaller == simulated_smaller.size());
  CHECK(elsewhere == validated.size());
}
