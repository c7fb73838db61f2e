// Runs the whole program in a child process: arguments in, exit code, output and memory out. The child is limited in time and memory,
// so that a hang or a bomb is a failed test and not a stuck machine.
#pragma once
#include "cli/entry.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace weft::test {

/// How a run ended.
struct Outcome {
  int code = -1; ///< exit code; 128 + signal when killed
  std::string out, err;
  long most_memory_kib = 0;
};

inline std::string content_of(const std::filesystem::path& path)
{
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// A folder of its own that goes away with the test.
class Scratch {
  std::filesystem::path path_;

public:
  Scratch()
  {
    std::string name = (std::filesystem::temp_directory_path() / "weft-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~Scratch()
  {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
};

/// Runs `weft ARGUMENTS` in `folder`.
inline Outcome run_weft(const std::vector<std::string>& arguments, const std::filesystem::path& folder)
{
  constexpr unsigned longest_seconds = 120; // of processor time: many times what the slowest sanitized run takes
  const Scratch scratch;
  const std::string out = (scratch.path() / "out").string(), err = (scratch.path() / "err").string();
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    const rlimit time{longest_seconds, longest_seconds};
    setrlimit(RLIMIT_CPU, &time);
    const int out_file = open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600),
              err_file = open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (dup2(out_file, STDOUT_FILENO) < 0 || dup2(err_file, STDERR_FILENO) < 0 || chdir(folder.c_str()) != 0) std::_Exit(99);
    setenv("WEFT_DATA", WEFT_SOURCE_DIR, 1);
    std::vector<const char*> words{"weft"};
    for (const std::string& argument : arguments) words.push_back(argument.c_str());
    std::_Exit(weft_main(static_cast<int>(words.size()), words.data()));
  }
  int status = 0;
  rusage usage{};
  wait4(child, &status, 0, &usage);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), content_of(out), content_of(err), usage.ru_maxrss};
}

} // namespace weft::test
