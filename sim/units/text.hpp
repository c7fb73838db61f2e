// Text form of quantities: parsing what a user wrote ("400 Gbps") and printing what a person reads ("50 GB/s").
// G is 1e9, Gi 2^30, b bit, B byte; case matters. A physical value always carries its unit.
#pragma once
#include "units/quantity.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weft {

/// Parse the text of one quantity; nothing when the text is not `number unit` with a unit of that kind (or is not finite).
std::optional<Bytes> parse_bytes(std::string_view text);         ///< "80 GiB", "25 MB", "512 B"
std::optional<Flops> parse_flops(std::string_view text);         ///< "3.1 TFLOP"
std::optional<Seconds> parse_seconds(std::string_view text);     ///< "1.5 us", "130 ns", "3 h"
std::optional<Bandwidth> parse_bandwidth(std::string_view text); ///< "400 Gbps", "900 GB/s", "2039 GB/s"
std::optional<FlopRate> parse_flop_rate(std::string_view text);  ///< "312 TFLOP/s"
std::optional<Watts> parse_watts(std::string_view text);         ///< "700 W", "6.5 kW"
std::optional<Joules> parse_joules(std::string_view text);       ///< "12 J", "3 kWh"
std::optional<Dollars> parse_dollars(std::string_view text);     ///< "15000 USD", "3 MUSD"
std::optional<Metres> parse_metres(std::string_view text);       ///< "30 m"

/// Parse a plain number: decimal, optional exponent, the whole text, finite. No hex, no octal, no inf or nan.
std::optional<double> parse_number(std::string_view text);

/// The units that one kind of quantity may be written in, for documentation: of "size", "operations", "time", "bandwidth",
/// "rate", "power", "energy", "price" or "length"; empty for any other word.
std::vector<std::string> unit_names(std::string_view kind);

/// Exact text that parses back to the same value, in the unit a data file would use.
std::string exact_text(Bytes);
std::string exact_text(Flops);
std::string exact_text(Seconds);
std::string exact_text(Bandwidth);
std::string exact_text(FlopRate);
std::string exact_text(Watts);
std::string exact_text(Joules);
std::string exact_text(Dollars);
std::string exact_text(Metres);
/// Shortest decimal text that parses back to the same double.
std::string exact_text(double);

/// Text for people: three to four significant digits and a fitting prefix ("18.13 s", "23.5 GB/s", "61.2 GiB").
std::string short_text(Bytes);
std::string short_text(Flops);
std::string short_text(Seconds);
std::string short_text(Bandwidth);
std::string short_text(FlopRate);
std::string short_text(Watts);
std::string short_text(Joules);
std::string short_text(Dollars);

} // namespace weft
