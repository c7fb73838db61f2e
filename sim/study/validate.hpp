// Simulated against published: tables of runs others measured, in scenarios/validation/tables/*.yaml.
//
//   title: Megatron-LM SC'21, Table 1
//   source: Narayanan et al. 2021, arXiv:2104.04473, Table 1
//   tolerance: {mean_step: 0.06, worst_step: 0.12, worst_memory: 0.10}
//   rows:
//     - id: 175b
//       scenario: ../sc21.yaml           # beside the table
//       set: {workload.model: gpt3-175b, plan.pp: 8}  # what the row changes of it
//       step: 18.13 s                    # published; leave out what is not published
//       memory: 60 GiB
//       source: row 8
//
// Bare collectives stand in `series:` of a table, see study/series.hpp.
#pragma once
#include "config/record.hpp"
#include "spec/provenance.hpp"
#include "spec/reader.hpp"
#include "study/series.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weft {

/// Largest errors a table may have, as fractions; a table that states none cannot fail.
struct Tolerance {
  std::optional<double> mean_step, worst_step, mean_memory, worst_memory;
  std::optional<double> mean_small, mean_large; ///< bus bandwidths of series, below large_from and from it on
};
template <> const Record<Tolerance>& record_of<Tolerance>();

/// One published run.
struct PublishedRow {
  std::string id, scenario;
  std::map<std::string, Word> set; ///< settings of the scenario, by key path
  std::optional<Seconds> step;
  std::optional<Bytes> memory; ///< peak per accelerator
  std::string source;
};
template <> const Record<PublishedRow>& record_of<PublishedRow>();

/// One table of published runs.
struct PublishedTable {
  std::string title, source, note;
  Confidence confidence = Confidence::estimate;
  Tolerance tolerance;
  std::vector<PublishedRow> rows;
  std::vector<PublishedSeries> series;
};
template <> const Record<PublishedTable>& record_of<PublishedTable>();

/// One row compared.
struct ValidatedRow {
  PublishedRow published;
  std::string problem; ///< why it could not be simulated; empty when it was
  Seconds step;
  Bytes memory;
  std::optional<double> step_error, memory_error; ///< simulated / published - 1
};

/// Mean and largest absolute error of one figure over a table's rows.
struct ErrorSummary {
  std::size_t rows = 0;
  double mean = 0, worst = 0;
};

/// One table compared.
struct ValidatedTable {
  PublishedTable published;
  std::vector<ValidatedRow> rows;
  ErrorSummary step, memory;
  std::vector<ValidatedSeries> series;
  SeriesErrors small, large;         ///< of all series together
  std::vector<std::string> failures; ///< tolerances exceeded and rows that did not run, in words
};

/// Reads a table. Throws ConfigError.
PublishedTable read_table(const std::string& file);
/// Paths of all tables of the data folder, sorted, or of the one named, or of those whose names go on after it: "collectives" stands for
/// "collectives-a100" and all others like it. Throws ConfigError when there is none.
std::vector<std::string> table_files(const DataFolder& data, const std::string& name);
/// Simulates every row, two at a time in child processes. `memory: refuse` of a row's scenario is respected.
ValidatedTable validate(const std::string& file, const std::vector<Override>& overrides, const DataFolder& data);
/// Holds simulated rows and judged series to the published ones: errors, summaries, failures. Pure arithmetic.
ValidatedTable judge(PublishedTable published, std::vector<ValidatedRow> rows, std::vector<ValidatedSeries> series = {});

} // namespace weft
