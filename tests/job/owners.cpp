// Dealing of whole tensors to the owners of a sharded optimizer.
#include "approx.hpp"
#include "job/owners.hpp"

#include <doctest/doctest.h>

namespace weft {

TEST_CASE("an owner gets tensors until the next would take it beyond its share, which then opens the next owner")
{
  // 12 values for 3 owners: 4 each and 1 % to spare. 3; 3 + 2 > 4.04, so the 2 opens the second and is not counted there; + 2 = 2; + 2 = 4;
  // + 3 = 7 opens the third
  const auto dealt = deal_tensors({{3, 2}, {2, 2}, {3}}, 3);
  REQUIRE(dealt.size() == 3);
  CHECK(dealt[0].parameters == near(3));
  CHECK(dealt[1].parameters == near(6));
  CHECK(dealt[2].parameters == near(3));
  CHECK(dealt[0].first_part == 0);
  CHECK(dealt[1].first_part == 0);
  CHECK(dealt[2].first_part == 2);
}

TEST_CASE("no more owners than tensors, no more than there are, and nothing is lost")
{
  CHECK(deal_tensors({{1}, {1, 1}, {}, {1}}, 100).size() == 4);
  const auto two = deal_tensors({{1}, {1, 1}, {}, {1}}, 2);
  REQUIRE(two.size() == 2);
  CHECK(two[0].parameters + two[1].parameters == near(4));
  CHECK(deal_tensors({}, 4).empty());
}

} // namespace weft
