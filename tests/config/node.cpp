#include "config/node.hpp"
#include "config/refusal.hpp"
#include "config/value.hpp"

#include <doctest/doctest.h>

using namespace weft;

namespace {

Node yaml(const std::string& text) { return read_yaml_text(text, "x.yaml"); }

std::string after(const std::string& text, const std::string& path, const std::string& value)
{
  Node root = yaml(text);
  set_path(root, path, value, "--set");
  return one_line(root);
}

} // namespace

TEST_CASE("mappings merge key by key and anything else replaces")
{
  const Node merged = merge(yaml("{a: 1, b: {c: 2, d: 3}, e: [1, 2]}"), yaml("{b: {d: 4, f: 5}, e: [9], g: 6}"));
  CHECK(one_line(merged) == "{a: 1, b: {c: 2, d: 4, f: 5}, e: [9], g: 6}");
}

TEST_CASE("a merged value keeps the place it was written at")
{
  const Node merged = merge(read_yaml_text("a: 1\nb: 2\n", "under.yaml"), read_yaml_text("b: 3\n", "over.yaml"));
  CHECK(merged.find("a")->place.file == "under.yaml");
  CHECK(merged.find("b")->place.file == "over.yaml");
}

TEST_CASE("a dotted path sets a value and makes the mappings on its way")
{
  CHECK(after("a: 1", "b.c.d", "5") == "{a: 1, b: {c: {d: 5}}}");
  CHECK(after("{a: {b: 1}}", "a.b", "2") == "{a: {b: 2}}");
  CHECK(after("{a: [{b: 1}]}", "a[0].b", "2") == "{a: [{b: 2}]}");
  CHECK(after("{a: [{b: 1}]}", "a[1].b", "2") == "{a: [{b: 1}, {b: 2}]}");
  CHECK(after("{a: 1}", "c[0].slowdown", "2") == "{a: 1, c: [{slowdown: 2}]}");
  CHECK(after("{a: 1}", "a", "{x: [1, 2]}") == "{a: {x: [1, 2]}}");
  CHECK(after("{a: 1}", "a", "80 GB") == "{a: 80 GB}");
  CHECK(after("{a: 1}", "a", "") == "{a: null}");
}

TEST_CASE("a path that leads nowhere is refused")
{
  const auto refused = [](const std::string& path, const std::string& value = "1") {
    Node root = yaml("{a: 1, list: [1]}");
    return refusal_of([&] { set_path(root, path, value, "--set"); });
  };
  CHECK(refused("") == "--set: an empty path (write key.path=value)");
  CHECK(refused("a.b") == "--set: a.b: a is no mapping (set it as a whole)");
  CHECK(refused("a[0]") == "--set: a[0]: a is no list (set it as a whole)");
  CHECK(refused("list[2]") == "--set: list[2]: list has 1 items (use an index up to that)");
  CHECK(refused("list[x]") == "--set: list[x]: not an index between [ and ] (write faults.stragglers[0].slowdown)");
  CHECK(refused("list[-1]") == "--set: list[-1]: not an index between [ and ] (write faults.stragglers[0].slowdown)");
  CHECK(refused("list[99999999999999999999999]") ==
        "--set: list[99999999999999999999999]: not an index between [ and ] (write faults.stragglers[0].slowdown)");
  CHECK(refused("list[0") == "--set: list[0: not a path (write plan.tp or faults.stragglers[0].slowdown)");
  CHECK(refused("list[0]x") == "--set: list[0]x: not a path (write plan.tp or faults.stragglers[0].slowdown)");
  CHECK(refused("a..b") == "--set: a..b: a path with an empty key (write plan.tp or faults.stragglers[0].slowdown)");
  CHECK(refused("b", "{x: [1}").find("--set: b: ") == 0);
}

TEST_CASE("written YAML reads back to the same value")
{
  for (const char* text :
       {"{a: 1, b: [1, {c: 2}, [3, 4], []], d: {}, e: null}", "{a: '', b: ' x', c: 'x ', d: '# x', e: 'a: b', f: 'a #b'}",
        "{a: \"two\\nlines\\ttab \\\\ \\\" quote\", b: 'it''s', c: '-', d: '- x', e: '?', f: '@x', g: '`x'}",
        "{a: 'null', b: '~', c: 'x:', d: '---', e: '%x', f: '*x', g: '&x', h: '!x', i: '|', j: '>', k: '=', l: '-5', m: '- '}",
        "{'odd key: x': 1, '': 2, 'a,b': 3, '[': 4}", "{a: [[], {}, '', null]}", "{a: \"\xe2\x82\xac\"}"}) {
    const Node first = yaml(text);
    const Node again = yaml(to_yaml(first));
    CHECK_MESSAGE(to_yaml(again) == to_yaml(first), text);
    CHECK_MESSAGE(to_yaml(yaml(one_line(first))) == to_yaml(first), text);
  }
}

TEST_CASE("text that would read as something else is written in quotes")
{
  CHECK(to_yaml(scalar_node("null")) == "\"null\"\n");
  CHECK(to_yaml(scalar_node("")) == "\"\"\n");
  CHECK(to_yaml(scalar_node("80 GB")) == "80 GB\n");
  CHECK(to_yaml(scalar_node("-5")) == "-5\n");
  CHECK(to_yaml(scalar_node("a: b")) == "\"a: b\"\n");
}

TEST_CASE("an error is one line that leaves out what is not known")
{
  CHECK(std::string(ConfigError(Place{"f.yaml", 3, 4}, "a.b", "bad (fix it)").what()) == "f.yaml:3:4: a.b: bad (fix it)");
  CHECK(std::string(ConfigError(Place{"f.yaml"}, "", "bad").what()) == "f.yaml: bad");
  CHECK(std::string(ConfigError(Place{}, "a", "bad").what()) == "a: bad");
  CHECK(std::string(ConfigError(Place{"f", 2}, "", "bad").what()) == "f:2: bad");
  CHECK(std::string(ConfigError(Place{"f"}, "", "two\nlines\x01").what()) == "f: two\\nlines\\x01");
  CHECK(std::string(ConfigError(Place{"f"}, "", std::string(5000, 'x')).what()).size() < 1100);
}
