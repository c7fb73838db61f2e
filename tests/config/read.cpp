#include "config/node.hpp"
#include "config/refusal.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

using namespace weft;

namespace {

std::string refused(const std::string& text)
{
  return refusal_of([&] { read_yaml_text(text, "x.yaml"); });
}

/// A file that is gone when the test ends.
struct TemporaryFile {
  std::filesystem::path path;
  explicit TemporaryFile(const std::string& name) : path(std::filesystem::temp_directory_path() / ("weft-read-" + name)) {}
  ~TemporaryFile() { std::filesystem::remove_all(path); }
};

std::string repeated(const std::string& part, int times)
{
  std::string text;
  for (int i = 0; i < times; ++i) text += part;
  return text;
}

} // namespace

TEST_CASE("a value knows its place and its path")
{
  const Node root = read_yaml_text("a:\n  b: [1, {c: two}]\n", "x.yaml");
  const Node& list = *root.find("a")->find("b");
  CHECK(list.kind == Node::Kind::list);
  const Node& two = *list.items[1].find("c");
  CHECK(two.text == "two");
  CHECK(two.key == "a.b[1].c");
  CHECK(two.place.file == "x.yaml");
  CHECK(two.place.line == 2);
  CHECK(two.place.column == 14);
  CHECK(two.key_column == 11);
}

TEST_CASE("quotes make text of anything")
{
  const Node root = read_yaml_text("a: '5'\nb: 5\nc: ~\nd: 'null'\ne:\n", "x.yaml");
  CHECK(root.find("a")->quoted);
  CHECK(!root.find("b")->quoted);
  CHECK(root.find("c")->kind == Node::Kind::null);
  CHECK(root.find("d")->kind == Node::Kind::scalar);
  CHECK(root.find("e")->kind == Node::Kind::null);
}

TEST_CASE("an alias is written out and has the path of where it stands")
{
  const Node root = read_yaml_text("a: &x {p: [1]}\nb: *x\n", "x.yaml");
  CHECK(root.find("b")->find("p")->items[0].text == "1");
  CHECK(root.find("b")->find("p")->items[0].key == "b.p[0]");
}

TEST_CASE("a key that stands twice is refused at the second one")
{
  CHECK(refused("a: 1\nb: 2\na: 3\n") == "x.yaml:3:1: the key 'a' stands here twice (keep one)");
  CHECK(refused("p:\n  a: 1\n  a: 3\n") == "x.yaml:3:3: p: the key 'a' stands here twice (keep one)");
}

TEST_CASE("what is not one plain mapping of text keys is refused")
{
  CHECK(refused("") == "x.yaml: empty (write at least one key)");
  CHECK(refused("# only a comment\n") == "x.yaml: empty (write at least one key)");
  CHECK(refused("a: 1\n---\nb: 2\n") == "x.yaml:2:1: more than one YAML document (keep one document per file)");
  CHECK(refused("a: !!int 5\n") == "x.yaml:1:4: a: a YAML tag 'tag:yaml.org,2002:int' (leave tags out)");
  CHECK(refused("a: !mine {b: 1}\n") == "x.yaml:1:4: a: a YAML tag '!mine' (leave tags out)");
  CHECK(refused("? [1, 2]\n: 3\n") == "x.yaml:1:3: a list or mapping as a key, or a bracket left open (keys are plain text)");
  CHECK(refused("? {a: 1}\n: 3\n") == "x.yaml:1:3: a list or mapping as a key, or a bracket left open (keys are plain text)");
  CHECK(refused("~: 3\n") == "x.yaml:1:1: an empty key (write key: value)");
  CHECK(refused("a: &x 1\n*x : 3\n") == "x.yaml:2:1: an alias as a key (write the key out)");
  CHECK(refused("a: &x {b: 1}\nc:\n  <<: *x\n") == "x.yaml:3:3: c: a merge key '<<' (write the keys out)");
  CHECK(refused("a: &x [*x]\n") == "x.yaml:1:8: a[0]: an alias inside the value it stands for (write the value out)");
}

TEST_CASE("bad syntax is refused with its place")
{
  CHECK(refused("a: [1, 2\n").starts_with("x.yaml:"));
  CHECK(refused("a: [1, 2\n").find("not valid YAML: ") != std::string::npos);
  CHECK(refused("a: 1\n b: 2\n").starts_with("x.yaml:2:"));
  CHECK(refused("a: *nobody\n").find("x.yaml:1:") == 0);
  CHECK(refused("a: \"open\n") == "x.yaml:1:4: a quote that is never closed (close it)");
  CHECK(refused("a: 1\nb: &x 'it''s \" open\n") == "x.yaml:2:4: a quote that is never closed (close it)");
  CHECK(refused("a: \"x\\\"\n") == "x.yaml:1:4: a quote that is never closed (close it)");
  CHECK(refused("a: 'it''s'\nb: \"\\\\\"\n") == "not refused");
  CHECK(refused("\tb: 1\n").find("not valid YAML") != std::string::npos);
  CHECK(refused("%YAML 9.0\n---\na: 1\n").find("not valid YAML") != std::string::npos);
}

