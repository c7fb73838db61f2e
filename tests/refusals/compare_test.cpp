// `weft compare` from the outside: the table, its two other forms, and what it says of figures that are not known.
#include "run_weft.hpp"

#include <doctest/doctest.h>

using namespace weft;

namespace {

/// Sixteen H100 in two nodes on one leaf, with what the fabric says.
void write_scenario(const test::Scratch& scratch, const std::string& name, const std::string& fabric)
{
  std::ofstream(scratch.path() / (name + ".yaml"))
      << "platform: {base: dgx-h100-superpod, nodes: 2, fabric: {kind: fat-tree, " << fabric << "}}\n"
      << "workload: {base: megatron-sc21, model: gpt-tiny, sequence: 128, batch: 8, token-budget: 1e6}\n"
      << "plan: {tp: 2, pp: 2, dp: 4}\n"
      << "upkeep: {accelerator-hour: 2 USD}\n";
}

test::Outcome compare(const test::Scratch& scratch, std::vector<std::string> arguments)
{
  arguments.insert(arguments.begin(), "compare");
  return test::run_weft(arguments, scratch.path());
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// The line of a table that opens with `name`, runs of blanks as one.
std::string line_of(const std::string& table, const std::string& name)
{
  std::istringstream lines(table);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(name)) continue;
    std::string single;
    for (const char c : line)
      if (c != ' ' || single.empty() || single.back() != ' ') single += c;
    return single;
  }
  return "";
}

void write_pair(const test::Scratch& scratch)
{
  write_scenario(scratch, "copper", "access: dac-400g");
  write_scenario(scratch, "optics", "access: dr4-400g, trunk: dr4-400g");
}

} // namespace

TEST_CASE("media are compared by power, price, energy and failures")
{
  const test::Scratch scratch;
  write_pair(scratch);
  const test::Outcome outcome = compare(scratch, {"copper.yaml", "optics.yaml"});
  CAPTURE(outcome.err);
  REQUIRE(outcome.code == 0);
  // One QM9700 of 747 W and 34,898 USD and sixteen cables: of 0.2 W and 200 USD, or of 18 W and 1,400 USD.
  CHECK(line_of(outcome.out, "tiers of the network") == "tiers of the network 1 1 =");
  CHECK(line_of(outcome.out, "cables between nodes") == "cables between nodes 16 16 +0.0 %");
  CHECK(line_of(outcome.out, "power of the network") == "power of the network 750.2 W 1.035 kW +38.0 %");
  CHECK(line_of(outcome.out, "price of the network") == "price of the network 38.1 kUSD 57.3 kUSD +50.4 %");
  // 16 x 20 and 16 x 800 FIT x 730.5 h.
  CHECK(line_of(outcome.out, "link failures a month") == "link failures a month 0.0002 0.0094 +3900.0 %");
  CHECK(!line_of(outcome.out, "energy per token").empty());
  CHECK(!line_of(outcome.out, "token budget, rented").empty());
  CHECK(line_of(outcome.out, "token budget, owned").empty()); // not asked: no line
  CHECK(line_of(outcome.out, "not known").empty());
}

TEST_CASE("a sum that lacks a price says so and is not compared")
{
  const test::Scratch scratch;
  write_pair(scratch);
  write_scenario(scratch, "unpriced", "access: dac-400g, switch: {base: qm9700, price: 0 USD}");
  const test::Outcome outcome = compare(scratch, {"copper.yaml", "unpriced.yaml"});
  REQUIRE(outcome.code == 0);
  CHECK(line_of(outcome.out, "price of the network") == "price of the network 38.1 kUSD >= 3.2 kUSD");
  CHECK(contains(outcome.out, "not known: price of switches qm9700 (unpriced)\n"));
}

