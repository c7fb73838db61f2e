// Bad input that is made rather than kept: too large, too deep, not text, not a file, nowhere to write.
#include "run_weft.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include <sys/stat.h>

using namespace weft;
namespace fs = std::filesystem;

namespace {

constexpr long half_a_gib = 512L * 1024; // in KiB

void write(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

const std::string good = "title: A good scenario\n"
                         "platform: dgx-a100-1\n"
                         "workload: {base: megatron-sc21, model: gpt-tiny, sequence: 128, batch: 8}\n"
                         "plan: {tp: 2, pp: 2, dp: 2}\n";

/// Runs bad.yaml with that content; checks that it is refused with one line in bounded memory; gives the line.
std::string refusal_of(const std::string& text)
{
  const test::Scratch scratch;
  write(scratch.path() / "bad.yaml", text);
  const test::Outcome outcome = test::run_weft({"run", "bad.yaml"}, scratch.path());
  CHECK(outcome.code == 2);
  CHECK(outcome.out.empty());
  CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
#ifndef __SANITIZE_ADDRESS__
  CHECK(outcome.most_memory_kib < half_a_gib);
#endif
  return outcome.err.substr(0, outcome.err.find('\n'));
}

std::string repeated(const std::string& text, int times)
{
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

/// A table of ten lists, each of ten references to the one before: 10^9 values when written out.
std::string bomb()
{
  std::string text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n";
  for (char name = 'b'; name <= 'i'; ++name) {
    const std::string before = std::string("*") + static_cast<char>(name - 1);
    text += std::string(1, name) + ": &" + name + " [" + before + repeated(", " + before, 9) + "]\n";
  }
  return text;
}

} // namespace

TEST_CASE("a good scenario is not refused, so that the others are refused for what is bad in them")
{
  const test::Scratch scratch;
  write(scratch.path() / "good.yaml", good);
  const test::Outcome outcome = test::run_weft({"run", "good.yaml", "--quiet"}, scratch.path());
  CHECK(outcome.code == 0);
  CHECK(outcome.out.empty());
  CHECK(outcome.err.empty());
}

TEST_CASE("a file of 100 MB is refused unread")
{
  CHECK(refusal_of(good + "# " + std::string(100'000'000, 'x') + "\n") == "bad.yaml: larger than 16 MiB (split it or make it smaller)");
}

TEST_CASE("aliases that explode are refused") { CHECK(refusal_of(bomb()).find("bad.yaml:") == 0); }

TEST_CASE("nesting without end is refused")
{
  CHECK(refusal_of(repeated("[", 100'000)).find("bad.yaml:1:") == 0);
  CHECK(refusal_of("plan: " + repeated("{a: ", 5'000) + "1" + repeated("}", 5'000)).find("bad.yaml:1:") == 0);
  std::string deep;
  for (int i = 0; i < 3'000; ++i) deep += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  CHECK(refusal_of(deep).find("bad.yaml:") == 0);
}

TEST_CASE("what is not text is refused with its place")
{
  CHECK(refusal_of("title: \xff\xfe\n") == "bad.yaml:1:8: not UTF-8 (save the file as UTF-8)");
  CHECK(refusal_of("title: caf\xe9\n") == "bad.yaml:1:11: not UTF-8 (save the file as UTF-8)");
  CHECK(refusal_of(std::string("title: a\0b\n", 11)) == "bad.yaml:1:9: a control character (remove it)");
  CHECK(refusal_of("title: a\x1b[31mb\n") == "bad.yaml:1:9: a control character (remove it)");
}

TEST_CASE("nothing is no scenario")
{
  for (const char* text : {"", "\n\n", "# only a comment\n", "---\n", "null\n"}) CHECK(refusal_of(text).find("bad.yaml") == 0);
}

TEST_CASE("random bytes are refused, never crash")
{
  std::uint64_t state = 20240229;
  for (int round = 0; round < 20; ++round) {
    std::string bytes = round % 2 == 0 ? "" : good;
    for (int i = 0; i < 200; ++i) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL; // Knuth, MMIX
      const char byte = static_cast<char>(state >> 57U);
      if (round % 2 == 0)
        bytes += byte;
      else
        bytes[(state >> 20U) % bytes.size()] = byte;
    }
    CHECK(refusal_of(bytes).find("bad.yaml") == 0);
  }
}

TEST_CASE("what is no file is refused")
{
  const test::Scratch scratch;
  fs::create_directory(scratch.path() / "folder.yaml");
  const auto err = [&](const char* name) {
    const test::Outcome outcome = test::run_weft({"run", name}, scratch.path());
    CHECK(outcome.code == 2);
    return outcome.err;
  };
  CHECK(err("folder.yaml") == "folder.yaml: a directory (name a file)\n");
  CHECK(err("nowhere.yaml") == "nowhere.yaml: no such file (check the path)\n");
  CHECK(err("").find("no such file") != std::string::npos);
  CHECK(err("/dev/zero").find("/dev/zero: ") == 0);
}

TEST_CASE("--out that cannot be written is refused before anything is simulated")
{
  const test::Scratch scratch;
  write(scratch.path() / "good.yaml", good);
  write(scratch.path() / "taken", "mine");
  const auto err = [&](const char* folder) {
    const test::Outcome outcome = test::run_weft({"run", "good.yaml", "--out", folder}, scratch.path());
    CHECK(outcome.code == 2);
    CHECK(outcome.out.empty());
    return outcome.err;
  };
  CHECK(err("taken") == "taken: is a file, not a folder (give --out a folder)\n");
  CHECK(err("taken/below") == "taken/below: cannot be written: Not a directory (give --out a folder you may write to)\n");
  CHECK(err("/proc/weft").find("/proc/weft: cannot be written: ") == 0);
  CHECK(test::content_of(scratch.path() / "taken") == "mine");
}

TEST_CASE("a bad --set is refused with one line")
{
  const test::Scratch scratch;
  write(scratch.path() / "good.yaml", good);
  for (const std::string set : {"plan.tq=4", "plan.tp=four", "plan.tp=", "plan..tp=1", "plan.tp[0]=1", "nothing=1", "plan.tp={",
                                "faults.stragglers[9].slowdown=2"}) {
    CAPTURE(set);
    const test::Outcome outcome = test::run_weft({"run", "good.yaml", "--set", set}, scratch.path());
    CHECK(outcome.code == 2);
    CHECK(outcome.out.empty());
    CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
  }
}

TEST_CASE("a job that does not fit can be simulated all the same when asked")
{
  const fs::path cases = fs::path(WEFT_SOURCE_DIR) / "tests" / "refusals" / "cases";
  CHECK(test::run_weft({"run", "does-not-fit-in-memory.yaml", "--quiet"}, cases).code == 3);
  CHECK(test::run_weft({"run", "does-not-fit-in-memory.yaml", "--quiet", "--set", "engine.memory=warn"}, cases).code == 0);
}

TEST_CASE("a reader that goes away early is no failure")
{
  const test::Scratch scratch;
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]); // nobody reads
    const int err = open((scratch.path() / "err").c_str(), O_WRONLY | O_CREAT, 0600);
    dup2(ends[1], STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    const char* words[] = {"weft", "--help"};
    std::_Exit(weft_main(2, words));
  }
  close(ends[0]);
  close(ends[1]);
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(test::content_of(scratch.path() / "err").empty());
}

TEST_CASE("a full disk behind standard output is told")
{
  if (!fs::exists("/dev/full")) return;
  const test::Scratch scratch;
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    const int full = open("/dev/full", O_WRONLY), err = open((scratch.path() / "err").c_str(), O_WRONLY | O_CREAT, 0600);
    dup2(full, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    const char* words[] = {"weft", "--help"};
    std::_Exit(weft_main(2, words));
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WEXITSTATUS(status) == 3);
  CHECK(test::content_of(scratch.path() / "err") == "standard output cannot be written (is the disk full?)\n");
}
