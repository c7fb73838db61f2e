#include "report/csv.hpp"
#include "report/numbers.hpp"
#include "report/text_table.hpp"
#include "small_report.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace weft;

namespace {

std::size_t lines_of(const std::string& text) { return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')); }

} // namespace

TEST_CASE("counts are grouped by thousands")
{
  CHECK(grouped(std::uint64_t{0}) == "0");
  CHECK(grouped(std::uint64_t{999}) == "999");
  CHECK(grouped(std::uint64_t{1000}) == "1,000");
  CHECK(grouped(std::uint64_t{98304000}) == "98,304,000");
  CHECK(grouped(-1234.6) == "-1,235");
  CHECK(grouped(-999.0) == "-999");
  CHECK(percent(0.12345) == "12.3 %");
}

TEST_CASE("columns line up by what a terminal shows, not by bytes")
{
  CHECK(display_width("\u2588\u2588a") == 3);
  CHECK(to_text(TextTable{.rows = {{"a", "1"}, {"\u00e4\u00e4", "22", "x"}}, .columns = "lr", .indent = "> "}) ==
        "> a    1\n> \u00e4\u00e4  22  x\n");
}

TEST_CASE("CSV fields are quoted where they must be")
{
  CHECK(csv_field("plain") == "plain");
  CHECK(csv_field("a, \"b\"") == "\"a, \"\"b\"\"\"");
}

TEST_CASE("the table gives the answer at a glance")
{
  const test::SmallReport small;
  const std::string text = small.rendered("table");
  for (const char* part : {"A \"small\" step",
                           "1,024 toy-chip in 2 toy-node",
                           "step time",
                           "10 s",
                           "173,512",
                           "169",
                           "MFU",
                           "45.0 %",
                           "60.0 %",
                           "days for 300e9 tokens",
                           "20.0",
                           "491,774",
                           "exposed tensor-parallel communication",
                           "50.0 %",
                           "25.0 %",
                           "nvlink",
                           "1.758 KiB",
                           "limited by nvlink",
                           "latency of messages",
                           "1 KiB of 4 KiB",
                           "16 stood for 1,024 ranks, 40 stood for 5,000 flows, 12 stood for 3,000 links"})
    CHECK_MESSAGE(text.find(part) != std::string::npos, part << " is not in:\n" << text);
  CHECK(text.find(" \n") == std::string::npos);
  CHECK(text.find('#') == std::string::npos);
}

TEST_CASE("bars are drawn on request, half the step half as long as all of it")
{
  test::SmallReport small;
  small.report.bars = Bars::ascii;
  CHECK(small.rendered("table").find("25.0 %  ###############\n") != std::string::npos); // 0.5 of 30
}

TEST_CASE("the table of a bare collective speaks of bandwidths, not of tokens")
{
  test::SmallReport small;
  small.scenario.workload.reset();
  small.results.collective = CollectiveRates{Seconds(0.5), Bandwidth(2e9), Bandwidth(3.5e9)};
  const std::string text = small.rendered("table");
  CHECK(text.find("bus bandwidth") != std::string::npos);
  CHECK(text.find("3.5 GB/s") != std::string::npos);
  CHECK(text.find("tokens") == std::string::npos);
}

TEST_CASE("tasks.csv has one line per task of every class")
{
  const test::SmallReport small;
  const std::string text = small.rendered("tasks");
  CHECK(lines_of(text) == 1 + 6);
  CHECK(text.find("0,3,stage 0,tp,tensor,tensor,,2,3,6\n") != std::string::npos);
  CHECK(text.find("1,1,stage 1,compute,\"layer, forward\",compute,,9,9,9.5\n") != std::string::npos);
}

TEST_CASE("links.csv has one line per link class")
{
  const test::SmallReport small;
  const std::string text = small.rendered("links");
  CHECK(lines_of(text) == 1 + 2);
  // 300 B of 100 B/s over 10 s: 0.3 of the capacity.
  CHECK(text.find("0,nvlink,6,\"a, \"\"first\"\"\",\"a, \"\"first\"\"\",100,300,3,0.3,1\n") != std::string::npos);
}
