#include "chip/export_class.hpp"
#include "approx.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace weft;

namespace {

const DataFolder data{WEFT_SOURCE_DIR};

ExportClass under(const ExportFigures& figures, const std::string& name)
{
  for (const ExportRule& rule : read_export_rules(data))
    if (rule.name == name) return export_class(figures, rule);
  FAIL("there is no rule " << name);
  return {};
}

ExportFigures figures_of(const std::string& chip) { return export_figures(read_export_chip(chip, {}, data)); }

/// An invented chip of `tops` at 8 bits.
ExportChip chip_of(double tops, double die)
{
  ExportChip chip;
  chip.chip.peak[Precision::fp8] = FlopRate(tops * 1e12);
  chip.chip.memory_bandwidth = Bandwidth(1e12);
  chip.facts.process_nm = 4;
  chip.facts.die_mm2 = die;
  chip.facts.other_io = Bandwidth(64e9);
  return chip;
}

} // namespace

TEST_CASE("TPP, density, I/O and class of the published accelerators")
{
  // TPP = dense TOPS x bits: A100 312 x 16 = 4,992; H100 1,978.9 x 8 = 15,831; H20 148 x 16 = 2,368. Density over 826 and 814 mm2: 6.04,
  // 19.45 and 2.91 (published: 19.4 and 2.9). I/O both ways: NVLink 600, 400 or 900 GB/s and PCI Express 64 (4.0) or 128 (5.0).
  struct Row {
    const char* chip;
    double tpp, density, io;
    const char *in_2022, *in_2023, *in_2026;
  };
  const char* reviewed = "3A090.a, case by case";
  for (const Row& row :
       {Row{"p100-sxm2", 339, 0.56, 192, "", "", ""}, Row{"v100-sxm2-32", 2000, 2.45, 332, "", "", ""},
        Row{"a100-sxm4-80", 4992, 6.04, 664, "3A090", "3A090.a", reviewed}, Row{"a800-sxm4-80", 4992, 6.04, 464, "", "3A090.a", reviewed},
        Row{"a40", 2395, 3.81, 176.5, "", "3A090.b", ""}, Row{"h100-sxm5", 15831, 19.45, 1028, "3A090", "3A090.a", reviewed},
        Row{"h800-sxm5", 15831, 19.45, 528, "", "3A090.a", reviewed}, Row{"h200-sxm", 15831, 19.45, 1028, "3A090", "3A090.a", reviewed},
        Row{"h20-sxm-96", 2368, 2.91, 1028, "", "", ""}, Row{"b200-sxm", 36000, 22.5, 1928, "3A090", "3A090.a", "3A090.a, denied"},
        Row{"mi250x", 6128, 4.23, 764, "3A090", "3A090.a", reviewed}, Row{"mi325x", 20919, 9.1, 1024, "3A090", "3A090.a", reviewed},
        Row{"maia-100", 18000, 21.95, 1264, "3A090", "3A090.a", reviewed},
        Row{"biren-br100", 16384, 15.26, 640, "3A090", "3A090.a", reviewed}, Row{"biren-br104", 8192, 15.26, 320, "", "3A090.a", reviewed},
        Row{"ascend-910b", 6016, 9.05, 520, "", "3A090.a", reviewed}}) {
    CAPTURE(row.chip);
    const ExportFigures figures = figures_of(row.chip);
    CHECK(figures.tpp == weft::near(row.tpp, 0.001));
    REQUIRE(figures.density);
    CHECK(std::abs(*figures.density - row.density) <= 0.0051); // given to two decimals
    CHECK(figures.io / Bandwidth(1e9) == weft::near(row.io, 0.001));
    CHECK(figures.io_is_whole);
    CHECK(under(figures, "us-2022-10-07").tier == row.in_2022);
    CHECK(under(figures, "us-2023-10-17").tier == row.in_2023);
    CHECK(under(figures, "us-2024-04-04").tier == row.in_2023);
    CHECK(under(figures, "us-2026-01-15").tier == row.in_2026);
  }
}

TEST_CASE("the letter of 2025 catches the H20 and not the A800")
{
  CHECK(under(figures_of("h20-sxm-96"), "us-2025-04-14").finding == Finding::caught);
  CHECK(under(figures_of("a800-sxm4-80"), "us-2025-04-14").finding == Finding::free);
}

TEST_CASE("memory stacks are rated by themselves, by their bandwidth over their area")
{
  // HBM2 307 / 92 = 3.34, HBM2e 461 / 110 = 4.19, HBM3 819 / 121 = 6.77 GB/s per mm2; GDDR6 is not stacked.
  const std::string rule = "us-2024-12-02";
  CHECK(under(figures_of("a100-sxm4-40"), rule).why == "memory stack 3.34 GB/s per mm2 > 2.00");
  CHECK(under(figures_of("a100-sxm4-80"), rule).tier == "3A090.c");
  CHECK(under(figures_of("h20-sxm-96"), rule).why == "memory stack 6.77 GB/s per mm2 > 2.00");
  CHECK(under(figures_of("a40"), rule).finding == Finding::free);
  ExportChip chip = chip_of(100, 500);
  CHECK(under(export_figures(chip), rule).finding == Finding::unknown); // nothing is said of its memory
  chip.facts.memory_stack = MemoryStack{Bandwidth(256e9), 92};          // early HBM2: 2.78
  CHECK(under(export_figures(chip), rule).tier == "3A090.c, exception HBM");
  chip.facts.memory_stack = MemoryStack{Bandwidth(184e9), 92}; // 2 is not above 2
  CHECK(under(export_figures(chip), rule).finding == Finding::free);
}

