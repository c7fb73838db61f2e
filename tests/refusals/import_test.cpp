// `weft import` and the key `import` from the outside: the same machine either way, and what is refused.
#include "run_weft.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace weft;
namespace fs = std::filesystem;

namespace {

const fs::path imported = fs::path(WEFT_SOURCE_DIR) / "scenarios" / "imported";

void write(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

/// What `weft topo` says of a machine, without its title.
std::string network_of(const test::Scratch& scratch, const std::string& machine)
{
  const test::Outcome outcome = test::run_weft({"topo", machine}, scratch.path());
  CAPTURE(outcome.err);
  CHECK(outcome.code == 0);
  return outcome.out.substr(outcome.out.find('\n') + 1);
}

} // namespace

TEST_CASE("what weft import prints builds the same machine as the file itself does under the key import")
{
  const test::Scratch scratch;
  for (const char* file : {"leaf-spine.graphml", "leaf-spine.dot", "ring-switch.yml", "dual-tor-simai.txt", "one-switch-ns3.txt"}) {
    CAPTURE(file);
    const std::string path = (imported / file).string();
    const test::Outcome outcome =
        test::run_weft({"import", path, "--platform", "dgx-h100-fat-tree", "--out", "printed.yaml"}, scratch.path());
    CHECK(outcome.code == 0);
    CHECK(outcome.out.empty());
    write(scratch.path() / "direct.yaml", "base: dgx-h100-fat-tree\nimport: " + path + "\n");
    const std::string direct = network_of(scratch, "direct.yaml");
    CHECK(!direct.empty());
    CHECK(network_of(scratch, "printed.yaml") == direct);
  }
}

TEST_CASE("a drawing in GraphML and the same in DOT are one machine")
{
  const test::Scratch scratch;
  for (const std::string format : {"graphml", "dot"})
    write(scratch.path() / (format + ".yaml"), "base: dgx-h100-fat-tree\nimport: " + (imported / ("leaf-spine." + format)).string() + "\n");
  CHECK(network_of(scratch, "graphml.yaml") == network_of(scratch, "dot.yaml"));
}

TEST_CASE("a machine drawn by weft topo --dot is read back with its switches and cables")
{
  const test::Scratch scratch;
  const test::Outcome drawn = test::run_weft({"topo", "dgx-h100-fat-tree", "--set", "nodes=4", "--dot"}, scratch.path());
  write(scratch.path() / "drawn.dot", drawn.out);
  const test::Outcome read = test::run_weft({"import", "drawn.dot"}, scratch.path());
  CHECK(read.code == 0);
  // 4 nodes of 8 adapters on one switch of 64 ports.
  std::size_t links = 0;
  for (std::size_t at = read.out.find("from: node"); at != std::string::npos; at = read.out.find("from: node", at + 1)) ++links;
  CHECK(links == 32);
  CHECK(read.out.find("nodes: 4\n") != std::string::npos);
  CHECK(read.out.find("ports: 32\n") != std::string::npos);
  // A large machine is drawn with gaps, which are no machine.
  write(scratch.path() / "gaps.dot", test::run_weft({"topo", "dgx-h100-fat-tree", "--set", "nodes=64", "--dot"}, scratch.path()).out);
  const test::Outcome gaps = test::run_weft({"import", "gaps.dot"}, scratch.path());
  CHECK(gaps.code == 2);
  CHECK(gaps.err.find("the drawing leaves out part of the machine") != std::string::npos);
}

TEST_CASE("keys written beside an import win over it, and overrides over both")
{
  const test::Scratch scratch;
  write(scratch.path() / "scenario.yaml",
        "title: t\nplatform: {base: dgx-h100-fat-tree, import: " + (imported / "leaf-spine.graphml").string() +
            ", routing: ecmp}\ncollective: {operation: all-reduce, bytes: 1 MiB}\nplan: {dp: 32}\n");
  const test::Outcome own = test::run_weft({"run", "scenario.yaml", "--dump", "spec"}, scratch.path());
  CAPTURE(own.err);
  CHECK(own.out.find("routing: ecmp") != std::string::npos);
  CHECK(own.out.find("import") == std::string::npos); // what was read stands in its place
  CHECK(own.out.find("from: node3/nic1") != std::string::npos);
  const test::Outcome overridden = test::run_weft(
      {"run", "scenario.yaml", "--set", "platform.node.accelerators=4", "--set", "plan.dp=16", "--dump", "spec"}, scratch.path());
  CHECK(overridden.out.find("accelerators: 4\n") != std::string::npos);
}

TEST_CASE("a training script read as it stands is the scenario that says the same by hand")
{
  const auto spec = [](const char* file) {
    const test::Outcome outcome = test::run_weft({"run", file, "--dump", "spec"}, fs::path(WEFT_SOURCE_DIR) / "scenarios");
    CAPTURE(outcome.err);
    CHECK(outcome.code == 0);
    return outcome.out;
  };
  // Lines of the plan: the same figures under the same keys.
  const auto plan = [](const std::string& text) {
    return text.substr(text.find("\nplan:"), text.find("\nfaults:") - text.find("\nplan:"));
  };
  CHECK(plan(spec("imported/gpt-175b-megatron.yaml")) == plan(spec("quickstart.yaml")));
}

TEST_CASE("what weft import prints of a training configuration runs as the configuration itself does")
{
  const test::Scratch scratch;
  struct Job {
    const char *file, *machine, *accelerators;
  };
  for (const Job& job : {Job{"gpt-175b-megatron.sh", "dgx-a100-fat-tree", "1024"}, Job{"gpt-20b-nemo.yml", "dgx-a100-fat-tree", "64"},
                         Job{"llama3-8b-torchtitan.toml", "dgx-h100-fat-tree", "128"}}) {
    CAPTURE(job.file);
    const std::string path = (imported / job.file).string();
    const test::Outcome printed = test::run_weft(
        {"import", path, "--platform", job.machine, "--accelerators", job.accelerators, "--out", "printed.yaml"}, scratch.path());
    CAPTURE(printed.err);
    CHECK(printed.code == 0);
    write(scratch.path() / "direct.yaml",
          "platform: " + std::string(job.machine) + "\nimport: {file: " + path + ", accelerators: " + job.accelerators + "}\n");
    const auto spec = [&](const char* file) { return test::run_weft({"run", file, "--dump", "spec"}, scratch.path()).out; };
    CHECK(!spec("direct.yaml").empty());
    CHECK(spec("printed.yaml") == spec("direct.yaml"));
  }
}

TEST_CASE("bad imports are refused in one line at their place")
{
  const test::Scratch scratch;
  write(scratch.path() / "bad.dot", "graph {\n  a -> b\n}\n");
  write(scratch.path() / "prose.txt", "Dear all,\n");
  write(scratch.path() / "bytes.dot", "graph \xff {}\n");
  write(scratch.path() / "far.dot", "graph { h [role=server]; h -- s; t -- u }\n");
  write(scratch.path() / "big.dot", "graph { // " + std::string(17'000'000, 'x') + "\n}\n");
  fs::create_directory(scratch.path() / "folder");
  struct Case {
    std::vector<std::string> arguments;
    std::string part;
  };
  for (const Case& one :
       {Case{{"import"}, "names nothing to work on"}, Case{{"import", "nowhere.dot"}, "nowhere.dot: no such file (check the path)"},
        Case{{"import", "folder"}, "folder: a directory (name a file)"},
        Case{{"import", "bad.dot"}, "bad.dot:2:5: '->' in a graph (write --)"},
        Case{{"import", "prose.txt"}, "prose.txt: not a format that can be imported (name one with `format`: astra-sim, "},
        Case{{"import", "bytes.dot"}, "bytes.dot:1:7: not UTF-8"}, Case{{"import", "big.dot"}, "larger than 16 MiB"},
        Case{{"import", "bad.dot", "--format", "dott"}, "did you mean 'dot'?"},
        Case{{"import", "bad.dot", "--format", "graphml"}, "bad.dot:1:1: not valid XML"},
        Case{{"import", "far.dot", "--set", "server=h*"}, "--set: unknown key 'server' (did you mean 'servers'?)"},
        Case{{"import", "far.dot", "--platform", "dgx-h100"}, "there is no platform 'dgx-h100'"},
        Case{{"topo", "dgx-h100-fat-tree", "--set", "import=bad.dot"}, "bad.dot:2:5: '->' in a graph"},
        Case{{"topo", "dgx-h100-fat-tree", "--set", "import=far.dot"}, "the machine falls into parts"},
        Case{{"topo", "dgx-h100-fat-tree", "--set", "import=[a]"}, "expected the name of a file to import"},
        Case{{"topo", "dgx-h100-fat-tree", "--set", "import.format=dot"}, "missing key 'file'"}}) {
    const test::Outcome outcome = test::run_weft(one.arguments, scratch.path());
    CAPTURE(outcome.err);
    CHECK(outcome.code == 2);
    CHECK(outcome.out.empty());
    CHECK(outcome.err.find(one.part) != std::string::npos);
    CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
  }
}
