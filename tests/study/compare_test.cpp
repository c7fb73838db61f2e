#include "study/compare.hpp"

#include <doctest/doctest.h>

using namespace weft;

#pragma GCC diagnostic ignored "-Wmissing-field-initializers" // what a value here leaves out stays at its default on purpose

namespace {

/// A run of ten seconds: 7 s of computation, 3 s of tensor communication over a link of 300 B/s.
Entry base()
{
  Entry entry{.name = "a", .results = {}};
  entry.results.step_time = Seconds(10);
  entry.results.critical_path = {
      {"compute", Seconds(7)}, {"tensor", Seconds(3)}, {"data", Seconds(0)}, {"pipeline", Seconds(0)}, {"other", Seconds(0)}};
  entry.results.critical_links = {{"nvlink3 up", Seconds(2.5)}, {"latency", Seconds(0.5)}};
  entry.results.links = {{.name = "nvlink3 up", .capacity = Bandwidth(300)}};
  return entry;
}

} // namespace

TEST_CASE("slower links explain longer tensor communication")
{
  Entry other = base();
  other.name = "b";
  other.results.step_time = Seconds(11.25);
  other.results.critical_path[1].time = Seconds(4.25);
  other.results.critical_links[0].time = Seconds(3.75); // at two thirds of the rate, half as long again
  other.results.links[0].capacity = Bandwidth(200);
  CHECK(explain(base(), other) == "b takes 12.5 % longer than a: +12.5 points are exposed tensor-parallel communication, whose links "
                                  "(nvlink3 up) run at 66.7 % of a's capacity.");
}

TEST_CASE("a shorter step is explained by what shrank most")
{
  Entry other = base();
  other.name = "b";
  other.results.step_time = Seconds(8.5);
  other.results.critical_path[0].time = Seconds(5);   // -2
  other.results.critical_path[1].time = Seconds(3.5); // +0.5 goes the other way
  CHECK(explain(base(), other) == "b takes 15.0 % less than a: -20.0 points are computation.");
}

TEST_CASE("equal steps are said to be equal")
{
  Entry other = base();
  other.name = "b";
  other.results.step_time = Seconds(10.001);
  CHECK(explain(base(), other) == "b takes as long as a (+0.010 %).");
}

TEST_CASE("other links at the same place are named with those they replace")
{
  Entry other = base();
  other.name = "b";
  other.results.step_time = Seconds(12);
  other.results.critical_path[1].time = Seconds(5);
  other.results.critical_links = {{"nvlink2 up", Seconds(4.5)}, {"latency", Seconds(0.5)}};
  other.results.links = {{.name = "nvlink2 up", .capacity = Bandwidth(150)}};
  CHECK(explain(base(), other).find("whose links (nvlink2 up instead of nvlink3 up) run at 50.0 % of a's capacity") != std::string::npos);
}

TEST_CASE("more traffic on unchanged links is not put down to the links")
{
  Entry other = base();
  other.name = "b";
  other.results.step_time = Seconds(12);
  other.results.critical_path[1].time = Seconds(5);
  other.results.critical_links[0].time = Seconds(4.5);
  CHECK(explain(base(), other).find("limited by the same links (nvlink3 up) at the same capacity") != std::string::npos);
}

TEST_CASE("longer latencies are called latencies")
{
  Entry other = base();
  other.name = "b";
  other.results.step_time = Seconds(12);
  other.results.critical_path[1].time = Seconds(5);
  other.results.critical_links[1].time = Seconds(2.5);
  CHECK(explain(base(), other).find("most of it the fixed latency of messages") != std::string::npos);
}

TEST_CASE("files are called by their stem where that tells them apart")
{
  CHECK(short_names({"x/a.yaml", "x/b.yaml"}) == std::vector<std::string>{"a", "b"});
  CHECK(short_names({"x/a.yaml", "y/a.yaml"}) == std::vector<std::string>{"x/a.yaml", "y/a.yaml"});
  CHECK(short_names({"a.yaml", "a.yaml"}) == std::vector<std::string>{"a.yaml #1", "a.yaml #2"});
}

TEST_CASE("waiting for experts or for the context is called by its name, and explained by its links")
{
  Entry other = base();
  other.name = "b";
  other.results.step_time = Seconds(11);
  other.results.critical_path.push_back({"expert", Seconds(1)}); // a had none: 1 s of 10 s
  other.results.critical_links[0].time = Seconds(3.5);
  other.results.links[0].capacity = Bandwidth(150);
  CHECK(explain(base(), other) == "b takes 10.0 % longer than a: +10.0 points are exposed expert-parallel communication, whose links "
                                  "(nvlink3 up) run at 50.0 % of a's capacity.");
  other.results.critical_path.back().category = "context";
  CHECK(explain(base(), other).find("+10.0 points are exposed context-parallel communication, whose links") != std::string::npos);
}
