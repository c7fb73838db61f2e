#include "config/text_file.hpp"

#include "config/characters.hpp"
#include "config/error.hpp"

#include <cstdint>
#include <filesystem>
#include <fstream>

namespace weft {
namespace {

constexpr std::size_t largest_file = std::size_t{16} << 20; // bytes

void check_size(std::size_t size, const std::string& file)
{
  if (size > largest_file) throw ConfigError(Place{file}, "", "larger than 16 MiB (split it or make it smaller)");
}

} // namespace

std::string checked_text(const std::string& bytes, const std::string& file)
{
  check_size(bytes.size(), file);
  check_characters(bytes, file);
  return bytes.starts_with("\xef\xbb\xbf") ? bytes.substr(3) : bytes;
}

std::string read_text_file(const std::string& path, const std::string& what)
{
  namespace fs = std::filesystem;
  const auto bad = [&](const std::string& problem) { throw ConfigError(Place{path}, "", problem); };
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) bad("no such file (check the path)");
  if (status.type() == fs::file_type::directory) bad("a directory (name a file)");
  if (error) bad("cannot be read (check the path and its permissions)");
  if (status.type() != fs::file_type::regular) bad("not a regular file (name " + what + ")");
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) bad("cannot be read (check its permissions)");
  check_size(size > largest_file ? largest_file + 1 : static_cast<std::size_t>(size), path);
  std::ifstream stream(path, std::ios::binary);
  if (!stream) bad("cannot be opened (check its permissions)");
  std::string text(largest_file + 1, '\0'); // one more than allowed, in case the file grew meanwhile
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) bad("cannot be read (check its permissions)");
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

} // namespace weft
