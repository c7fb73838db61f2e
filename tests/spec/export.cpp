#include "approx.hpp"
#include "spec/export.hpp"

#include "data.hpp"

using namespace weft;

namespace {

const std::string scenario_start = "platform: {base: big, node: {chip: ";
const std::string scenario_end = "}}\nworkload: j\nplan: {tp: 8}";

Chip chip_in_scenario(const TemporaryData& data, const std::string& chip)
{
  return data.scenario(scenario_start + chip + scenario_end).platform.node.chip;
}

std::string refusal_of_chip(const TemporaryData& data, const std::string& chip)
{
  return data.refusal(scenario_start + chip + scenario_end);
}

/// The refusal of a rule file, without the folder's own name.
std::string refusal_of_rule(const std::string& rule)
{
  const TemporaryData data;
  data.write("platforms/export/r.yaml", rule);
  try {
    (void)read_export_rules(data.folder());
  } catch (const ConfigError& error) {
    std::string message = error.what();
    const std::string folder = data.root.string() + "/";
    for (std::size_t at = message.find(folder); at != std::string::npos; at = message.find(folder)) message.erase(at, folder.size());
    return message;
  }
  return "not refused";
}

std::string rule_with(const std::string& tiers) { return "{title: R, source: a law, from: 2023-10-17, tiers: " + tiers + "}"; }

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

} // namespace

TEST_CASE("caps make another chip: whole links, scaled peaks, slower memory")
{
  const TemporaryData data;
  // Links of 50 GB/s are 100 GB/s both ways: 250 GB/s leave two of four. 100 TFLOP/s x 0.6 = 60.
  const Chip chip = chip_in_scenario(data, "{base: c1, constrain: {scaleup: 250 GB/s, peak: 0.6, memory-bandwidth: 1 TB/s}}");
  CHECK(chip.scaleup_links == 2);
  CHECK(chip.peak.at(Precision::bf16) / FlopRate(60e12) == weft::near(1, 1e-9));
  CHECK(chip.peak.at(Precision::fp32) / FlopRate(6e12) == weft::near(1, 1e-9));
  CHECK(chip.memory_bandwidth == Bandwidth(1e12));
}

TEST_CASE("a cap above what the chip has changes nothing")
{
  const TemporaryData data;
  const Chip chip = chip_in_scenario(data, "{base: c1, constrain: {scaleup: 900 GB/s, memory-bandwidth: 9 TB/s}}");
  CHECK(chip.scaleup_links == 4);
  CHECK(chip.memory_bandwidth == Bandwidth(2e12));
}

TEST_CASE("a cap in a preset works in what starts from it, once")
{
  const TemporaryData data;
  data.write("platforms/chips/capped.yaml", "{base: c1, constrain: {peak: 0.5}}");
  CHECK(chip_in_scenario(data, "{base: capped, memory: 40 GB}").peak.at(Precision::bf16) / FlopRate(50e12) == weft::near(1, 1e-9));
}

TEST_CASE("the resolved scenario holds the capped figures and reads back to them")
{
  const TemporaryData data;
  const Scenario scenario =
      data.scenario(scenario_start + "{base: c1, constrain: {scaleup: 100 GB/s, peak: 0.5}, export: {die-mm2: 800}}" + scenario_end);
  const std::string text = to_yaml(resolved(scenario));
  CHECK(!contains(text, "constrain"));
  const Scenario again = data.scenario(text);
  CHECK(again.platform.node.chip.scaleup_links == 1);
  CHECK(again.platform.node.chip.peak == scenario.platform.node.chip.peak);
}

TEST_CASE("export facts come with the base and scale with the peaks")
{
  const TemporaryData data;
  data.write("platforms/chips/facts.yaml",
             "{base: c1, export: {die-mm2: 800, process-nm: 7, other-peaks: {int8: 200 TFLOP/s}, other-io: 64 GB/s}}");
  data.write("platforms/chips/half.yaml", "{base: facts, constrain: {peak: 0.5}}");
  const ExportChip chip = read_export_chip("half", {}, data.folder());
  CHECK(chip.facts.die_mm2 == 800);
  CHECK(chip.facts.other_peaks.at(OtherFormat::int8) == FlopRate(100e12));
  CHECK(chip.facts.other_io == Bandwidth(64e9));
  CHECK(chip.scaleup.bandwidth == Bandwidth(50e9));
  CHECK(chip.chip.peak.at(Precision::bf16) == FlopRate(50e12));
  CHECK(!read_export_chip("c1", {}, data.folder()).facts.other_io);
}

