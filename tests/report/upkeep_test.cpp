#include "report/upkeep.hpp"
#include "small_report.hpp"

#include <doctest/doctest.h>

using namespace weft;

namespace {

/// Two nodes of 10 kW and unknown price at half load, a switch of unknown power, eight cables of 2 W and 100 USD without a failure rate.
void add_machine(Results& results)
{
  results.bill.items = {{.group = BillGroup::nodes, .name = "nodes toy", .count = 2, .power = Watts(10000), .price = std::nullopt},
                        {.group = BillGroup::switches, .name = "switches toy", .count = 1, .power = std::nullopt, .price = Dollars(5000)},
                        {.group = BillGroup::cables, .name = "access cables toy", .count = 8, .power = Watts(2), .price = Dollars(100)}};
  results.bill.failures = {{.part = FailingPart::cables,
                            .name = "access cables toy",
                            .parts = 8,
                            .fit = std::nullopt,
                            .repair = std::nullopt,
                            .links_stopped = 1,
                            .links_in_repair = 1,
                            .interrupting = 1,
                            .nodes_cut = 1}};
  results.bill.switches = 1;
  results.bill.tiers = 1;
  Upkeep upkeep;
  upkeep.load = 0.5;
  results.machine = machine_upkeep(results.bill, upkeep);
  results.run.per_step = {Joules(1000), {"power of switches toy"}};
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

} // namespace

TEST_CASE("a sum that lacks a part is at least what is known, one that lacks all is not known")
{
  CHECK(tally_text(Tally<Watts>{Watts(1500), {}}) == "1.5 kW");
  CHECK(tally_text(Tally<Watts>{Watts(1500), {"power of x"}}) == ">= 1.5 kW");
  CHECK(tally_text(Tally<Watts>{Watts(0), {"power of x"}}) == "not known");
  CHECK(tally_text(Tally<Watts>{Watts(0), {}}) == "0 W");
}

TEST_CASE("the table of the machine shows what is not known instead of zero")
{
  test::SmallReport small;
  CHECK(upkeep_table(small.results).empty());
  add_machine(small.results);
  const std::string table = upkeep_table(small.results);
  CAPTURE(table);
  CHECK(contains(table, "  nodes toy          2        10 kW    not known\n")); // 2 x 10 kW at half load
  CHECK(contains(table, "  switches toy       1    not known       5 kUSD\n"));
  CHECK(contains(table, "  access cables toy  8         16 W      800 USD\n"));
  CHECK(contains(table, ">= 10.02 kW"));
  CHECK(contains(table, ">= 5.8 kUSD"));
  CHECK(contains(table, ">= 1 kJ"));
  CHECK(contains(table, "link failures a month  not known"));
}

TEST_CASE("all that is lacking is named once")
{
  test::SmallReport small;
  add_machine(small.results);
  CHECK(unknowns(small.results.machine) ==
        std::vector<std::string>{"power of switches toy", "price of nodes toy", "failures of access cables toy"});
}

TEST_CASE("in JSON unknown figures of parts are null and sums name what they lack")
{
  test::SmallReport small;
  add_machine(small.results);
  const std::string json = small.rendered("json");
  CHECK(contains(json, "\"rated_power_each_w\": null"));
  CHECK(contains(json, "\"power_w\": {\n      \"known\": 10016,\n      \"lacking\": [\n        \"power of switches toy\"\n      ]"));
}
