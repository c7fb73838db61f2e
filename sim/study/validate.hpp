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
// Bare collectives stand in `series:` of a table, see study/series.hpp, single kernels in `operations:`, see study/operations.hpp. Tables of
// one `family` are summed up together.
#pragma once
#include "config/record.hpp"
#include "job/memory.hpp"
#include "spec/provenance.hpp"
#include "spec/reader.hpp"
#include "study/errors.hpp"
#include "study/operations.hpp"
#include "study/series.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weft {

/// Largest errors a table may have, as fractions; a table that states none cannot fail.
struct Tolerance {
  std::optional<double> mean_step, worst_step, mean_memory, worst_memory;
  std::optional<double> mean_layer, median_operation;
  std::optional<double> mean_small, mean_large;   ///< bus bandwidths of series, below large_from and from it on
  std::optional<double> worst_small, worst_large; ///< of single points
};
template <> const Record<Tolerance>& record_of<Tolerance>();

/// One published run.
struct PublishedRow {
  std::string id, scenario;
  std::map<std::string, Word> set; ///< settings of the scenario, by key path
  std::optional<Seconds> step;
  std::optional<Bytes> memory;               ///< peak per accelerator, of the table's kind
  std::optional<Seconds> forward, backward;  ///< of one layer and microbatch
  std::string source;
};
template <> const Record<PublishedRow>& record_of<PublishedRow>();

/// One table of published runs.
struct PublishedTable {
  std::string title, source, note;
  std::string family{}; ///< what the closing summary counts the table to; empty: its title
  Confidence confidence = Confidence::estimate;
  MemoryKind memory_kind = MemoryKind::allocated; ///< of the rows' memory
  Tolerance tolerance;
  std::vector<PublishedRow> rows;
  std::vector<PublishedSeries> series;
  std::vector<PublishedOperation> operations{};
};
template <> const Record<PublishedTable>& record_of<PublishedTable>();

/// One row compared.
struct ValidatedRow {
  PublishedRow published;
  std::string problem; ///< why it could not be simulated; empty when it was
  Seconds step;
  Bytes memory;
  Seconds forward, backward;
  std::string chip_line, kernels; ///< its kind: line of chips and execution style
  int accelerators = 0;
  std::optional<double> step_error, memory_error, forward_error, backward_error; ///< simulated / published - 1
};

/// One table compared.
struct ValidatedTable {
  PublishedTable published;
  std::vector<ValidatedRow> rows;
  ErrorSummary step, memory, layer;
  std::vector<ValidatedSeries> series;
  SeriesErrors small, large; ///< of all series together
  std::vector<ValidatedOperation> operations;
  ErrorSummary operation;
  std::vector<std::string> failures; ///< tolerances exceeded and rows that did not run, in words
};

/// Reads a table. Throws ConfigError.
PublishedTable read_table(const std::string& file);
/// Paths of all tables of the data folder, sorted, or of the one named, or of those whose names go on after it: "collectives" stands for
/// "collectives-a100" and all others like it. Throws ConfigError when there is none.
std::vector<std::string> table_files(const DataFolder& data, const std::string& name);
/// Simulates every row, two at a time in child processes. `memory: refuse` of a row's scenario is respected.
ValidatedTable validate(const std::string& file, const std::vector<Override>& overrides, const DataFolder& data);
/// Holds simulated rows, judged series and timed operations to the published ones: errors, summaries, failures. Pure arithmetic.
ValidatedTable judge(PublishedTable published, std::vector<ValidatedRow> rows, std::vector<ValidatedSeries> series = {},
                     std::vector<ValidatedOperation> operations = {});

/// What a row simulates: its scenario, and the settings it and the user change.
struct RowScenario {
  std::string file;
  std::vector<Override> overrides;
};
RowScenario scenario_of(const PublishedRow& row, const std::string& table_file, const std::vector<Override>& overrides);

/// Errors of the tables of one family together.
struct FamilySummary {
  std::string name;
  ErrorSummary step, memory, layer, operation;
};
/// Families in the order of their first tables; tables of series alone are left out.
std::vector<FamilySummary> by_family(const std::vector<ValidatedTable>& tables);
/// All families together.
FamilySummary all_families(const std::vector<ValidatedTable>& tables);

/// Errors of bus bandwidths over the series of several tables, every point counting alike.
struct BandErrors {
  SeriesErrors small, large;
};
void add(BandErrors& all, const ValidatedTable& table);

} // namespace weft
