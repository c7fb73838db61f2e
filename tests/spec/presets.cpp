#include "spec/data.hpp"

using namespace weft;

TEST_CASE("a word names a preset and the preset's words name theirs")
{
  const TemporaryData data;
  const Scenario scenario = data.scenario("{platform: big, workload: j}");
  const Platform& platform = scenario.platform;
  CHECK(platform.name == "big");
  CHECK(platform.nodes == 4);
  CHECK(platform.node.name == "n8");
  CHECK(platform.node.scaleup == "ring");
  CHECK(platform.node.chip.name == "c1");
  CHECK(platform.node.chip.title == "Chip One");
  CHECK(platform.node.chip.provenance.confidence == Confidence::high);
  CHECK(platform.node.chip.memory == Bytes(80e9));
  CHECK(platform.node.chip.compute.multiprocessors == 100);
  CHECK(platform.node.chip.compute.tile_rows == 128);
  CHECK(platform.node.scaleup_medium.name == "fast");
  CHECK(platform.node.scaleup_medium.bandwidth == Bandwidth(50e9));
  CHECK(platform.node.host_medium.bandwidth == Bandwidth(32e9));
  CHECK(platform.fabric.kind == "tree");
  CHECK(platform.fabric.switch_model.ports == 40);
  CHECK(platform.fabric.access.name == "copper");
  CHECK(platform.fabric.trunk.name == "optical");
  CHECK(platform.library.protocols.at(0).base_ring == Seconds(8e-6));
  CHECK(scenario.workload->model.name == "m");
  CHECK(scenario.workload->batch == 64);
  CHECK(!scenario.collective);
}

TEST_CASE("the fabric keeps the keys that belong to its kind, in their order")
{
  const TemporaryData data;
  const Scenario scenario = data.scenario("{platform: {base: big, fabric: {planes: 2}}, workload: j}");
  CHECK(one_line(scenario.platform.fabric.settings) == "{tiers: 3, planes: 2}");
  CHECK(scenario.platform.fabric.settings.entries[0].second.place.file.ends_with("big.yaml"));
}

TEST_CASE("a base gives what a mapping leaves out")
{
  const TemporaryData data;
  const Scenario scenario =
      data.scenario("{platform: {base: big, nodes: 2, node: {chip: {memory: 48 GB}, power: 7 kW}}, workload: {base: j, batch: 32}}");
  CHECK(scenario.platform.nodes == 2);
  CHECK(scenario.platform.title == "Big");
  CHECK(scenario.platform.node.power == Watts(7000));
  CHECK(scenario.platform.node.accelerators == 8);
  CHECK(scenario.platform.node.chip.memory == Bytes(48e9));
  CHECK(scenario.platform.node.chip.memory_bandwidth == Bandwidth(2e12));
  CHECK(scenario.workload->batch == 32);
  CHECK(scenario.workload->sequence == 2048);
}

TEST_CASE("a base within a mapping starts afresh")
{
  const TemporaryData data;
  const Scenario scenario =
      data.scenario("{platform: {base: big, node: {chip: {base: c1-small, cache: 5 MB}, scaleup: none}}, workload: j}");
  CHECK(scenario.platform.node.chip.name == "c1-small"); // the file's own name, not that of its base
  CHECK(scenario.platform.node.chip.memory == Bytes(40e9));
  CHECK(scenario.platform.node.chip.cache == Bytes(5e6));
  CHECK(scenario.platform.node.accelerators == 8);
}

TEST_CASE("a path is relative to the file it is written in")
{
  const TemporaryData data;
  data.write("mine/chip.yaml", "{base: c1, memory: 16 GB}");
  data.write("mine/node.yaml", "{base: n8, chip: chip.yaml}");
  const Scenario scenario = data.scenario("{platform: {base: big, node: mine/node.yaml}, workload: j}");
  CHECK(scenario.platform.node.name == "node");
  CHECK(scenario.platform.node.chip.memory == Bytes(16e9));
}

