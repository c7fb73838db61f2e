#include "spec/data.hpp"

using namespace weft;

namespace {
const std::string plain = "{platform: big, workload: j, plan: {tp: 2}}";
}

TEST_CASE("an override changes one value and nothing else")
{
  const TemporaryData data;
  const Scenario before = data.scenario(plain);
  Scenario after = data.scenario(plain, {{"plan.tp", "4"}});
  CHECK(after.plan.tp == 4);
  after.plan.tp = 2;
  CHECK(to_yaml(resolved(after)) == to_yaml(resolved(before)));
}

TEST_CASE("an override reaches into presets that are named by a word")
{
  const TemporaryData data;
  const Scenario scenario = data.scenario(plain, {{"platform.node.chip.memory", "40 GB"},
                                                  {"workload.model.layers", "4"},
                                                  {"platform.fabric.tiers", "2"},
                                                  {"platform.fabric.access.bandwidth", "10 GB/s"},
                                                  {"platform.node.scaleup.links", "6"}});
  CHECK(scenario.platform.nodes == 4);
  CHECK(scenario.platform.node.chip.memory == Bytes(40e9));
  CHECK(scenario.platform.node.chip.name == "c1");
  CHECK(scenario.workload->model.layers == 4);
  CHECK(one_line(scenario.platform.fabric.settings) == "{tiers: 2}");
  CHECK(scenario.platform.fabric.access.bandwidth == Bandwidth(10e9));
  CHECK(scenario.platform.fabric.access.efficiency == 0.9);
  CHECK(scenario.platform.node.scaleup == "ring");
  CHECK(one_line(scenario.platform.node.scaleup_settings) == "{links: 6}");
}

TEST_CASE("a later override wins over an earlier one")
{
  const TemporaryData data;
  CHECK(data.scenario(plain, {{"plan.tp", "4"}, {"plan.tp", "1"}}).plan.tp == 1);
  CHECK(data.scenario(plain, {{"platform", "{base: big, nodes: 2}"}, {"platform.nodes", "3"}}).platform.nodes == 3);
}

TEST_CASE("an override may name another preset, a list item or a kind")
{
  const TemporaryData data;
  CHECK(data.scenario(plain, {{"platform.node.chip", "c1-small"}}).platform.node.chip.memory == Bytes(40e9));
  CHECK(data.scenario(plain, {{"faults.stragglers[0]", "{accelerator: 1, slowdown: 2}"}}).faults.stragglers.at(0).slowdown == 2);
  const std::string slow = "{platform: big, workload: j, faults: {stragglers: [{accelerator: 3, slowdown: 2}]}}";
  CHECK(data.scenario(slow, {{"faults.stragglers[0].slowdown", "1.5"}}).faults.stragglers.at(0).slowdown == 1.5);
  CHECK(data.scenario(plain, {{"platform.fabric.kind", "rails"}}).platform.fabric.settings.entries.empty());
  const std::string in_place = "{platform: {base: big, fabric: {kind: tree, switch: s40, access: copper, tiers: 2}}, workload: j}";
  CHECK(data.scenario(in_place, {{"platform.fabric.kind", "rails"}}).platform.fabric.settings.entries.empty());
}

TEST_CASE("a bad override is refused with its path")
{
  const TemporaryData data;
  CHECK(data.refusal(plain, {{"plan.tpp", "4"}}) == "--set: plan: unknown key 'tpp' (did you mean 'tp'?)");
  CHECK(data.refusal(plain, {{"plan.tp", "four"}}) == "--set: plan.tp: expected a whole number, got 'four' (write digits only)");
  CHECK(data.refusal(plain, {{"plan.tp.x", "4"}}) == "--set: plan.tp.x: plan.tp is no mapping (set it as a whole)");
  CHECK(data.refusal(plain, {{"platform.node.chip.memmory", "4 GB"}}) ==
        "--set: platform.node.chip: unknown key 'memmory' (did you mean 'memory'?)");
  CHECK(data.refusal(plain, {{"platform.node.chip", "xyz"}}) ==
        "--set: platform.node.chip: there is no chip 'xyz' in platforms/chips (there are: alone, c1, c1-small)");
  CHECK(data.refusal(plain, {{"faults.stragglers[1].slowdown", "2"}}) ==
        "--set: faults.stragglers[1].slowdown: faults.stragglers has 0 items (use an index up to that)");
}
