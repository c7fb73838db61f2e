// Report kinds: each file in kinds/ turns results into one output. To the terminal, or into --out DIR.
#pragma once
#include "metrics/expectation.hpp"
#include "metrics/results.hpp"

#include <iosfwd>
#include <string>
#include <vector>

namespace weft {

/// How shares are drawn in text.
enum class Bars { none, ascii, blocks };

/// Everything a report may look at.
struct Report {
  const Scenario* scenario = nullptr;
  const Fabric* fabric = nullptr;
  const Job* job = nullptr;
  const Folding* folding = nullptr;
  const Trace* trace = nullptr;
  const Results* results = nullptr;
  std::string version;
  Bars bars = Bars::none;
  std::optional<Expectation> expectation{}; ///< of the step time; nothing: not known
};

/// One output form.
struct ReportKind {
  const char* name; ///< "table", "json", "tasks", "links", "perfetto"
  const char* summary;
  const char* file; ///< name under --out, "results.json"; nullptr: terminal only
  /// Writes the whole output. Byte-identical for equal reports.
  void (*render)(const Report& report, std::ostream& out);
};

const std::vector<const ReportKind*>& report_kinds();
/// By name, or nullptr.
const ReportKind* find_report(const std::string& name);

/// Makes `folder` if need be and checks that files can be written there. Throws ConfigError. Called before the simulation, so that
/// a wrong --out costs no waiting.
void check_folder(const std::string& folder);
/// Writes every kind that has a file under `folder`: all to temporary files first, then renamed, so that nothing half-written is left.
/// Throws ConfigError when something cannot be written.
void write_reports(const Report& report, const std::string& folder);

} // namespace weft