TEST_CASE("what is not UTF-8 is refused where it goes wrong")
{
  const std::string message = "not UTF-8 (save the file as UTF-8)";
  CHECK(refused("a: 1\nb: \xff\n") == "x.yaml:2:4: " + message);
  CHECK(refused("a: \xc0\xaf") == "x.yaml:1:4: " + message);         // an overlong slash
  CHECK(refused("a: \xed\xa0\x80") == "x.yaml:1:4: " + message);     // half of a surrogate pair
  CHECK(refused("a: \xf4\x90\x80\x80") == "x.yaml:1:4: " + message); // beyond U+10FFFF
  CHECK(refused("a: \xe2\x82") == "x.yaml:1:4: " + message);         // cut short
  CHECK(refused(std::string("a: 1\0b", 6)) == "x.yaml:1:5: a control character (remove it)");
  CHECK(refused("a: 1\nb: \x04 2\n") == "x.yaml:2:4: a control character (remove it)"); // yaml-cpp's own end-of-file mark
  CHECK(read_yaml_text("a: \xe2\x82\xac\n", "x.yaml").find("a")->text == "\xe2\x82\xac");
  CHECK(read_yaml_text("\xef\xbb\xbf"
                       "a: 1\n",
                       "x.yaml")
            .find("a")
            ->text == "1"); // a byte order mark is let through
}

TEST_CASE("depth is held at 64 levels")
{
  const auto nested = [](int levels) { return "a: " + repeated("[", levels - 1) + repeated("]", levels - 1); };
  CHECK(refused(nested(64)) == "not refused");
  CHECK(refused(nested(65)) == "x.yaml:1:67: nested more than 64 levels deep (flatten the file)");
  CHECK(refused("a: " + repeated("[", 1'000'000)).starts_with("x.yaml:1:")); // yaml-cpp takes an open bracket for a key first
  CHECK(refused("b: " + repeated("{a: ", 100'000)).find("nested more than 64 levels deep") != std::string::npos);
  CHECK(refused(repeated("- ", 100'000)).find("nested more than 64 levels deep") != std::string::npos);
}

TEST_CASE("aliases do not get around the depth")
{
  std::string text = "a0: &a0 [[[[[[[[[[1]]]]]]]]]]\n"; // ten levels each
  for (int i = 1; i < 8; ++i)
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [[[[[[[[[[*a" + std::to_string(i - 1) + "]]]]]]]]]]\n";
  CHECK(refused(text).find("nested more than 64 levels deep") != std::string::npos);
}

TEST_CASE("a file that aliases blow up is refused")
{
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"; // ten to the ninth values when written out
  for (int i = 1; i < 9; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int k = 1; k < 10; ++k) bomb += ", " + before;
    bomb += "]\n";
  }
  CHECK(refused(bomb).find("more than 2 million values, aliases written out") != std::string::npos);
  // One text of half a megabyte, a thousand times.
  const std::string long_text = "a: &a " + std::string(1 << 19, 'x') + "\nb: [" + repeated("*a, ", 1000) + "*a]\n";
  CHECK(refused(long_text).find("more than 256 MiB of text, aliases written out") != std::string::npos);
}

TEST_CASE("a long key is refused and its message is short")
{
  const std::string message = refused(std::string(100'000, 'k') + ": 1\n");
  CHECK(message.size() < 200); // yaml-cpp or the limit refuses it; either way in one short line
  CHECK(message.starts_with("x.yaml:1:"));
  CHECK(refused(std::string(300, 'k') + ": 1\n") == "x.yaml:1:1: a key of more than 200 characters (shorten it)");
}

TEST_CASE("a file that cannot be read is refused by what it is")
{
  TemporaryFile folder("folder");
  std::filesystem::create_directory(folder.path);
  CHECK(refusal_of([&] { read_yaml_file(folder.path.string()); }) == folder.path.string() + ": a directory (name a file)");
  const std::string missing = (folder.path / "missing.yaml").string();
  CHECK(refusal_of([&] { read_yaml_file(missing); }) == missing + ": no such file (check the path)");
  CHECK(refusal_of([&] { read_yaml_file("/dev/zero"); }) == "/dev/zero: not a regular file (name a YAML file)");
  CHECK(refusal_of([&] { read_yaml_file(missing + "/x"); }).find("no such file") != std::string::npos);
}

TEST_CASE("a file beyond 16 MiB is refused unread")
{
  TemporaryFile file("large.yaml");
  std::ofstream(file.path) << "a: 1\n";
  std::filesystem::resize_file(file.path, 100 << 20); // sparse: no disk is used
  CHECK(refusal_of([&] { read_yaml_file(file.path.string()); }) ==
        file.path.string() + ": larger than 16 MiB (split it or make it smaller)");
}

TEST_CASE("a line beyond 1 MiB is refused before the parser sees it")
{
  CHECK(refused("a: 1\nb: " + repeated("[", 2 << 20)) == "x.yaml:2: a line of more than 1 MiB (break it)");
}

TEST_CASE("a file reads as its text does")
{
  TemporaryFile file("small.yaml");
  std::ofstream(file.path) << "a:\r\n  b: 1\r\n";
  const Node root = read_yaml_file(file.path.string());
  CHECK(root.find("a")->find("b")->text == "1");
  CHECK(root.find("a")->find("b")->place.file == file.path.string());
}

TEST_CASE("random damage never gets past a refusal")
{
  const std::string good = "a: {b: [1, 2, {c: 'x'}], d: \"y\"}\ne: |\n  text\nf: &x [1]\ng: *x\nh: >-\n  folded\n# end\n";
  std::uint64_t state = 7; // splitmix64
  const auto random = [&] {
    state += 0x9e3779b97f4a7c15u;
    std::uint64_t value = state;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return value ^ (value >> 31);
  };
  static constexpr std::string_view characters = "{}[]:,-?!&*|>'\"%@#\n\t \\ab1~<=";
  int read = 0, refusals = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = good;
    for (std::uint64_t k = random() % 6; k < 6; ++k) text[random() % text.size()] = characters[random() % characters.size()];
    try {
      read_yaml_text(text, "x.yaml");
      ++read;
    } catch (const ConfigError& error) {
      ++refusals;
      CHECK(std::string(error.what()).find('\n') == std::string::npos);
    }
  }
  CHECK(read > 0);
  CHECK(refusals > 1000);
}
