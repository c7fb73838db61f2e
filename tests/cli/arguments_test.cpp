#include "cli/commands.hpp"
#include "config/error.hpp"

#include <doctest/doctest.h>

#include <set>
#include <sstream>

using namespace weft;

namespace {

/// What a command line prints and returns.
struct Said {
  int code = 0;
  std::string out;
};

Said say(const std::vector<std::string>& words)
{
  std::ostringstream out, err;
  Context context;
  context.data = {WEFT_SOURCE_DIR};
  context.version = "1.2.3";
  context.out = &out;
  context.err = &err;
  const int code = run_command_line(words, context);
  return {code, out.str()};
}

std::string refused(const std::vector<std::string>& words)
{
  try {
    say(words);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

} // namespace

TEST_CASE("values follow an option or are attached to it")
{
  const Arguments apart = parse(run_command(), {"a.yaml", "--set", "plan.tp=4", "--out", "x"});
  const Arguments attached = parse(run_command(), {"--out=x", "--set=plan.tp=4", "a.yaml"});
  for (const Arguments& arguments : {apart, attached}) {
    CHECK(arguments.operands == std::vector<std::string>{"a.yaml"});
    REQUIRE(arguments.overrides.size() == 1);
    CHECK(arguments.overrides[0].path == "plan.tp");
    CHECK(arguments.overrides[0].value == "4");
    CHECK(arguments.value("--out", "") == "x");
  }
}

TEST_CASE("a value may hold equals signs, and what follows -- is a file")
{
  const Arguments arguments = parse(run_command(), {"--set", "title=a=b", "--", "--odd.yaml"});
  CHECK(arguments.overrides[0].value == "a=b");
  CHECK(arguments.operands[0] == "--odd.yaml");
}

TEST_CASE("slips on the command line are refused with what to do")
{
  CHECK(refused({"run", "--ouput", "x"}) == "weft run: unknown option '--ouput' (did you mean '--out'?)");
  CHECK(refused({"run"}) == "weft run: names nothing to work on (write weft run FILE)");
  CHECK(refused({"run", "a.yaml", "b.yaml"}) == "weft run: does not know what to do with 'b.yaml' (write weft run FILE)");
  CHECK(refused({"run", "a.yaml", "--out"}) == "weft run: --out needs a value (write --out DIR)");
  CHECK(refused({"run", "a.yaml", "--quiet=yes"}) == "weft run: --quiet takes no value");
  CHECK(refused({"run", "a.yaml", "--set", "plan.tp"}) == "weft run: --set needs key.path=value, got 'plan.tp' (write --set plan.tp=4)");
  CHECK(refused({"run", "a.yaml", "--set", "plan.tp="}) ==
        "weft run: --set plan.tp has no value (write null for the default, or '' for an empty text)");
  CHECK(refused({"run", "a.yaml", "--out", "x", "--out", "y"}) == "weft run: --out is given twice");
  CHECK(refused({"run", "a.yaml", "--dump", "specs"}) == "weft run: --dump cannot be 'specs' (did you mean 'spec'?)");
  CHECK(refused({"run", "a.yaml", "--format", "xml"}).find("weft run: --format cannot be 'xml'") == 0);
  CHECK(refused({"compare", "a.yaml"}) == "weft compare: needs at least 2 files (write weft compare A.yaml B.yaml ...)");
  CHECK(refused({"list", "chip"}) == "weft list: there is no list of 'chip' (did you mean 'chips'?)");
  CHECK(refused({"comparre"}) == "weft: unknown command 'comparre' (did you mean 'compare'?)");
  CHECK(refused({"a.yaml"}) == "weft: unknown command 'a.yaml' (write weft run FILE)");
  CHECK(refused({"docs", "format"}) == "weft docs: knows formats and schema, not 'format' (write weft docs formats)");
  CHECK(refused({"completion", "fish"}) == "weft completion: knows bash and zsh, not 'fish' (write weft completion bash)");
}

TEST_CASE("help teaches: every command has a summary and names every option it takes")
{
  const std::string general = say({"--help"}).out;
  std::set<std::string> names;
  for (const Command& command : all_commands()) {
    CHECK(names.insert(command.name).second);
    CHECK(general.find(command.summary) != std::string::npos);
    const std::string help = say({command.name, "--help"}).out;
    CHECK(help == say({"help", command.name}).out);
    for (const OptionInfo& option : command.options) CHECK(help.find(option.name) != std::string::npos);
  }
  CHECK(say({}).code == exit_bad_input);
  CHECK(say({"--help"}).code == exit_done);
}

TEST_CASE("the version is printed") { CHECK(say({"--version"}).out == "weft 1.2.3\n"); }

TEST_CASE("completion offers every command and option")
{
  const std::string script = say({"completion", "bash"}).out;
  for (const Command& command : all_commands()) {
    CHECK(script.find(command.name) != std::string::npos);
    for (const OptionInfo& option : command.options) CHECK(script.find(option.name) != std::string::npos);
  }
}

TEST_CASE("every list has entries, and presets come with a source and how far to trust it")
{
  for (const char* list : {"chips", "nodes", "links", "switches", "clusters", "libraries", "models", "jobs", "rules", "scaleup", "topologies", "routings", "collectives",
                           "schedules", "reports"}) {
    const std::string text = say({"list", list}).out;
    CHECK_MESSAGE(text.find("\n  ") != std::string::npos, list);
  }
  CHECK(say({"list", "chips"}).out.find("[") != std::string::npos);
}

TEST_CASE("check says in words what would be simulated")
{
  const Said said = say({"check", std::string(WEFT_SOURCE_DIR) + "/scenarios/quickstart.yaml"});
  CHECK(said.code == exit_done);
  for (const char* part :
       {"machine: 128 nodes dgx-a100", "96 layers of width 12,288", "tensor 8 x pipeline 16 x data 8 = 1,024 of 1,024 accelerators",
        "192 microbatches", "memory: ", "Nothing was simulated."})
    CHECK_MESSAGE(said.out.find(part) != std::string::npos, part);
}

TEST_CASE("check tells what would not fit with the exit code of the run")
{
  const Said said = say({"check", std::string(WEFT_SOURCE_DIR) + "/scenarios/quickstart.yaml", "--set", "plan.recompute=none", "--set",
                         "plan.pp=2", "--set", "plan.dp=64"});
  CHECK(said.code == exit_cannot_finish);
  CHECK(said.out.find("does not fit in memory") != std::string::npos);
}

TEST_CASE("topo describes a machine and draws it")
{
  CHECK(say({"topo", "dgx-a100-1"}).out.find("accelerators") != std::string::npos);
  CHECK(say({"topo", "dgx-a100-1", "--dot"}).out.find("graph") != std::string::npos);
}

TEST_CASE("the reference of formats and the schema are printed from the code that reads")
{
  CHECK(say({"docs", "formats"}).out.find("virtual-stages") != std::string::npos);
  CHECK(say({"docs", "schema"}).out.find("\"$schema\"") != std::string::npos);
}
