#include "report/report.hpp"

#include "config/error.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <unistd.h>

namespace weft {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void cannot_write(const fs::path& path, const std::string& why)
{
  throw ConfigError({path.string()}, "", "cannot be written: " + why + " (give --out a folder you may write to)");
}

/// A file under another name until it is complete; removed when it never becomes so.
class PendingFile {
  fs::path final_, pending_;

public:
  explicit PendingFile(const fs::path& final) : final_(final), pending_(final.parent_path() / ("." + final.filename().string() + ".part"))
  {
  }
  PendingFile(PendingFile&& other) noexcept : final_(std::move(other.final_)), pending_(std::move(other.pending_))
  {
    other.pending_.clear();
  }
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;
  PendingFile& operator=(PendingFile&&) = delete;
  ~PendingFile()
  {
    std::error_code ignored;
    if (!pending_.empty()) fs::remove(pending_, ignored);
  }

  void fill(const ReportKind& kind, const Report& report) const
  {
    errno = 0;
    std::ofstream out(pending_, std::ios::binary | std::ios::trunc);
    if (!out) cannot_write(final_, std::strerror(errno));
    kind.render(report, out);
    out.close();
    if (!out) cannot_write(final_, errno != 0 ? std::strerror(errno) : "the file system refused the data");
  }

  void publish()
  {
    std::error_code error;
    fs::rename(pending_, final_, error);
    if (error) cannot_write(final_, error.message());
    pending_.clear();
  }
};

} // namespace

const ReportKind* find_report(const std::string& name)
{
  for (const ReportKind* kind : report_kinds())
    if (kind->name == name) return kind;
  return nullptr;
}

void check_folder(const std::string& folder)
{
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_directory(folder, error))
    throw ConfigError({folder}, "", "is a file, not a folder (give --out a folder)");
  fs::create_directories(folder, error);
  if (error) cannot_write(folder, error.message());
  if (access(folder.c_str(), W_OK | X_OK) != 0) cannot_write(folder, std::strerror(errno));
}

void write_reports(const Report& report, const std::string& folder)
{
  check_folder(folder);
  std::vector<PendingFile> files;
  for (const ReportKind* kind : report_kinds()) {
    if (kind->file == nullptr) continue;
    files.emplace_back(fs::path(folder) / kind->file);
    files.back().fill(*kind, report);
  }
  for (PendingFile& file : files) file.publish();
}

} // namespace weft
