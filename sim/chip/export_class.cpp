#include "chip/export_class.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace weft {
namespace {

constexpr int largest_non_planar_nm = 16; // planar dies do not count towards the applicable area: 20 nm was the last planar logic process

std::string rounded(double value, int decimals)
{
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

std::string count_text(double tpp) { return rounded(tpp, tpp < 100 ? 1 : 0); }
std::string density_text(double density) { return rounded(density, 2); }

enum class Holds { yes, no, unknown };

/// One comparison and its words.
struct Comparison {
  Holds holds;
  std::string text;
};

Holds as_holds(bool holds) { return holds ? Holds::yes : Holds::no; }

std::string known_area(const ExportFigures& figures, double density)
{
  return "with a die of at most " + rounded(std::floor(figures.tpp / density), 0) + " mm2 (density " + density_text(density) + ")";
}

std::vector<Comparison> comparisons(const ExportFigures& figures, const ExportCondition& condition)
{
  std::vector<Comparison> all;
  const std::string tpp = "TPP " + count_text(figures.tpp);
  if (condition.tpp) all.push_back({as_holds(figures.tpp >= *condition.tpp), tpp + " >= " + count_text(*condition.tpp)});
  if (condition.tpp_below) all.push_back({as_holds(figures.tpp < *condition.tpp_below), tpp + " < " + count_text(*condition.tpp_below)});
  const std::string density = "density " + density_text(figures.density.value_or(0));
  if (condition.density && figures.density)
    all.push_back({as_holds(*figures.density >= *condition.density), density + " >= " + density_text(*condition.density)});
  if (condition.density && !figures.density) all.push_back({Holds::unknown, known_area(figures, *condition.density)});
  if (condition.density_below && figures.density)
    all.push_back({as_holds(*figures.density < *condition.density_below), density + " < " + density_text(*condition.density_below)});
  if (condition.density_below && !figures.density) all.push_back({Holds::unknown, ""}); // the other bound says which area
  const std::string stack = "memory stack " + density_text(figures.stack_density.value_or(0)) + " GB/s per mm2";
  if (condition.stack_density_above && figures.stack_density)
    all.push_back(
        {as_holds(*figures.stack_density > *condition.stack_density_above), stack + " > " + density_text(*condition.stack_density_above)});
  if (condition.stack_density_above && !figures.stack_density)
    all.push_back({Holds::unknown, "if a memory stack exceeds " + density_text(*condition.stack_density_above) + " GB/s per mm2"});
  if (condition.stack_density_below && figures.stack_density)
    all.push_back(
        {as_holds(*figures.stack_density < *condition.stack_density_below), stack + " < " + density_text(*condition.stack_density_below)});
  if (condition.stack_density_below && !figures.stack_density) all.push_back({Holds::unknown, ""}); // as with the other density
  if (condition.io) {
    const bool reached = figures.io >= *condition.io;
    const Holds holds = reached ? Holds::yes : figures.io_is_whole ? Holds::no : Holds::unknown;
    all.push_back({holds, holds == Holds::unknown ? "if all its I/O reaches " + short_text(*condition.io)
                                                  : "I/O " + short_text(figures.io) + " >= " + short_text(*condition.io)});
  }
  const std::string memory = "memory " + short_text(figures.memory_bandwidth);
  if (condition.memory_bandwidth)
    all.push_back(
        {as_holds(figures.memory_bandwidth >= *condition.memory_bandwidth), memory + " >= " + short_text(*condition.memory_bandwidth)});
  if (condition.memory_bandwidth_below)
    all.push_back({as_holds(figures.memory_bandwidth < *condition.memory_bandwidth_below),
                   memory + " < " + short_text(*condition.memory_bandwidth_below)});
  if (condition.market) all.push_back({as_holds(figures.market == *condition.market), "market " + name_of(*condition.market)});
  return all;
}

/// All of a condition's comparisons: no as soon as one fails, else unknown as soon as one is.
Comparison judged(const ExportFigures& figures, const ExportCondition& condition)
{
  Comparison result{Holds::yes, ""};
  for (const Comparison& one : comparisons(figures, condition)) {
    if (one.holds == Holds::no) return {Holds::no, ""};
    if (one.holds == Holds::unknown) result.holds = Holds::unknown;
    if (!one.text.empty()) result.text += (result.text.empty() ? "" : ", ") + one.text;
  }
  return result;
}

} // namespace

int bit_length(Precision precision)
{
  switch (precision) {
  case Precision::fp32:
    return 32;
  case Precision::tf32:
    return 19;
  case Precision::fp16:
  case Precision::bf16:
    return 16;
  case Precision::fp8:
    return 8;
  }
  throw LogicError("a precision without a bit length");
}

int bit_length(OtherFormat format)
{
  switch (format) {
  case OtherFormat::fp64:
    return 64;
  case OtherFormat::int16:
    return 16;
  case OtherFormat::int8:
    return 8;
  case OtherFormat::mx9:
    return 9;
  case OtherFormat::mx6:
    return 6;
  case OtherFormat::fp4:
  case OtherFormat::int4:
    return 4;
  }
  throw LogicError("a number format without a bit length");
}

ExportFigures export_figures(const ExportChip& chip)
{
  ExportFigures figures;
  const auto offer = [&](FlopRate rate, int bits, const std::string& format) {
    const double tera = rate / FlopRate(1e12), tpp = tera * bits;
    if (tpp <= figures.tpp) return; // the first of equals
    figures.tpp = tpp;
    figures.tpp_how = exact_text(tera) + " TOP/s dense x " + std::to_string(bits) + " bit (" + format + ")";
  };
  for (const auto& [precision, rate] : chip.chip.peak) offer(rate, bit_length(precision), name_of(precision));
  for (const auto& [format, rate] : chip.facts.other_peaks) offer(rate, bit_length(format), name_of(format));

  const ExportFacts& facts = chip.facts;
  if (facts.process_nm > largest_non_planar_nm) {
    figures.density = 0;
    figures.density_how = "a planar " + std::to_string(facts.process_nm) + " nm die does not count";
  } else if (facts.die_mm2 > 0) {
    figures.density = figures.tpp / facts.die_mm2;
    figures.density_how = count_text(figures.tpp) + " / " + exact_text(facts.die_mm2) + " mm2";
  } else {
    figures.density_how = "the die area is not known (set export.die-mm2)";
  }

  const int links = chip.chip.scaleup_links;
  figures.io = chip.scaleup.bandwidth * (2.0 * links) + facts.other_io.value_or(Bandwidth(0));
  figures.io_is_whole = facts.other_io.has_value();
  if (links > 0)
    figures.io_how =
        "2 ways x " + std::to_string(links) + " x " + chip.chip.scaleup_link + " of " + short_text(chip.scaleup.bandwidth) + " + ";
  figures.io_how += facts.other_io ? short_text(*facts.other_io) + " other I/O" : "other I/O that is not known (set export.other-io)";
  figures.memory_bandwidth = chip.chip.memory_bandwidth;
  if (!facts.memory_stack) {
    figures.stack_how = "not known (set export.memory-stack)";
  } else if (facts.memory_stack->bandwidth <= Bandwidth(0)) {
    figures.stack_density = 0;
    figures.stack_how = "its memory is not stacked";
  } else {
    figures.stack_density = facts.memory_stack->bandwidth / Bandwidth(1e9) / facts.memory_stack->mm2;
    figures.stack_how = short_text(facts.memory_stack->bandwidth) + " over " + exact_text(facts.memory_stack->mm2) + " mm2";
  }
  figures.market = facts.market;
  return figures;
}

ExportClass export_class(const ExportFigures& figures, const ExportRule& rule)
{
  ExportClass open; // the first tier that what is not known may put it into
  for (const ExportTier& tier : rule.tiers)
    for (const ExportCondition& condition : tier.any) {
      const Comparison found = judged(figures, condition);
      if (found.holds == Holds::yes && open.tier.empty()) return {Finding::caught, tier.name, tier.effect, found.text};
      if (found.holds == Holds::no) continue;
      if (open.tier.empty()) open = {Finding::unknown, tier.name, tier.effect, ""};
      open.why += (open.why.empty() ? "" : "; ") + tier.name + " " + found.text;
    }
  if (!open.tier.empty()) return open;
  return {Finding::free, "", "", "reaches no tier's thresholds"};
}

} // namespace weft
