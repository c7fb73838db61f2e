// Every preset is whole: where its figures come from and how far to trust them, figures in the right order of magnitude, units that were
// not mistaken for one another.
#include "catalogue/catalogue.hpp"
#include "chip/export_class.hpp"
#include "study/validate.hpp"

#include <map>
#include <utility>

using namespace weft;
using namespace weft::test;

namespace {

std::string text_of(const std::string& folder, const std::string& name)
{
  return content_of(std::filesystem::path(WEFT_SOURCE_DIR) / folder / (name + ".yaml"));
}

/// In [least, most], or not known.
template <class Q> bool plausible(Q value, double least, double most) { return value == Q(0) || (value >= Q(least) && value <= Q(most)); }

void check_provenance(const std::string& title, const Provenance& from, const std::string& text)
{
  CHECK(!title.empty());
  CHECK(from.source.size() > 8);
  CHECK_MESSAGE(text.starts_with("# "), "a preset opens with a comment that says what it is");
  CHECK_MESSAGE(text.find("\nsource:") != std::string::npos, "a preset names its own source, not only its base's");
  CHECK_MESSAGE(text.find("\nconfidence:") != std::string::npos, "a preset says its own confidence, not only its base's");
  const bool sure = from.confidence == Confidence::verified || from.confidence == Confidence::high;
  CHECK_MESSAGE((sure || !from.note.empty()), "a figure that is not sure needs a note that says why");
}

} // namespace

