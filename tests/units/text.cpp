#include "units/text.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

using namespace weft;

TEST_CASE("a capital B is a byte and a small b a bit")
{
  CHECK(parse_bytes("8 B")->base() == 8);
  CHECK(parse_bytes("8 b")->base() == 1);
  CHECK(parse_bandwidth("400 Gbps")->base() == 50e9); // 400e9 / 8
  CHECK(parse_bandwidth("400 Gb/s") == parse_bandwidth("400 Gbps"));
  CHECK(parse_bandwidth("400 GB/s")->base() == 400e9);
}

TEST_CASE("G is a thousand million and Gi two to the thirtieth")
{
  CHECK(parse_bytes("80 GB")->base() == 80e9);
  CHECK(parse_bytes("80 GiB")->base() == 80.0 * 1073741824.0);
  CHECK(parse_bandwidth("1 GiB/s")->base() == 1073741824.0);
  CHECK(parse_bytes("2 EiB")->base() == 2305843009213693952.0); // 2^61
}

TEST_CASE("every kind of quantity has its units")
{
  CHECK(parse_flops("3.1 TFLOP")->base() == 3.1e12);
  CHECK(parse_flop_rate("312 TFLOP/s")->base() == 312e12);
  CHECK(parse_flop_rate("1.1 EFLOP/s")->base() == 1.1e18);
  CHECK(parse_seconds("1.5 us")->base() == 1.5e-6);
  CHECK(parse_seconds("130 ns")->base() == 130e-9);
  CHECK(parse_seconds("2 min")->base() == 120);
  CHECK(parse_seconds("3 h")->base() == 10800);
  CHECK(parse_seconds("1 d")->base() == 86400);
  CHECK(parse_watts("6.5 kW")->base() == 6500);
  CHECK(parse_watts("20 MW")->base() == 20e6);
  CHECK(parse_joules("12 J")->base() == 12);
  CHECK(parse_joules("3 kWh")->base() == 10.8e6); // 3 x 1000 W x 3600 s
  CHECK(parse_dollars("15000 USD")->base() == 15000);
  CHECK(parse_dollars("3 MUSD")->base() == 3e6);
  CHECK(parse_metres("30 m")->value == 30);
  CHECK(parse_metres("1.2 km")->value == 1200);
}

TEST_CASE("a decimal prefix gives the double nearest to what was written")
{
  CHECK(parse_seconds("2.3 us")->base() == 2.3e-6); // 2.3 * 1e-6 is another double
  CHECK(parse_seconds("0.7 ns")->base() == 0.7e-9);
  CHECK(parse_bytes("1e3 kB")->base() == 1e6);
}

TEST_CASE("a number without a unit, or with that of another kind, is no quantity")
{
  for (const char* text : {"",       " ",      "80",     "GB",        "80 GBs", "80 gb",   "80 GB/s",          "80 GB x",
                           "80 GB ", " 80 GB", "80 KB",  "eighty GB", "80\tGB", "0x10 GB", "010 GB",           "+5 GB",
                           "--5 GB", "5,5 GB", "5 5 GB", ". GB",      "- GB",   "1e GB",   "1e999999999999 GB"})
    CHECK_MESSAGE(!parse_bytes(text), text);
  CHECK(!parse_bandwidth("400 G"));
  CHECK(!parse_bandwidth("400 GB"));
  CHECK(!parse_seconds("5 m"));
  CHECK(!parse_metres("5 us"));
  CHECK(!parse_watts("5 kWh"));
  CHECK(!parse_flop_rate("312 TFLOPS"));
}

TEST_CASE("what is not finite is no quantity")
{
  for (const char* text : {"inf GB", "nan GB", "1e400 GB", "-1e400 GB", "1e308 GB", "1e-400 GB"}) CHECK_MESSAGE(!parse_bytes(text), text);
  CHECK(!parse_bytes("1e308 KiB"));
}

TEST_CASE("exact text takes the unit with the shortest number")
{
  CHECK(exact_text(Bytes(80e9)) == "80 GB");
  CHECK(exact_text(Bytes(80.0 * 1073741824.0)) == "80 GiB");
  CHECK(exact_text(Bytes(0)) == "0 B");
  CHECK(exact_text(Bandwidth(2039e9)) == "2039 GB/s");
  CHECK(exact_text(FlopRate(312e12)) == "312 TFLOP/s");
  CHECK(exact_text(Seconds(1.5e-6)) == "1.5 us");
  CHECK(exact_text(Seconds(6e-7)) == "600 ns");
  CHECK(exact_text(Seconds(3600)) == "1 h");
  CHECK(exact_text(Watts(400)) == "400 W");
  CHECK(exact_text(Dollars(12500)) == "12500 USD");
  CHECK(exact_text(Metres{2.5}) == "2.5 m");
  CHECK(exact_text(0.1) == "0.1");
}

TEST_CASE("exact text of any finite value parses back to the same value")
{
  std::uint64_t state = 1; // splitmix64 over all bit patterns of a double
  for (int i = 0; i < 20'000; ++i) {
    state += 0x9e3779b97f4a7c15u;
    std::uint64_t bits = state;
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9u;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebu;
    bits ^= bits >> 31;
    const double value = std::bit_cast<double>(bits);
    if (!std::isfinite(value) || (value != 0 && std::abs(value) < std::numeric_limits<double>::min())) continue;
    CHECK(parse_bytes(exact_text(Bytes(value))) == Bytes(value));
    CHECK(parse_seconds(exact_text(Seconds(value))) == Seconds(value));
    CHECK(parse_bandwidth(exact_text(Bandwidth(value))) == Bandwidth(value));
    CHECK(parse_joules(exact_text(Joules(value))) == Joules(value));
  }
}

TEST_CASE("short text keeps four digits and picks a prefix")
{
  CHECK(short_text(Seconds(18.1279)) == "18.13 s");
  CHECK(short_text(Bandwidth(23.5e9)) == "23.5 GB/s");
  CHECK(short_text(Bytes(61.2 * 1073741824.0)) == "61.2 GiB");
  CHECK(short_text(Bytes(0)) == "0 B");
  CHECK(short_text(FlopRate(139.96e12)) == "140 TFLOP/s");
  CHECK(short_text(Seconds(0.000012345)) == "12.35 us");
  CHECK(short_text(Seconds(999.99e-6)) == "1 ms"); // rounds up to the next prefix
  CHECK(short_text(Dollars(12500)) == "12.5 kUSD");
  CHECK(short_text(Watts(6500)) == "6.5 kW");
}

TEST_CASE("short text of long times turns to minutes, hours and days")
{
  CHECK(short_text(Seconds(90)) == "90 s");
  CHECK(short_text(Seconds(600)) == "10 min");
  CHECK(short_text(Seconds(6 * 3600)) == "6 h");
  CHECK(short_text(Seconds(34.2 * 86400)) == "34.2 d");
}

TEST_CASE("the units named for documentation are the ones that parse")
{
  for (const auto& unit : unit_names("bandwidth")) CHECK_MESSAGE(parse_bandwidth("1 " + unit), unit);
  for (const auto& unit : unit_names("size")) CHECK_MESSAGE(parse_bytes("1 " + unit), unit);
  for (const auto& unit : unit_names("time")) CHECK_MESSAGE(parse_seconds("1 " + unit), unit);
  for (const auto& unit : unit_names("energy")) CHECK_MESSAGE(parse_joules("1 " + unit), unit);
  CHECK(unit_names("length").size() == 2);
  CHECK(unit_names("colour").empty());
}
