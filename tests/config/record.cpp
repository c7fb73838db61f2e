#include "config/record.hpp"
#include "config/refusal.hpp"

#include <doctest/doctest.h>

using namespace weft;

namespace {

struct Wheel {
  int spokes = 0;
  Metres width{0.02};
};
struct Origin {
  std::string maker = "unknown";
};
struct Bicycle {
  Origin origin;
  Wheel front;
  std::vector<Wheel> spare;
  double price_share = 0.5;
};

} // namespace

template <> const Record<Wheel>& weft::record_of<Wheel>()
{
  static const Record<Wheel> record = Record<Wheel>("wheel", "Something round.")
                                          .required("spokes", &Wheel::spokes, "how many", at_least(1))
                                          .optional("width", &Wheel::width, "of the rim", positive<Metres>());
  return record;
}
template <> const Record<Origin>& weft::record_of<Origin>()
{
  static const Record<Origin> record = Record<Origin>("origin", "Where from.").optional("maker", &Origin::maker, "who built it");
  return record;
}
template <> const Record<Bicycle>& weft::record_of<Bicycle>()
{
  static const Record<Bicycle> record = Record<Bicycle>("bicycle", "Two wheels.")
                                            .inlined(&Bicycle::origin)
                                            .required("front", &Bicycle::front, "front wheel")
                                            .optional("spare", &Bicycle::spare, "more wheels")
                                            .optional("share", &Bicycle::price_share, "of the price", fraction())
                                            .rule([](const Node& node, const Bicycle& bicycle) {
                                              if (bicycle.spare.size() > 2) refuse(*node.find("spare"), "too many wheels (leave some)");
                                            });
  return record;
}

namespace {

Bicycle read(const std::string& text) { return record_of<Bicycle>().read(read_yaml_text(text, "x.yaml")); }
std::string refused(const std::string& text)
{
  return refusal_of([&] { read(text); });
}

} // namespace

TEST_CASE("a record reads what is written and keeps the defaults of the rest")
{
  const Bicycle bicycle = read("{maker: Ann, front: {spokes: 36}, spare: [{spokes: 20, width: 1 m}]}");
  CHECK(bicycle.origin.maker == "Ann");
  CHECK(bicycle.front.spokes == 36);
  CHECK(bicycle.front.width == Metres{0.02});
  CHECK(bicycle.spare.at(0).width == Metres{1});
  CHECK(bicycle.price_share == 0.5);
}

TEST_CASE("null asks for the default and does not stand for a required key")
{
  CHECK(read("{front: {spokes: 36, width: null}}").front.width == Metres{0.02});
  CHECK(refused("{front: null}") == "x.yaml:1:1: missing key 'front' (a bicycle needs it)");
}

TEST_CASE("an unknown key is refused at the key with the nearest known one")
{
  CHECK(refused("front: {spokes: 1}\nspar: []\n") == "x.yaml:2:1: unknown key 'spar' (did you mean 'spare'?)");
  CHECK(refused("front: {spokess: 1}\n") == "x.yaml:1:9: front: unknown key 'spokess' (did you mean 'spokes'?)");
  CHECK(refused("front: {spokes: 1}\ncolour: red\n") == "x.yaml:2:1: unknown key 'colour' (known keys: maker, front, spare, share)");
}

TEST_CASE("a value out of bounds is refused with the bounds")
{
  CHECK(refused("{front: {spokes: 0}}") == "x.yaml:1:18: front.spokes: must be at least 1, got '0'");
  CHECK(refused("{front: {spokes: 1, width: 0 m}}") == "x.yaml:1:28: front.width: must be above zero, got '0 m'");
  CHECK(refused("{front: {spokes: 1}, share: 1.5}") == "x.yaml:1:29: share: must be above 0 and at most 1, got '1.5'");
  CHECK(refused("{front: {spokes: 1}, spare: [{spokes: 1}, {spokes: 1}, {spokes: 1}]}") ==
        "x.yaml:1:29: spare: too many wheels (leave some)");
}

TEST_CASE("what is no mapping is no record")
{
  CHECK(refused("[1]") == "x.yaml:1:1: expected a mapping with the keys of bicycle");
  CHECK(refused("{front: 5}") == "x.yaml:1:9: front: expected a mapping with the keys of wheel");
}

TEST_CASE("a written record spells out every key and reads back to the same")
{
  const Node written = record_of<Bicycle>().write(read("{front: {spokes: 36}}"));
  CHECK(one_line(written) == "{maker: unknown, front: {spokes: 36, width: 0.02 m}, spare: [], share: 0.5}");
  CHECK(one_line(record_of<Bicycle>().write(record_of<Bicycle>().read(written))) == one_line(written));
}

TEST_CASE("the documentation of a field comes from its type, its default and its bounds")
{
  const auto docs = record_of<Bicycle>().docs();
  REQUIRE(docs.size() == 4);
  CHECK(docs[0].key == "maker");
  CHECK(docs[0].default_text == "unknown");
  CHECK(docs[1].required);
  CHECK(docs[1].nested.at(0).doc == "how many (at least 1)");
  CHECK(docs[1].nested.at(1).type == "length");
  CHECK(docs[1].nested.at(1).unit == "m");
  CHECK(docs[2].type == "list of mapping");
  CHECK(docs[2].nested.size() == 2);
  CHECK(docs[3].default_text == "0.5");
}
