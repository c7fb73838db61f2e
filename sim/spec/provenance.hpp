// Where a figure comes from and how far to trust it. Every data file opens with one.
#pragma once
#include "config/record.hpp"

#include <array>
#include <string>

namespace weft {

enum class Confidence { verified, high, medium, unsure, estimate };
template <> struct Choices<Confidence> {
  static constexpr std::array<const char*, 5> names{"verified", "high", "medium", "unsure", "estimate"};
};

/// The source of a preset's numbers.
struct Provenance {
  std::string source; ///< paper, datasheet, repository or page
  Confidence confidence =
      Confidence::estimate; ///< verified: read in the source; high: well known; medium, unsure; estimate: ours, see note
  std::string note;         ///< what is uncertain, or how an estimate was made
};
template <> const Record<Provenance>& record_of<Provenance>();

} // namespace weft
