#include "cli/write_file.hpp"

#include "config/error.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace weft {

void write_file(const std::string& path, const std::string& content)
{
  namespace fs = std::filesystem;
  if (path.empty() || fs::is_directory(path)) throw ConfigError({path}, "", "cannot be written: it is no file name (name a file)");
  const fs::path target(path);
  const fs::path pending = target.parent_path() / ("." + target.filename().string() + ".part");
  errno = 0;
  std::ofstream out(pending, std::ios::binary | std::ios::trunc);
  out << content;
  out.close();
  const int problem = errno;
  std::error_code error;
  if (out) fs::rename(pending, target, error);
  if (out && !error) return;
  std::error_code ignored;
  fs::remove(pending, ignored);
  const std::string why = error ? error.message() : problem != 0 ? std::strerror(problem) : "the file system refused the data";
  throw ConfigError({path}, "", "cannot be written: " + why + " (name a file in a folder you may write to)");
}

} // namespace weft