TEST_CASE("another kind of fabric drops the former kind's settings and keeps switch and links")
{
  const TemporaryData data;
  const FabricModel changed = data.scenario("{platform: {base: big, fabric: {kind: rails, planes: 2}}, workload: j}").platform.fabric;
  CHECK(one_line(changed.settings) == "{planes: 2}");
  CHECK(changed.access.name == "copper");
  const FabricModel same = data.scenario("{platform: {base: big, fabric: {kind: tree, planes: 2}}, workload: j}").platform.fabric;
  CHECK(one_line(same.settings) == "{tiers: 3, planes: 2}");
}

TEST_CASE("the trunk is the access link unless written, and a trunk without a base changes the access link")
{
  const TemporaryData data;
  const std::string start = "{platform: {node: n8, library: lib, nodes: 2, fabric: {kind: tree, switch: s40, access: copper";
  CHECK(data.scenario(start + "}}, workload: j}").platform.fabric.trunk.name == "copper");
  const LinkMedium trunk = data.scenario(start + ", trunk: {reach: 50 m}}}, workload: j}").platform.fabric.trunk;
  CHECK(trunk.reach == Metres{50});
  CHECK(trunk.efficiency == 0.9);
}

TEST_CASE("a cable whose length is left out is as long as its link reaches, at most 3 m to a node and 30 m between switches")
{
  const TemporaryData data;
  const std::string start = "{platform: {node: n8, library: lib, nodes: 2, fabric: {kind: tree, switch: s40, access: copper";
  const FabricModel copper = data.scenario(start + "}}, workload: j}").platform.fabric; // reaches 3 m
  CHECK(copper.access_length == Metres{3});
  CHECK(copper.trunk_length == Metres{3});
  CHECK(data.scenario(start + ", trunk: {reach: 50 m}}}, workload: j}").platform.fabric.trunk_length == Metres{30});
  CHECK_THROWS_AS(data.scenario(start + ", trunk-length: 30 m}}, workload: j}"), ConfigError);
}

TEST_CASE("a node may replace or change the link its chip names")
{
  const TemporaryData data;
  const auto medium = [&](const std::string& written) {
    return data.scenario("{platform: {base: big, node: {scaleup-medium: " + written + "}}, workload: j}").platform.node.scaleup_medium;
  };
  CHECK(medium("optical").name == "optical");
  CHECK(medium("{bandwidth: 10 GB/s}").latency == Seconds(100e-9)); // the rest is the chip's link
  CHECK(medium("{bandwidth: 10 GB/s}").bandwidth == Bandwidth(10e9));
  CHECK(medium("{base: null, bandwidth: 10 GB/s}").latency == Seconds(0)); // starts from nothing
}

TEST_CASE("an unknown preset is refused with the nearest name or the list")
{
  const TemporaryData data;
  CHECK(data.refusal("{platform: bigg, workload: j}") ==
        "s.yaml:1:12: platform: there is no platform 'bigg' in platforms/clusters (did you mean 'big'?)");
  CHECK(data.refusal("{platform: {base: big, node: {chip: xyz}}, workload: j}") ==
        "s.yaml:1:37: platform.node.chip: there is no chip 'xyz' in platforms/chips (there are: alone, c1, c1-small)");
  CHECK(data.refusal("{platform: {base: ../big}, workload: j}") ==
        "s.yaml:1:19: platform.base: not a name of a platform: '../big' (write a name of platforms/clusters or a path ending in .yaml)");
  CHECK(data.refusal("{platform: gone.yaml, workload: j}") == "gone.yaml: no such file (check the path)");
  CHECK(data.refusal("{platform: {base: [big]}, workload: j}") == "s.yaml:1:19: platform.base: expected the name of a platform");
  CHECK(data.refusal("{platform: [big], workload: j}") ==
        "s.yaml:1:12: platform: expected a mapping with the keys of a platform, or a name");
}

