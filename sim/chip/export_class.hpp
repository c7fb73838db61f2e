// Where a chip stands under an export rule: its figures as the rules count them, each with the arithmetic, and the tier it falls into.
// ECCN 3A090 and its technical notes, 88 FR 73458. A modelling aid, not legal advice.
#pragma once
#include "spec/export.hpp"

#include <optional>
#include <string>

namespace weft {

/// A chip's figures as the rules count them, and in words how they came about.
struct ExportFigures {
  double tpp = 0; ///< total processing performance: 2 x MacTOPS x bit length = dense TOPS x bit length, the highest over all formats
  std::string tpp_how;
  std::optional<double> density; ///< TPP per mm2 of die made on a non-planar process; 0: no such die; absent: the area is not known
  std::string density_how;
  Bandwidth io;             ///< both ways together, everything but memory
  bool io_is_whole = false; ///< false: only the scale-up links are known, so `io` is the least it can be
  std::string io_how;
  Bandwidth memory_bandwidth;
  std::optional<double> stack_density; ///< GB/s per mm2 of one memory stack by itself; 0: its memory is not stacked; absent: not known
  std::string stack_how;
  Market market = Market::datacenter;
};

enum class Finding { caught, free, unknown };

struct ExportClass {
  Finding finding = Finding::free;
  std::string tier;   ///< of the rule; empty when free
  std::string effect; ///< what the rule says of that tier
  std::string why;    ///< the thresholds reached, or what would have to be known
};

/// Operand bits of a format; tf32 counts its 19 bits.
int bit_length(Precision precision);
int bit_length(OtherFormat format);

ExportFigures export_figures(const ExportChip& chip);
ExportClass export_class(const ExportFigures& figures, const ExportRule& rule);

} // namespace weft
