#include "config/value.hpp"
#include "config/refusal.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace weft;

namespace {

enum class Colour { red, dark_green, blue };

} // namespace

template <> struct weft::Choices<Colour> {
  static constexpr std::array<const char*, 3> names{"red", "dark-green", "blue"};
};

namespace {

/// The value under `k`.
template <class T> T read(const std::string& text)
{
  T value{};
  read_value(*read_yaml_text("k: " + text, "x.yaml").find("k"), value);
  return value;
}

template <class T> std::string refused(const std::string& text)
{
  return refusal_of([&] { read<T>(text); });
}

} // namespace

TEST_CASE("a whole number is digits and nothing else")
{
  CHECK(read<int>("128") == 128);
  CHECK(read<int>("-3") == -3);
  CHECK(read<int>("0") == 0);
  CHECK(refused<int>("010") == "x.yaml:1:4: k: expected a whole number, got '010' (leave out the leading zero)");
  CHECK(refused<int>("0x10") == "x.yaml:1:4: k: expected a whole number, got '0x10' (write digits only)");
  CHECK(refused<int>("1e3") == "x.yaml:1:4: k: expected a whole number, got '1e3' (write digits only)");
  CHECK(refused<int>("1.0") == "x.yaml:1:4: k: expected a whole number, got '1.0' (write digits only)");
  CHECK(refused<int>("+5") == "x.yaml:1:4: k: expected a whole number, got '+5' (write digits only)");
  CHECK(refused<int>("1_000") == "x.yaml:1:4: k: expected a whole number, got '1_000' (write digits only)");
  CHECK(refused<int>("'5'") == "x.yaml:1:4: k: expected a whole number, got text in quotes '5' (take the quotes off)");
  CHECK(refused<int>("2147483648") == "x.yaml:1:4: k: too large a number: '2147483648' (write one between -2147483648 and 2147483647)");
  CHECK(refused<int>("99999999999999999999").find("too large a number") != std::string::npos);
  CHECK(refused<int>("[1]") == "x.yaml:1:4: k: expected a whole number, got a list");
  CHECK(refused<int>("{a: 1}") == "x.yaml:1:4: k: expected a whole number, got a mapping");
}