TEST_CASE("a cycle of bases is refused and printed")
{
  const TemporaryData data;
  data.write("platforms/chips/a.yaml", "base: b");
  data.write("platforms/chips/b.yaml", "base: c");
  data.write("platforms/chips/c.yaml", "base: a");
  CHECK(data.refusal("{platform: {base: big, node: {chip: a}}, workload: j}") ==
        "platforms/chips/c.yaml:1:7: base: a cycle of bases: platforms/chips/a.yaml -> platforms/chips/b.yaml -> platforms/chips/c.yaml -> "
        "platforms/chips/a.yaml (break it)");
  data.write("platforms/chips/self.yaml", "base: self");
  CHECK(data.refusal("{platform: {base: big, node: {chip: self}}, workload: j}") ==
        "platforms/chips/self.yaml:1:7: base: a cycle of bases: platforms/chips/self.yaml -> platforms/chips/self.yaml (break it)");
}

TEST_CASE("a mistake in a preset is reported in the preset's file")
{
  const TemporaryData data;
  data.write("platforms/chips/bad.yaml", "base: c1\nmemory: 80\n");
  CHECK(data.refusal("{platform: {base: big, node: {chip: bad}}, workload: j}") ==
        "platforms/chips/bad.yaml:2:9: memory: a size needs a unit, got '80' (write '80 GB' or '80 GiB')");
  data.write("platforms/chips/bad.yaml", "base: c1\nmemmory: 80 GB\n");
  CHECK(data.refusal("{platform: {base: big, node: {chip: bad}}, workload: j}") ==
        "platforms/chips/bad.yaml:2:1: unknown key 'memmory' (did you mean 'memory'?)");
  data.write("platforms/chips/bad.yaml", "- 1");
  CHECK(data.refusal("{platform: {base: big, node: {chip: bad}}, workload: j}") ==
        "platforms/chips/bad.yaml:1:1: expected a mapping with the keys of a chip");
}

TEST_CASE("single presets are read by name")
{
  const TemporaryData data;
  CHECK(read_chip("c1-small", data.folder()).memory == Bytes(40e9));
  CHECK(read_link("fast", data.folder()).name == "fast");
  CHECK(read_switch("s40", data.folder()).ports == 40);
  CHECK(read_node("n8", data.folder()).chip.name == "c1");
  CHECK(read_library("lib", data.folder()).name == "lib");
  CHECK(read_model("m", data.folder()).layers == 8);
  CHECK(read_workload("j", data.folder()).model.layers == 8);
  CHECK(read_platform("big", {{"nodes", "3"}, {"platform.node.power", "1 kW"}}, data.folder()).nodes == 3);
  CHECK(preset_names("platforms/chips", data.folder()) == std::vector<std::string>{"alone", "c1", "c1-small"});
  CHECK(preset_names("platforms/nothing", data.folder()).empty());
}

TEST_CASE("words that name kinds of other rooms keep the place they were written at")
{
  const TemporaryData data;
  const Scenario scenario = data.scenario("platform: {base: big, routing: ecmp, fabric: {kind: rails}, node: {scaleup: mesh}}\n"
                                          "workload: j\n"
                                          "plan: {schedule: gpipe}\n"
                                          "faults: {links: [{from: a, to: b, share: 1}]}\n"
                                          "engine: {collectives: {all-reduce: ring}}\n",
                                          {{"plan.schedule", "1f1b"}});
  const auto stands_at = [&](const Word& word, int line, int column, const std::string& key) {
    CHECK(word.place.line == line);
    CHECK(word.place.column == column);
    CHECK(word.key == key);
  };
  stands_at(scenario.platform.routing, 1, 32, "platform.routing");
  stands_at(scenario.platform.fabric.kind, 1, 53, "platform.fabric.kind");
  stands_at(scenario.platform.node.scaleup, 1, 77, "platform.node.scaleup");
  stands_at(scenario.faults.links[0].to, 4, 32, "faults.links[0].to");
  stands_at(scenario.engine.collectives.at("all-reduce"), 5, 36, "engine.collectives.all-reduce");
  CHECK(scenario.plan.schedule == "1f1b");
  CHECK(scenario.plan.schedule.place.file == "--set");
}
