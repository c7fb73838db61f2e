#include "spec/data.hpp"

using namespace weft;

namespace {

/// What the resolved scenario of `text` says after being read back without any presets.
void check_round_trip(const std::string& text)
{
  const TemporaryData data;
  const std::string first = to_yaml(resolved(data.scenario(text)));
  data.write("again.yaml", first);
  const Scenario again = read_scenario((data.root / "again.yaml").string(), {}, DataFolder{"/nowhere"});
  CHECK_MESSAGE(to_yaml(resolved(again)) == first, text);
}

} // namespace

TEST_CASE("a resolved scenario reads back to the same scenario without any presets")
{
  check_round_trip("{platform: big, workload: j}");
  check_round_trip(
      "{title: 'a: b', about: \"two\\nlines\", platform: {base: big, node: {scaleup-medium: {efficiency: 0.7}}}, workload: j}");
  check_round_trip("{platform: {base: big, nodes: 1, fabric: none, node: {scaleup: none}}, collective: {operation: all-reduce, bytes: 1 "
                   "GiB, repetitions: 3}}");
  check_round_trip("{platform: {base: big, fabric: {trunk: {reach: 7 m}, extra: {list: [1, {a: b}]}}}, workload: {base: j, token-budget: "
                   "300e9, precision: fp32}, "
                   "plan: {tp: 4, pp: 2, dp: 2, microbatch: 2, schedule: breadth-first, virtual-stages: 2, recompute: full, zero: optimizer, overlap: "
                   "{parameters: true}, order: dp-tp-pp}, "
                   "faults: {stragglers: [{accelerator: 5, slowdown: 1.25}], links: [{from: a, to: b, share: 0.1}]}, "
                   "engine: {kind: simgrid, fidelity: steps, fold: off, fuse: off, collectives: {all-reduce: ring}, utilisation-bins: 0, "
                   "memory: warn, seed: 9}}");
}

TEST_CASE("a resolved scenario spells out every default")
{
  const TemporaryData data;
  const Node tree = resolved(data.scenario("{platform: big, workload: j}"));
  CHECK(tree.find("plan")->find("order")->text == "tp-cp-ep-dp-pp");
  CHECK(tree.find("engine")->find("utilisation-bins")->text == "200");
  CHECK(tree.find("platform")->find("node")->find("chip")->find("compute")->find("tile-rows")->text == "128");
  CHECK(tree.find("platform")->find("fabric")->find("tiers")->text == "3");
  CHECK(tree.find("platform")->find("fabric")->find("trunk")->find("reach")->text == "100 m");
  CHECK(tree.find("workload")->find("model")->find("head-dim")->text == "0");
  CHECK(!tree.find("collective"));
}

TEST_CASE("one changed setting changes one line of the resolved scenario")
{
  const TemporaryData data;
  const std::string before = to_yaml(resolved(data.scenario("{platform: big, workload: j}")));
  std::string after = to_yaml(resolved(data.scenario("{platform: big, workload: {base: j, batch: 32}}")));
  const std::size_t at = after.find("batch: 32\n");
  REQUIRE(at != std::string::npos);
  CHECK(after.replace(at, 9, "batch: 64") == before);
}