TEST_CASE("every chip has a source, a year, and peaks, memory and power in the right order")
{
  const std::vector<std::string> names = preset_names("platforms/chips", shipped());
  CHECK(names.size() > 1);
  for (const std::string& name : names) {
    CAPTURE(name);
    const Chip chip = read_chip(name, shipped());
    check_provenance(chip.title, chip.provenance, text_of("platforms/chips", name));
    REQUIRE(chip.release.size() >= 4);
    const int year = std::stoi(chip.release.substr(0, 4));
    CHECK(year >= 2016);
    CHECK(year <= 2030);
    for (const auto& [precision, rate] : chip.peak) CHECK(plausible(rate, 5e12, 20e15));
    const bool half = chip.peak.contains(Precision::bf16) || chip.peak.contains(Precision::fp16);
    CHECK((half || !chip.no_training.empty()));
    const auto peak = [&chip](Precision p) { return chip.peak.contains(p) ? chip.peak.at(p) : FlopRate(0); };
    if (chip.peak.contains(Precision::fp8)) CHECK(peak(Precision::fp8) >= peak(Precision::bf16));
    if (half && chip.peak.contains(Precision::tf32)) CHECK(std::max(peak(Precision::bf16), peak(Precision::fp16)) >= peak(Precision::tf32));
    CHECK(chip.memory >= Bytes(100e6));
    CHECK(chip.memory <= Bytes(1e12));
    CHECK(plausible(chip.memory_bandwidth, 50e9, 20e12));
    CHECK(plausible(chip.cache, 1e6, 1e9));
    CHECK(plausible(chip.power, 30, 3000));
    CHECK(plausible(chip.price, 1000, 100'000));
    if (chip.scaleup_links > 0) {
      const Bandwidth all = read_link(chip.scaleup_link, shipped()).bandwidth * chip.scaleup_links;
      CHECK(plausible(all, 10e9, 2e12));
    }
    if (chip.dies.count > 1) CHECK(chip.dies.remote_share.value_or(0.5) < 1);
    if (chip.near_memory.bandwidth > Bandwidth(0)) CHECK(chip.near_memory.bandwidth > chip.memory_bandwidth);
  }
}

TEST_CASE("every chip is rated under every export rule, and every rule has a source")
{
  const std::vector<ExportRule> rules = read_export_rules(shipped());
  CHECK(!rules.empty());
  for (const ExportRule& rule : rules) {
    CAPTURE(rule.name);
    check_provenance(rule.title, rule.provenance, text_of("platforms/export", rule.name));
  }
  for (const std::string& name : preset_names("platforms/chips", shipped())) {
    CAPTURE(name);
    const ExportFigures figures = export_figures(read_export_chip(name, {}, shipped()));
    CHECK(figures.tpp > 100);
    for (const ExportRule& rule : rules) CHECK(!export_class(figures, rule).why.empty());
  }
}

TEST_CASE("every link has a source, a rate of one direction and both ends' power and price")
{
  for (const std::string& name : preset_names("platforms/links", shipped())) {
    CAPTURE(name);
    const LinkMedium link = read_link(name, shipped());
    check_provenance(link.title, link.provenance, text_of("platforms/links", name));
    CHECK(plausible(link.bandwidth, 10e9, 2e12));
    CHECK(link.efficiency >= 0.5);
    CHECK(link.latency <= Seconds(2e-6));
    CHECK(link.propagation_ns_per_m >= 3.3); // light in vacuum
    CHECK(link.propagation_ns_per_m <= 7);
    CHECK(link.reach.value >= 0.1);
    CHECK(link.reach.value <= 10'000);
    CHECK(plausible(link.power, 0.05, 100));
    CHECK(plausible(link.price, 10, 20'000));
    CHECK(link.failures_per_billion_hours <= 10'000);
  }
}

TEST_CASE("every switch has a source, ports, latency and a power of the right order")
{
  for (const std::string& name : preset_names("platforms/switches", shipped())) {
    CAPTURE(name);
    const SwitchModel model = read_switch(name, shipped());
    check_provenance(model.title, model.provenance, text_of("platforms/switches", name));
    CHECK(model.ports >= 16);
    CHECK(model.ports <= 1024);
    CHECK(plausible(model.port_bandwidth, 100e9 / 8, 1.6e12 / 8));
    CHECK(model.latency >= Seconds(50e-9));
    CHECK(model.latency <= Seconds(10e-6));
    CHECK(plausible(model.power, 50, 30'000));
    CHECK(plausible(model.price, 1000, 1e6));
  }
}

TEST_CASE("every node has a source, and power, price and adapters in proportion to its accelerators")
{
  for (const std::string& name : preset_names("platforms/nodes", shipped())) {
    CAPTURE(name);
    const NodeModel node = read_node(name, shipped());
    check_provenance(node.title, node.provenance, text_of("platforms/nodes", name));
    CHECK(plausible(node.power, 200.0 * node.accelerators, 3000.0 * node.accelerators));
    CHECK(plausible(node.price, 3000.0 * node.accelerators, 150'000.0 * node.accelerators));
    CHECK(node.adapters.count <= 2 * node.accelerators);
    if (node.adapters.count == 0) continue;
    CHECK(plausible(node.adapters.bandwidth, 100e9 / 8, 2e12 / 8));
    CHECK(node.adapters.efficiency >= 0.8);
    CHECK(node.adapters.latency <= Seconds(5e-6));
    CHECK(node.host_medium.bandwidth > Bandwidth(0));
  }
}

TEST_CASE("every cluster and every library has a source, and every cluster a fabric that reaches its lengths")
{
  for (const std::string& name : preset_names("platforms/clusters", shipped())) {
    CAPTURE(name);
    const Platform platform = read_platform(name, {}, shipped());
    check_provenance(platform.title, platform.provenance, text_of("platforms/clusters", name));
    if (platform.fabric.kind == "none") continue;
    CHECK(platform.fabric.access_length.value <= platform.fabric.access.reach.value);
    CHECK(platform.fabric.trunk_length.value <= platform.fabric.trunk.reach.value);
  }
  for (const std::string& name : preset_names("platforms/libraries", shipped())) {
    CAPTURE(name);
    const CollectiveLibrary one = read_library(name, shipped());
    check_provenance(one.title, one.provenance, text_of("platforms/libraries", name));
    CHECK(!one.protocols.empty());
  }
}

TEST_CASE("weft list names every preset, and under it its source and confidence")
{
  const std::vector<std::pair<std::string, std::string>> lists{
      {"chips", "platforms/chips"},       {"nodes", "platforms/nodes"},       {"links", "platforms/links"},
      {"switches", "platforms/switches"}, {"clusters", "platforms/clusters"}, {"libraries", "platforms/libraries"},
      {"rules", "platforms/export"},      {"models", "workloads/models"},     {"jobs", "workloads/jobs"}};
  for (const auto& [list, folder] : lists) {
    const Outcome said = run_weft({"list", list}, WEFT_SOURCE_DIR);
    CHECK(said.code == 0);
    for (const std::string& name : preset_names(folder, shipped())) {
      CAPTURE(name);
      const std::size_t entry = said.out.find("\n  " + name + " ");
      REQUIRE(entry != std::string::npos);
      const std::size_t source = said.out.find('\n', entry + 1) + 1, end = said.out.find('\n', source);
      REQUIRE(end != std::string::npos);
      CHECK(said.out[end - 1] == ']'); // [verified]
      CHECK(said.out.substr(source, 4) == "    ");
    }
  }
}

namespace {

/// Best rate of a short run over the peak, by chip and precision, from the table of published ones.
std::map<std::pair<std::string, Precision>, double> best_shapes()
{
  std::map<std::pair<std::string, Precision>, double> shares;
  for (const PublishedOperation& operation : read_table(WEFT_SOURCE_DIR "/scenarios/validation/tables/microbench-matmul.yaml").operations) {
    const Chip chip = read_chip(operation.chip, shipped());
    shares[{operation.chip, operation.precision}] = operation.rate.value() / chip.peak.at(operation.precision);
  }
  return shares;
}

double sustained(const std::string& chip, Precision precision)
{
  const ComputeModel compute = read_chip(chip, shipped()).compute;
  return precision == Precision::fp8 && compute.matmul_efficiency_fp8 > 0 ? compute.matmul_efficiency_fp8 : compute.matmul_efficiency;
}

} // namespace

TEST_CASE("chips that no training run was published of lose between best shape and training what A100 and H100 lose")
{
  // docs/constants.md, "Chips without training runs"
  const auto shapes = best_shapes();
  const auto kept = [&](const std::string& chip, Precision precision) { return sustained(chip, precision) / shapes.at({chip, precision}); };
  const double a100 = kept("a100-sxm4-80", Precision::bf16), h100 = kept("h100-sxm5", Precision::bf16);
  const double h100_fp8 = kept("h100-sxm5", Precision::fp8);
  int estimated = 0;
  for (const auto& [of, shape] : shapes) {
    if (of.first.starts_with("a100") || of.first.starts_with("h100") || of.first.starts_with("h200")) continue;
    CAPTURE(of.first);
    const double keeps = kept(of.first, of.second);
    const std::string advice = "the constants of A100 or H100 moved: estimate the others anew";
    if (of.second == Precision::fp8)
      CHECK_MESSAGE(std::abs(keeps - h100_fp8) < 0.1, advice);
    else
      CHECK_MESSAGE((keeps > std::min(a100, h100) - 0.02 && keeps < std::max(a100, h100) + 0.02), advice);
    ++estimated;
  }
  CHECK(estimated > 10);
}
