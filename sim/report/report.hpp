// Report kinds: each file in kinds/ turns results into one output. To the terminal, or into --out DIR.
#pragma once
#include "metrics/results.hpp"

#include <iosfwd>
#include <string>
#include <vector>

namespace weft {

/// Everything a report may look at.
struct Report {
  const Scenario* scenario = nullptr;
  const Fabric* fabric = nullptr;
  const Job* job = nullptr;
  const Folding* folding = nullptr;
  const Trace* trace = nullptr;
  const Results* results = nullptr;
  std::string version;
};

/// One output form.
struct ReportKind {
  const char* name;                    ///< "table", "json", "tasks", "links", "perfetto"
  const char* summary;
  const char* file;                    ///< name under --out, "results.json"; nullptr: terminal only
  /// The whole output as bytes.
  std::string (*render)(const Report& report);
};

const std::vector<const ReportKind*>& report_kinds();

/// Writes every file of `kinds` under `folder`: temporary file, then rename; all or nothing per file. Throws ConfigError when the folder cannot be written.
void write_reports(const Report& report, const std::string& folder);

} // namespace weft