TEST_CASE("a figure says how it came about")
{
  const ExportFigures figures = figures_of("a100-sxm4-80");
  CHECK(figures.tpp_how == "312 TOP/s dense x 16 bit (fp16)");
  CHECK(figures.density_how == "4992 / 826 mm2");
  CHECK(figures.io_how == "2 ways x 12 x nvlink3 of 25 GB/s + 64 GB/s other I/O");
  CHECK(under(figures, "us-2022-10-07").why == "TPP 4992 >= 4800, I/O 664 GB/s >= 600 GB/s");
}

TEST_CASE("the strongest format counts, also one that no run uses")
{
  ExportChip chip = chip_of(100, 500);                         // 800
  chip.facts.other_peaks[OtherFormat::fp4] = FlopRate(400e12); // 1,600
  CHECK(export_figures(chip).tpp == weft::near(1600, 1e-9));
  chip.facts.other_peaks[OtherFormat::fp64] = FlopRate(30e12); // 1,920
  CHECK(export_figures(chip).tpp == weft::near(1920, 1e-9));
}

TEST_CASE("thresholds are reached by their own value")
{
  CHECK(under(export_figures(chip_of(600, 5000)), "us-2023-10-17").tier == "3A090.a"); // 4,800
  CHECK(under(export_figures(chip_of(599, 5000)), "us-2023-10-17").tier == "");        // 4,792 at 0.96 per mm2
  CHECK(under(export_figures(chip_of(300, 1500)), "us-2023-10-17").tier == "3A090.b"); // 2,400 at 1.6
  CHECK(under(export_figures(chip_of(299, 1000)), "us-2023-10-17").tier == "");        // 2,392 at 2.39
  CHECK(under(export_figures(chip_of(200, 500)), "us-2023-10-17").tier == "3A090.b");  // 1,600 at 3.2
  CHECK(under(export_figures(chip_of(200, 270)), "us-2023-10-17").tier == "3A090.a");  // 1,600 at 5.93
}

TEST_CASE("a chip for other markets is left out below 4,800")
{
  ExportChip chip = chip_of(500, 600); // 4,000 at 6.67
  CHECK(under(export_figures(chip), "us-2023-10-17").tier == "3A090.a");
  chip.facts.market = Market::other;
  CHECK(under(export_figures(chip), "us-2023-10-17").finding == Finding::free);
  // The GeForce RTX 4090, 660.6 TOP/s at 8 bits: 5,285, caught all the same.
  chip.chip.peak[Precision::fp8] = FlopRate(660.6e12);
  CHECK(export_figures(chip).tpp == weft::near(5285, 0.001));
  CHECK(under(export_figures(chip), "us-2023-10-17").tier == "3A090.a");
}

TEST_CASE("planar dies do not count towards the density")
{
  ExportChip chip = chip_of(500, 600);
  chip.facts.process_nm = 28;
  CHECK(export_figures(chip).density == 0.0);
  CHECK(under(export_figures(chip), "us-2023-10-17").finding == Finding::free);
}

TEST_CASE("what is not known is said, with the area that would decide")
{
  ExportChip chip = chip_of(391.9, 0); // 3,135.2: 3A090.a up to 3,135.2 / 5.92 = 529 mm2
  const ExportClass found = under(export_figures(chip), "us-2023-10-17");
  CHECK(found.finding == Finding::unknown);
  CHECK(found.why.find("at most 529 mm2") != std::string::npos);
  chip.facts.other_io.reset();
  chip.chip.peak[Precision::fp8] = FlopRate(1000e12); // 8,000: only the I/O is missing
  CHECK(under(export_figures(chip), "us-2022-10-07").finding == Finding::unknown);
  CHECK(under(export_figures(chip), "us-2023-10-17").tier == "3A090.a");
}

TEST_CASE("capping NVLink at 400 GB/s makes an A800 of an A100, and a tenth of the peak frees an H100")
{
  const ExportFigures capped = export_figures(read_export_chip("a100-sxm4-80", {{"constrain.scaleup", "400 GB/s"}}, data));
  const ExportFigures a800 = figures_of("a800-sxm4-80");
  CHECK(capped.io == a800.io);
  CHECK(capped.tpp == a800.tpp);
  CHECK(under(capped, "us-2022-10-07").finding == Finding::free);
  // 15,831 x 0.08 = 1,266 is below 1,600.
  const ExportFigures slow = export_figures(read_export_chip("h100-sxm5", {{"constrain.peak", "0.08"}}, data));
  CHECK(slow.tpp == weft::near(1266.5, 0.001));
  CHECK(under(slow, "us-2023-10-17").finding == Finding::free);
}

TEST_CASE("every chip stands somewhere under every rule")
{
  const std::vector<ExportRule> rules = read_export_rules(data);
  CHECK(rules.size() >= 6);
  for (const std::string& name : preset_names("platforms/chips", data)) {
    CAPTURE(name);
    const ExportFigures figures = figures_of(name);
    CHECK(figures.tpp > 100);
    CHECK(!figures.tpp_how.empty());
    for (const ExportRule& rule : rules) {
      const ExportClass found = export_class(figures, rule);
      CHECK(found.tier.empty() == (found.finding == Finding::free));
      CHECK(!found.why.empty());
    }
  }
}
