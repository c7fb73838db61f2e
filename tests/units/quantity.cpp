#include "units/quantity.hpp"
#include "units/id.hpp"

#include <doctest/doctest.h>

#include <type_traits>

using namespace weft;

TEST_CASE("a size over a bandwidth is a time")
{
  const Seconds time = Bytes(100e9) / Bandwidth(25e9);
  CHECK(time.base() == 4); // 100 GB at 25 GB/s
  static_assert(std::is_same_v<decltype(Flops(1) / FlopRate(1)), Seconds>);
  static_assert(std::is_same_v<decltype(Watts(1) * Seconds(1)), Joules>);
  static_assert(std::is_same_v<decltype(Bandwidth(1) * Seconds(1)), Bytes>);
}

TEST_CASE("the ratio of two equal kinds is a plain number")
{
  static_assert(std::is_same_v<decltype(Bytes(6) / Bytes(3)), double>);
  CHECK(Bytes(6) / Bytes(3) == 2);
}

template <class A, class B>
concept Addable = requires(A a, B b)
{
  a + b;
};
template <class A, class B>
concept Comparable = requires(A a, B b)
{
  a < b;
};

TEST_CASE("unequal kinds neither add nor compare")
{
  static_assert(Addable<Bytes, Bytes>);
  static_assert(!Addable<Bytes, Seconds>);
  static_assert(!Addable<Bytes, double>);
  static_assert(!Comparable<Bandwidth, FlopRate>);
  static_assert(!std::is_convertible_v<double, Bytes>);
  static_assert(!std::is_convertible_v<RankId, LinkId>);
  CHECK(Seconds(1) + Seconds(2) == Seconds(3));
  CHECK(Seconds(3) - Seconds(1) < Seconds(2.5));
}

TEST_CASE("an identity is the index it was made of")
{
  CHECK(id_of<RankId>(7).index() == 7);
  CHECK(id_of<RankId>(3) < id_of<RankId>(4));
}