TEST_CASE("caps and facts that make no sense are refused in every command")
{
  const TemporaryData data;
  CHECK(contains(refusal_of_chip(data, "{base: c1, constrain: {scaleup: 90 GB/s}}"), "less than one link of fast (100 GB/s both ways)"));
  CHECK(contains(refusal_of_chip(data, "{base: alone, constrain: {scaleup: 90 GB/s}}"), "the chip has no scale-up links to cap"));
  CHECK(contains(refusal_of_chip(data, "{base: c1, constrain: {peak: 1.5}}"), "constrain.peak: must be above 0 and at most 1"));
  CHECK(contains(refusal_of_chip(data, "{base: c1, constrain: {peek: 0.5}}"), "did you mean 'peak'"));
  CHECK(contains(refusal_of_chip(data, "{base: c1, export: {die: 800}}"), "unknown key"));
  CHECK(contains(refusal_of_chip(data, "{base: c1, export: {other-io: -1 GB/s}}"), "must be zero or more"));
  CHECK(contains(refusal_of_chip(data, "{base: c1, export: {other-peaks: {int8: 0 TFLOP/s}}}"), "must be above zero"));
}

TEST_CASE("rules are read by date")
{
  const TemporaryData data;
  data.write("platforms/export/b.yaml", rule_with("[{name: T, effect: none, any: [{tpp: 1}]}]"));
  data.write("platforms/export/z.yaml",
             "{title: Z, source: a law, from: 2022-10-07, until: 2023-10-17, tiers: [{name: T, effect: none, any: [{io: 600 GB/s}]}]}");
  const std::vector<ExportRule> rules = read_export_rules(data.folder());
  REQUIRE(rules.size() == 2);
  CHECK(rules[0].name == "z");
  CHECK(rules[1].name == "b");
  CHECK(rules[0].tiers[0].any[0].io == Bandwidth(600e9));
}

TEST_CASE("a bad rule file is refused with its place")
{
  const std::string tier = "[{name: T, effect: none, any: [{tpp: 1}]}]";
  CHECK(refusal_of_rule(rule_with(tier)) == "not refused");
  CHECK(refusal_of_rule("{title: R, source: a law, from: soon, tiers: " + tier + "}") ==
        "platforms/export/r.yaml:1:33: from: expected a date such as 2023-10-17, got 'soon'");
  CHECK(contains(refusal_of_rule("{title: R, source: a law, from: 2023-13-01, tiers: " + tier + "}"),
                 "from: expected a date such as 2023-10-17, got '2023-13-01'"));
  CHECK(contains(refusal_of_rule("{title: R, source: a law, from: 2023-10-17, until: 2022-01-01, tiers: " + tier + "}"),
                 "until: ends before it begins"));
  CHECK(contains(refusal_of_rule(rule_with("[]")), "a rule without a tier"));
  CHECK(contains(refusal_of_rule(rule_with("[{name: T, effect: none, any: []}]")), "a tier without a condition"));
  CHECK(contains(refusal_of_rule(rule_with("[{name: T, effect: none, any: [{}]}]")), "a condition without a threshold"));
  CHECK(contains(refusal_of_rule(rule_with("[{name: T, effect: none, any: [{tpp: 4800, tpp-below: 2400}]}]")), "nothing fits"));
  CHECK(contains(refusal_of_rule(rule_with("[{name: T, effect: none, any: [{tpp: -1}]}]")), "must be above zero"));
  CHECK(contains(refusal_of_rule(rule_with("[{name: T, effect: none, any: [{io: 600}]}]")), "io"));
  CHECK(contains(refusal_of_rule(rule_with("[{name: T, effect: none, any: [{tops: 600}]}]")), "unknown key"));
}
