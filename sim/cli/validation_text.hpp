// Validated tables in words: row by row, summed up by family, and with one family left out.
#pragma once
#include "study/leave_one_out.hpp"
#include "study/validate.hpp"

#include <string>
#include <vector>

namespace weft {

/// One table, row by row; `points` of its series, too.
std::string table_text(const ValidatedTable& table, bool points);
/// The bus bandwidths of several tables together.
std::string bands_text(const BandErrors& all);
/// The closing summary as a Markdown table: what the README shows.
std::string summary_text(const std::vector<ValidatedTable>& tables);
/// The residuals of all rows by kind, as platforms/validation-residuals.yaml holds them.
std::string residuals_text(const std::vector<ValidatedTable>& tables);
/// The errors of leave_one_out as a Markdown table.
std::string left_out_text(const std::vector<LeftOut>& families);

} // namespace weft
