#include "config/error.hpp"
#include "report/json.hpp"
#include "small_report.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace weft;

TEST_CASE("strings are escaped and broken UTF-8 is replaced")
{
  CHECK(json_string("a \"b\" \\ \n\t\x01") == R"("a \"b\" \\ \n\t\u0001")");
  CHECK(json_string("h\u00e9llo \u20ac \U0001F600") == "\"h\u00e9llo \u20ac \U0001F600\"");
  CHECK(json_string("\xff"
                    "a\xc0\x80") == R"("\ufffda\ufffd\ufffd")");   // a stray byte; an overlong zero
  CHECK(json_string("\xed\xa0\x80") == R"("\ufffd\ufffd\ufffd")"); // half of a surrogate pair
  CHECK(json_string("\xe2\x82") == R"("\ufffd\ufffd")");           // cut short
}

TEST_CASE("objects and arrays nest with commas between items")
{
  JsonWriter json;
  json.begin_object()
      .member("a", 1.5)
      .key("b")
      .begin_array()
      .value("x")
      .value(std::uint64_t{2})
      .end_array()
      .key("c")
      .begin_object()
      .end_object()
      .end_object();
  CHECK(json.text() == "{\n  \"a\": 1.5,\n  \"b\": [\n    \"x\",\n    2\n  ],\n  \"c\": {}\n}\n");
}

TEST_CASE("numbers are the shortest that read back, and never nan or infinity")
{
  const auto text = [](double number) {
    JsonWriter json;
    return json.value(number).text();
  };
  CHECK(text(0.1) == "0.1\n");
  CHECK(text(1e300) == "1e+300\n");
  CHECK(text(1.0 / 3) == "0.3333333333333333\n");
  CHECK_THROWS_AS(text(std::numeric_limits<double>::quiet_NaN()), LogicError);
  CHECK_THROWS_AS(text(std::numeric_limits<double>::infinity()), LogicError);
}

TEST_CASE("a YAML value keeps its types")
{
  Node scalar;
  scalar.kind = Node::Kind::scalar;
  const auto text = [&](const char* value, bool quoted) {
    scalar.text = value;
    scalar.quoted = quoted;
    JsonWriter json;
    return json.value(scalar).text();
  };
  CHECK(text("8", false) == "8\n");
  CHECK(text("8", true) == "\"8\"\n");
  CHECK(text("true", false) == "true\n");
  CHECK(text("400 Gbps", false) == "\"400 Gbps\"\n");
  CHECK(text("nan", false) == "\"nan\"\n");
}

TEST_CASE("an unfinished document cannot be read")
{
  JsonWriter json;
  json.begin_object();
  CHECK_THROWS_AS(static_cast<void>(json.text()), LogicError);
}

TEST_CASE("results.json has the fields others read")
{
  const test::SmallReport small;
  const std::string text = small.rendered("json");
  for (const char* field : {"\"schema\": 1",
                            "\"weft_version\": \"0.1.0\"",
                            "\"title\": \"A \\\"small\\\" step\"",
                            "\"step_time_s\": 10,",
                            "\"tokens_per_s\": 173512.4,",
                            "\"tokens_per_s_per_gpu\": 169.44,",
                            "\"model_tflops_per_gpu\": 140.3,",
                            "\"mfu\": 0.4497,",
                            "\"hfu\": 0.5997,",
                            "\"memory_peak_bytes\": 1024,",
                            "\"breakdown\": {",
                            "\"links\": {",
                            "\"critical_path\": {",
                            "\"fold\": {",
                            "\"ranks\": 1024,",
                            "\"rank_classes\": 16,",
                            "\"flows\": 5000,",
                            "\"flow_classes\": 40,",
                            "\"links\": 3000,",
                            "\"link_classes\": 12",
                            "\"settings\": {",
                            "\"input\": {"})
    CHECK_MESSAGE(text.find(field) != std::string::npos, field);
}