TEST_CASE("a large count may be written with an exponent when it is exact")
{
  CHECK(read<std::int64_t>("300e9") == 300'000'000'000);
  CHECK(read<std::int64_t>("1.5e3") == 1500);
  CHECK(read<std::int64_t>("9007199254740993") == 9007199254740993);
  CHECK(refused<std::int64_t>("1.5") == "x.yaml:1:4: k: expected a whole number, got '1.5' (write a whole number below 9e15)");
  CHECK(refused<std::int64_t>("1e300").find("expected a whole number") != std::string::npos);
}

TEST_CASE("a plain number is finite and has no unit")
{
  CHECK(read<double>("0.5") == 0.5);
  CHECK(read<double>("300e9") == 300e9);
  CHECK(read<double>("1E-3") == 1e-3);
  CHECK(read<double>("1e+3") == 1e3);
  CHECK(read<double>("-2") == -2);
  for (const char* text : {"nan", ".nan", "NaN", "inf", ".inf", "-.inf", "0x10", "010", "1,5", "1e", "e5", "--1", "5 GB", "5%"})
    CHECK_MESSAGE(refused<double>(text).find("x.yaml:1:4: k: expected a plain number, got '") == 0, text);
  CHECK(refused<double>("1e400") == "x.yaml:1:4: k: a number that does not fit: '1e400' (write one between 1e-300 and 1e300)");
}

TEST_CASE("a truth value is true or false and no other word")
{
  CHECK(read<bool>("true"));
  CHECK(!read<bool>("false"));
  for (const char* text : {"yes", "on", "True", "1", "'true'"})
    CHECK_MESSAGE(refused<bool>(text).find("x.yaml:1:4: k: expected true or false, got '") == 0, text);
}

TEST_CASE("a quantity without its unit is refused with two that would do")
{
  CHECK(read<Bandwidth>("400 Gbps") == Bandwidth(50e9));
  CHECK(read<Bytes>("'80 GB'") == Bytes(80e9));
  CHECK(refused<Bandwidth>("400") == "x.yaml:1:4: k: a bandwidth needs a unit, got '400' (write '400 Gbps' or '400 GB/s')");
  CHECK(refused<Bytes>("80") == "x.yaml:1:4: k: a size needs a unit, got '80' (write '80 GB' or '80 GiB')");
  CHECK(refused<Seconds>("1.5") == "x.yaml:1:4: k: a time needs a unit, got '1.5' (write '1.5 us' or '1.5 s')");
  CHECK(refused<Bytes>("80 gb") == "x.yaml:1:4: k: expected a size, got '80 gb' (write a number and a unit, such as '1 GB' or '1 GiB')");
  CHECK(refused<Bandwidth>("400 W").find("expected a bandwidth, got '400 W'") != std::string::npos);
  CHECK(refused<Bandwidth>("1e400 Gbps").find("expected a bandwidth") != std::string::npos);
  CHECK(refused<Bandwidth>("[400 Gbps]") == "x.yaml:1:4: k: expected a bandwidth, got a list");
  CHECK(refused<Bytes>(std::string(1000, '9')).size() < 250); // long nonsense is cut
}

TEST_CASE("an unknown word is refused with the nearest one or the list")
{
  CHECK(read<Colour>("dark-green") == Colour::dark_green);
  CHECK(refused<Colour>("blu") == "x.yaml:1:4: k: unknown word 'blu' (did you mean 'blue'?)");
  CHECK(refused<Colour>("dark_green") == "x.yaml:1:4: k: unknown word 'dark_green' (did you mean 'dark-green'?)");
  CHECK(refused<Colour>("yellow-ish") == "x.yaml:1:4: k: unknown word 'yellow-ish' (one of: red, dark-green, blue)");
}

TEST_CASE("lists, maps and optionals read their items")
{
  CHECK(read<std::vector<int>>("[1, 2]") == std::vector<int>{1, 2});
  CHECK(refused<std::vector<int>>("5") == "x.yaml:1:4: k: expected a list (write [a, b] or one '- item' per line)");
  CHECK(refused<std::vector<int>>("[1, x]") == "x.yaml:1:8: k[1]: expected a whole number, got 'x' (write digits only)");
  const auto map = read<std::map<Colour, Bytes>>("{red: 1 B, blue: null}");
  CHECK(map.size() == 1); // null says: not there
  CHECK(map.at(Colour::red) == Bytes(1));
  CHECK(refused<std::map<Colour, Bytes>>("{green: 1 B}").find("unknown word 'green'") != std::string::npos);
  CHECK(read<std::optional<int>>("5") == 5);
}

TEST_CASE("a written value reads back to itself")
{
  const auto same = [](auto value) {
    decltype(value) again{};
    read_value(write_value(value), again);
    CHECK(again == value);
  };
  same(0.1 + 0.2);
  same(1e300);
  same(std::int64_t{9007199254740993});
  same(-7);
  same(true);
  same(std::string("a: b"));
  same(Bytes(1.0 / 3));
  same(Metres{0.3});
  same(Colour::blue);
  same(std::vector<Seconds>{Seconds(1), Seconds(2.5e-6)});
  same(std::map<Colour, Watts>{{Colour::red, Watts(5)}});
}

TEST_CASE("the nearest word is a slip of the finger away, not another word")
{
  const std::vector<std::string> words{"chip", "accelerators", "scaleup"};
  CHECK(nearest("chipp", words) == "chip");
  CHECK(nearest("hcip", words) == "chip"); // swapped neighbours
  CHECK(nearest("acelerator", words) == "accelerators");
  CHECK(nearest("memory", words).empty());
  CHECK(nearest("x", words).empty());
  CHECK(nearest(std::string(10'000, 'x'), words).empty());
}

TEST_CASE("a word keeps its place, so that whoever does not know it can point at it")
{
  const Node tree = read_yaml_text("a:\n  kind: ecpm\n", "x.yaml");
  Word word;
  read_value(*tree.find("a")->find("kind"), word);
  CHECK(word == "ecpm");
  CHECK(write_value(word).text == "ecpm");
  CHECK(refusal_of([&] {
          refuse_unknown(word, "kind", "routing kind", {"ecmp", "spray"});
        }) == "x.yaml:2:9: a.kind: unknown routing kind 'ecpm' (did you mean 'ecmp'?)");
  CHECK(refusal_of([&] {
          refuse_unknown("elsewhere", "kind", "routing kind", {"ecmp", "spray"});
        }) == "kind: unknown routing kind 'elsewhere' (one of: ecmp, spray)");
  CHECK(refused<Word>("[ecmp]") == "x.yaml:1:4: k: expected text, got a list");
}
