#include "approx.hpp"
#include "metrics/links.hpp"
#include "two_stages.hpp"

#include <doctest/doctest.h>

using namespace weft;

TEST_CASE("a medium class reports bytes over all its links and use over the step")
{
  const auto step = test::two_stages();
  const auto reports = link_reports(step->fabric, step->folding, step->trace);
  REQUIRE(reports.size() == 2);
  const LinkReport& nvlink = reports[0];
  CHECK(nvlink.name == "nvlink");
  CHECK(nvlink.links == 6);
  CHECK(nvlink.bytes_total.base() == 1800);                  // 6 x 300
  CHECK(nvlink.busiest_utilisation == weft::near(0.3, 1e-9)); // 300 B of 100 B/s x 10 s
  CHECK(nvlink.mean_utilisation == weft::near(0.3, 1e-9));
  CHECK(nvlink.peak_utilisation == 1);
  CHECK(reports[1].name == "nic");
  CHECK(reports[1].capacity.base() == 10);
  CHECK(reports[1].mean_utilisation == weft::near(0.07, 1e-9)); // 7 B of 10 B/s x 10 s
}

TEST_CASE("the mean use of a medium weighs every link alike, the busiest stands out")
{
  const auto step = test::two_stages();
  // A third class: one more nvlink that carries 900 B. Mean of seven links: (6 x 0.3 + 0.9) / 7.
  step->folding.links.push_back({.links = 1, .representative = LinkId{0}, .capacity = Bandwidth(100)});
  step->trace.links.push_back({.bytes = Bytes(900), .busy = Seconds(9), .peak = 1});
  const auto reports = link_reports(step->fabric, step->folding, step->trace);
  CHECK(reports[0].links == 7);
  CHECK(reports[0].bytes_busiest.base() == 900);
  CHECK(reports[0].busiest_utilisation == weft::near(0.9, 1e-9));
  CHECK(reports[0].mean_utilisation == weft::near((6 * 0.3 + 0.9) / 7, 1e-9));
}

TEST_CASE("links that carry nothing are not reported")
{
  const auto step = test::two_stages();
  step->trace.links[0].bytes = Bytes(0);
  const auto reports = link_reports(step->fabric, step->folding, step->trace);
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].name == "nic");
}