TEST_CASE("sensitivity halves and doubles prices of cables and failures of optics")
{
  const test::Scratch scratch;
  write_pair(scratch);
  const test::Outcome outcome = compare(scratch, {"copper.yaml", "optics.yaml", "--sensitivity", "--format", "csv"});
  REQUIRE(outcome.code == 0);
  // 34,898 + 16 x (100, 700) and + 16 x (400, 2,800)
  CHECK(contains(outcome.out, "figure,copper,optics\n"));
  CHECK(contains(outcome.out, "network_capital_usd,38098,57298\n"));
  CHECK(contains(outcome.out, "network_capital_usd_cable_prices_halved,36498,46098\n"));
  CHECK(contains(outcome.out, "network_capital_usd_cable_prices_doubled,41298,79698\n"));
  CHECK(!contains(compare(scratch, {"copper.yaml", "optics.yaml", "--format", "csv"}).out, "halved"));
}

TEST_CASE("as CSV an unknown figure is empty and a part of a sum is marked")
{
  const test::Scratch scratch;
  write_pair(scratch);
  write_scenario(scratch, "unpriced", "access: {base: dac-400g, failures-per-billion-hours: 0}, switch: {base: qm9700, price: 0 USD}");
  const test::Outcome outcome = compare(scratch, {"copper.yaml", "unpriced.yaml", "--format", "csv"});
  REQUIRE(outcome.code == 0);
  CHECK(contains(outcome.out, "network_capital_usd,38098,>=3200\n"));
  CHECK(contains(outcome.out, "token_budget_owned_usd,,\n"));
  CHECK(contains(outcome.out, "tiers,1,1\n"));
}

TEST_CASE("as JSON unknown figures are null, with what they lack")
{
  const test::Scratch scratch;
  write_pair(scratch);
  write_scenario(scratch, "unpriced", "access: dac-400g, switch: {base: qm9700, price: 0 USD}");
  const test::Outcome outcome = compare(scratch, {"copper.yaml", "unpriced.yaml", "--format", "json"});
  REQUIRE(outcome.code == 0);
  CHECK(contains(outcome.out, "\"network_capital_usd\": 38098"));
  CHECK(contains(outcome.out, "\"token_budget_owned_usd\": null"));
  CHECK(contains(outcome.out, "\"price of switches qm9700\""));
  CHECK(contains(outcome.out, "\"network_capital_usd\": 3200"));
  CHECK(contains(outcome.out, "\"at_least\": [\n        \"network_capital_usd\",\n        \"capital_usd\"\n      ]"));
  CHECK(contains(outcome.out, "\"difference\": \"unpriced takes as long as copper"));
}

TEST_CASE("a run tells what its machine draws, costs and loses")
{
  const test::Scratch scratch;
  write_pair(scratch);
  const test::Outcome outcome = test::run_weft({"run", "optics.yaml"}, scratch.path());
  REQUIRE(outcome.code == 0);
  CHECK(line_of(outcome.out, "  switches qm9700") == " switches qm9700 1 747 W 34.9 kUSD");
  CHECK(line_of(outcome.out, "  access cables dr4-400g") == " access cables dr4-400g 16 288 W 22.4 kUSD");
  CHECK(line_of(outcome.out, "  nodes dgx-h100") == " nodes dgx-h100 2 13.67 kW 700 kUSD"); // 2 x 10.2 kW x 0.67
  CHECK(contains(outcome.out, "energy per step"));
  const std::string json = test::run_weft({"run", "optics.yaml", "--format", "json"}, scratch.path()).out;
  CHECK(contains(json, "\"access_cables\": 16"));
  CHECK(contains(json, "\"energy_per_token_j\""));
  CHECK(contains(json, "\"token_budget_rented_usd\""));
}

TEST_CASE("an unknown format is refused")
{
  const test::Scratch scratch;
  write_pair(scratch);
  const test::Outcome outcome = compare(scratch, {"copper.yaml", "optics.yaml", "--format", "xml"});
  CHECK(outcome.code == 2);
  CHECK(contains(outcome.err, "--format"));
}
