// Export rules as data: what a rule asks of a chip, and what of a chip only such rules ask for. Beside the simulation: nothing here changes
// a run, but for `constrain:` of a chip, which is worked into the chip's figures when presets are expanded.
#pragma once
#include "spec/reader.hpp"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weft {

/// Number formats that a chip computes in and no training run here uses.
enum class OtherFormat { fp64, int16, int8, mx9, mx6, fp4, int4 };
template <> struct Choices<OtherFormat> {
  static constexpr std::array<const char*, 7> names{"fp64", "int16", "int8", "mx9", "mx6", "fp4", "int4"};
};

enum class Market { datacenter, other };
template <> struct Choices<Market> {
  static constexpr std::array<const char*, 2> names{"datacenter", "other"};
};

/// One memory stack (HBM) of a chip, as it is sold by itself.
struct MemoryStack {
  Bandwidth bandwidth; ///< 0: the chip's memory is not stacked
  double mm2 = 0;      ///< area of the package or stack
};
template <> const Record<MemoryStack>& record_of<MemoryStack>();

/// `export:` of a chip.
struct ExportFacts {
  Provenance provenance;
  int process_nm = 0;                          ///< name of the logic process; 0: not known
  double die_mm2 = 0;                          ///< all logic dies together; 0: not known
  std::map<OtherFormat, FlopRate> other_peaks; ///< dense; one integer operation counts as one
  std::optional<Bandwidth> other_io;           ///< both ways together, all but scale-up links and memory; absent: not known
  std::optional<MemoryStack> memory_stack;     ///< absent: not known
  Market market = Market::datacenter;
};
template <> const Record<ExportFacts>& record_of<ExportFacts>();

/// `constrain:` of a chip: caps that make another chip of it.
struct Constraint {
  std::optional<Bandwidth> scaleup;          ///< all scale-up links, both ways together
  double peak = 1;                           ///< share of every peak that is left
  std::optional<Bandwidth> memory_bandwidth; ///< of the device memory
};
template <> const Record<Constraint>& record_of<Constraint>();

/// The keys of a chip's file beside those of Chip.
struct ChipNotes {
  std::optional<Constraint> constrain;
  std::optional<ExportFacts> export_facts;
};
template <> const Record<ChipNotes>& record_of<ChipNotes>();

/// A chip as export rules see it.
struct ExportChip {
  Chip chip;
  LinkMedium scaleup; ///< of one scale-up link; bandwidth 0: it has none
  ExportFacts facts;
};

/// All that is written must hold.
struct ExportCondition {
  std::optional<double> tpp, tpp_below, density, density_below;
  std::optional<double> stack_density_above, stack_density_below; ///< of a memory stack, GB/s per mm2
  std::optional<Bandwidth> io, memory_bandwidth, memory_bandwidth_below;
  std::optional<Market> market;
};
template <> const Record<ExportCondition>& record_of<ExportCondition>();

/// A class of chips under one rule.
struct ExportTier {
  std::string name, effect;
  std::vector<ExportCondition> any; ///< one of them is enough
};
template <> const Record<ExportTier>& record_of<ExportTier>();

/// One rule, as it stood between two dates.
struct ExportRule {
  std::string name, title;
  Provenance provenance;
  std::string from, until;       ///< "2022-10-07"; until is the first day it no longer holds, empty: none
  std::vector<ExportTier> tiers; ///< the first that fits counts
};
template <> const Record<ExportRule>& record_of<ExportRule>();

/// Every key of a chip's file, for documentation.
std::vector<FieldDoc> chip_docs();
/// Reads a chip (a name in platforms/chips/ or a file). Throws ConfigError.
ExportChip read_export_chip(const std::string& name_or_file, const std::vector<Override>& overrides, const DataFolder& data);
/// Every rule of platforms/export/, by date. Throws ConfigError.
std::vector<ExportRule> read_export_rules(const DataFolder& data);
/// Whether the text is a date like 2023-10-17.
bool is_date(const std::string& text);

} // namespace weft
