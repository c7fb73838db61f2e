#include "units/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <system_error>

namespace weft {
namespace {

/// One unit of a quantity: 1 `name` is factor x 10^exponent base units. Decimal prefixes live in the exponent so that
/// "2.3 us" is the double nearest to 2.3e-6, which multiplying 2.3 by 1e-6 would miss.
struct Unit {
  std::string_view name;
  int exponent = 0;
  double factor = 1;
};

constexpr double kibi = 1024, mebi = kibi * 1024, gibi = mebi * 1024, tebi = gibi * 1024, pebi = tebi * 1024, exbi = pebi * 1024;
constexpr double bit = 1.0 / 8; // in bytes

// The order of a table is the order of preference of exact_text among texts of equal length.
constexpr std::array byte_units = std::to_array<Unit>({{"B"},
                                                       {"kB", 3},
                                                       {"MB", 6},
                                                       {"GB", 9},
                                                       {"TB", 12},
                                                       {"PB", 15},
                                                       {"EB", 18},
                                                       {"KiB", 0, kibi},
                                                       {"MiB", 0, mebi},
                                                       {"GiB", 0, gibi},
                                                       {"TiB", 0, tebi},
                                                       {"PiB", 0, pebi},
                                                       {"EiB", 0, exbi}});
constexpr std::array bit_units = std::to_array<Unit>({{"b", 0, bit},
                                                      {"kb", 3, bit},
                                                      {"Mb", 6, bit},
                                                      {"Gb", 9, bit},
                                                      {"Tb", 12, bit},
                                                      {"Pb", 15, bit},
                                                      {"Eb", 18, bit},
                                                      {"Kib", 0, kibi* bit},
                                                      {"Mib", 0, mebi* bit},
                                                      {"Gib", 0, gibi* bit},
                                                      {"Tib", 0, tebi* bit}});
constexpr std::array byte_rate_units =
    std::to_array<Unit>({{"B/s"}, {"kB/s", 3}, {"MB/s", 6}, {"GB/s", 9}, {"TB/s", 12}, {"PB/s", 15}, {"EB/s", 18}});
constexpr std::array other_rate_units = std::to_array<Unit>({{"KiB/s", 0, kibi},
                                                             {"MiB/s", 0, mebi},
                                                             {"GiB/s", 0, gibi},
                                                             {"TiB/s", 0, tebi},
                                                             {"b/s", 0, bit},
                                                             {"kb/s", 3, bit},
                                                             {"Mb/s", 6, bit},
                                                             {"Gb/s", 9, bit},
                                                             {"Tb/s", 12, bit},
                                                             {"Pb/s", 15, bit},
                                                             {"bps", 0, bit},
                                                             {"kbps", 3, bit},
                                                             {"Mbps", 6, bit},
                                                             {"Gbps", 9, bit},
                                                             {"Tbps", 12, bit},
                                                             {"Pbps", 15, bit}});
constexpr std::array flop_units =
    std::to_array<Unit>({{"FLOP"}, {"kFLOP", 3}, {"MFLOP", 6}, {"GFLOP", 9}, {"TFLOP", 12}, {"PFLOP", 15}, {"EFLOP", 18}});
constexpr std::array flop_rate_units =
    std::to_array<Unit>({{"FLOP/s"}, {"kFLOP/s", 3}, {"MFLOP/s", 6}, {"GFLOP/s", 9}, {"TFLOP/s", 12}, {"PFLOP/s", 15}, {"EFLOP/s", 18}});
constexpr std::array second_units = std::to_array<Unit>({{"s"}, {"ms", -3}, {"us", -6}, {"ns", -9}});
constexpr std::array long_time_units = std::to_array<Unit>({{"min", 0, 60}, {"h", 0, 3600}, {"d", 0, 86400}});
constexpr std::array watt_units = std::to_array<Unit>({{"W"}, {"kW", 3}, {"MW", 6}, {"GW", 9}});
constexpr std::array joule_units = std::to_array<Unit>({{"J"}, {"kJ", 3}, {"MJ", 6}, {"GJ", 9}});
constexpr std::array watt_hour_units = std::to_array<Unit>({{"Wh", 0, 3600}, {"kWh", 3, 3600}, {"MWh", 6, 3600}, {"GWh", 9, 3600}});
constexpr std::array dollar_units = std::to_array<Unit>({{"USD"}, {"kUSD", 3}, {"MUSD", 6}});
constexpr std::array metre_units = std::to_array<Unit>({{"m"}, {"km", 3}});

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Splits "4.5e3 GB" into its number and its unit; nothing when it does not start with a plain decimal number.
struct Parts {
  std::string_view mantissa;
  int exponent = 0;
  std::string_view unit;
};
std::optional<Parts> split(std::string_view text)
{
  std::size_t end = !text.empty() && text[0] == '-' ? 1 : 0;
  const std::size_t first = end;
  bool digits = false;
  while (end < text.size() && is_digit(text[end])) ++end, digits = true;
  if (end - first > 1 && text[first] == '0') return std::nullopt; // 010 is eight to some and ten to others
  if (end < text.size() && text[end] == '.') {
    ++end;
    while (end < text.size() && is_digit(text[end])) ++end, digits = true;
  }
  if (!digits) return std::nullopt;
  Parts parts{text.substr(0, end), 0, {}};
  if (end + 1 < text.size() && (text[end] == 'e' || text[end] == 'E')) { // "1e3 s" has an exponent, "1 EB" has not
    const std::size_t sign = text[end + 1] == '+' ? 2 : 1;
    const auto [stop, error] = std::from_chars(text.data() + end + sign, text.data() + text.size(), parts.exponent);
    if (error == std::errc::result_out_of_range) return std::nullopt;
    if (error == std::errc{}) end = static_cast<std::size_t>(stop - text.data());
  }
  if (parts.exponent < -400 || parts.exponent > 400) return std::nullopt;
  while (end < text.size() && text[end] == ' ') ++end;
  parts.unit = text.substr(end);
  return parts;
}

/// The double nearest to mantissa x 10^exponent; nothing when it overflows or vanishes.
std::optional<double> decimal(std::string_view mantissa, int exponent)
{
  const std::string text = std::string(mantissa) + "e" + std::to_string(exponent);
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || stop != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<double> parse(std::string_view text, std::span<const Unit> units, std::span<const Unit> more = {})
{
  const auto parts = split(text);
  if (!parts) return std::nullopt;
  for (const auto& table : {units, more})
    for (const Unit& unit : table) {
      if (unit.name != parts->unit) continue;
      const auto value = decimal(parts->mantissa, parts->exponent + unit.exponent);
      if (!value || !std::isfinite(*value * unit.factor)) return std::nullopt;
      return *value * unit.factor;
    }
  return std::nullopt;
}

template <class Q> std::optional<Q> as(std::optional<double> value) { return value ? std::optional<Q>(Q{*value}) : std::nullopt; }

/// `value` x 10^shift in plain decimal notation, from the shortest digits that give the double back.
std::string plain(double value, int shift)
{
  if (value == 0) return "0";
  std::array<char, 40> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::abs(value), std::chars_format::scientific).ptr;
  const std::string_view written(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  const std::size_t e = written.find('e');
  std::string digits;
  for (const char c : written.substr(0, e))
    if (c != '.') digits += c;
  const std::string_view power = written.substr(e + 2);
  int exponent = 0;
  std::from_chars(power.data(), power.data() + power.size(), exponent);
  if (written[e + 1] == '-') exponent = -exponent;
  const int point = exponent + shift + 1; // digits before the decimal point
  const int count = static_cast<int>(digits.size());
  if (point <= 0)
    digits = "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
  else if (point >= count)
    digits += std::string(static_cast<std::size_t>(point - count), '0');
  else
    digits.insert(static_cast<std::size_t>(point), ".");
  return (value < 0 ? "-" : "") + digits;
}

/// The shortest text in one of `units` that parses back to exactly `value`; of two equally short ones, 600 ns rather than 0.6 us.
std::string exact(double value, std::span<const Unit> units, std::span<const Unit> more = {})
{
  if (value == 0 || !std::isfinite(value)) return exact_text(value) + " " + std::string(units.front().name);
  std::string best;
  for (const auto& table : {units, more})
    for (const Unit& unit : table) {
      const std::string text = plain(value / unit.factor, -unit.exponent) + " " + std::string(unit.name);
      const bool better = best.empty() || text.size() < best.size() || (text.size() == best.size() && best.starts_with("0."));
      if (better && parse(text, units, more) == value) best = text;
    }
  const std::string scientific = exact_text(value) + " " + std::string(units.front().name);
  return best.empty() || best.size() > 30 ? scientific : best; // 1e-300 s is no number to write out
}

/// `value` with four significant digits, trailing zeros dropped, never in exponent notation below 1e15.
std::string four_digits(double value)
{
  if (value == 0 || !std::isfinite(value)) return exact_text(value);
  const int before = static_cast<int>(std::floor(std::log10(std::abs(value)))) + 1;
  const int decimals = std::clamp(4 - before, 0, 12);
  std::array<char, 400> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed, decimals).ptr;
  std::string text(buffer.data(), end);
  if (decimals > 0) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text;
}

/// Picks the largest of `units` (smallest first) of which there is at least one.
std::string fitting(double value, std::span<const Unit> units)
{
  const Unit* best = &units.front();
  double scale = best->factor * std::pow(10, best->exponent);
  for (const Unit& unit : units) {
    const double size = unit.factor * std::pow(10, unit.exponent);
    // 0.9999999 of the next unit rounds to one of it.
    if (std::abs(value) >= size * 0.99995) best = &unit, scale = size;
  }
  if (value == 0) return "0 " + std::string(units.front().name);
  return four_digits(value / scale) + " " + std::string(best->name);
}

constexpr std::array people_bytes = std::to_array<Unit>(
    {{"B"}, {"KiB", 0, kibi}, {"MiB", 0, mebi}, {"GiB", 0, gibi}, {"TiB", 0, tebi}, {"PiB", 0, pebi}, {"EiB", 0, exbi}});
// A minute is written as seconds up to five of them, and so on: "90 s" reads better than "1.5 min".
constexpr std::array people_seconds = std::to_array<Unit>({{"ns", -9}, {"us", -6}, {"ms", -3}, {"s"}});

} // namespace

std::optional<Bytes> parse_bytes(std::string_view text) { return as<Bytes>(parse(text, byte_units, bit_units)); }
std::optional<Flops> parse_flops(std::string_view text) { return as<Flops>(parse(text, flop_units)); }
std::optional<Seconds> parse_seconds(std::string_view text) { return as<Seconds>(parse(text, second_units, long_time_units)); }
std::optional<Bandwidth> parse_bandwidth(std::string_view text) { return as<Bandwidth>(parse(text, byte_rate_units, other_rate_units)); }
std::optional<FlopRate> parse_flop_rate(std::string_view text) { return as<FlopRate>(parse(text, flop_rate_units)); }
std::optional<Watts> parse_watts(std::string_view text) { return as<Watts>(parse(text, watt_units)); }
std::optional<Joules> parse_joules(std::string_view text) { return as<Joules>(parse(text, joule_units, watt_hour_units)); }
std::optional<Dollars> parse_dollars(std::string_view text) { return as<Dollars>(parse(text, dollar_units)); }
std::optional<Metres> parse_metres(std::string_view text) { return as<Metres>(parse(text, metre_units)); }

std::optional<double> parse_number(std::string_view text)
{
  const auto parts = split(text);
  if (!parts || !parts->unit.empty() || text.ends_with(' ')) return std::nullopt;
  return decimal(parts->mantissa, parts->exponent);
}

std::vector<std::string> unit_names(std::string_view kind)
{
  struct Row {
    std::string_view kind;
    std::span<const Unit> units, more;
  };
  const std::array rows = std::to_array<Row>({{"size", byte_units, bit_units},
                                              {"operations", flop_units, {}},
                                              {"time", second_units, long_time_units},
                                              {"bandwidth", byte_rate_units, other_rate_units},
                                              {"rate", flop_rate_units, {}},
                                              {"power", watt_units, {}},
                                              {"energy", joule_units, watt_hour_units},
                                              {"price", dollar_units, {}},
                                              {"length", metre_units, {}}});
  std::vector<std::string> names;
  for (const Row& row : rows)
    if (row.kind == kind)
      for (const auto& table : {row.units, row.more})
        for (const Unit& unit : table) names.emplace_back(unit.name);
  return names;
}

std::string exact_text(Bytes value) { return exact(value.base(), byte_units); }
std::string exact_text(Flops value) { return exact(value.base(), flop_units); }
std::string exact_text(Seconds value) { return exact(value.base(), second_units, long_time_units); }
std::string exact_text(Bandwidth value) { return exact(value.base(), byte_rate_units); }
std::string exact_text(FlopRate value) { return exact(value.base(), flop_rate_units); }
std::string exact_text(Watts value) { return exact(value.base(), watt_units); }
std::string exact_text(Joules value) { return exact(value.base(), joule_units, watt_hour_units); }
std::string exact_text(Dollars value) { return exact(value.base(), dollar_units); }
std::string exact_text(Metres value) { return exact(value.value, metre_units); }
std::string exact_text(double value)
{
  std::array<char, 40> buffer{};
  return {buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr};
}

std::string short_text(Bytes value) { return fitting(value.base(), people_bytes); }
std::string short_text(Flops value) { return fitting(value.base(), flop_units); }
std::string short_text(Seconds value)
{
  const double seconds = std::abs(value.base());
  if (seconds < 300) return fitting(value.base(), people_seconds);
  if (seconds < 3 * 3600) return four_digits(value.base() / 60) + " min";
  if (seconds < 48 * 3600) return four_digits(value.base() / 3600) + " h";
  return four_digits(value.base() / 86400) + " d";
}
std::string short_text(Bandwidth value) { return fitting(value.base(), byte_rate_units); }
std::string short_text(FlopRate value) { return fitting(value.base(), flop_rate_units); }
std::string short_text(Watts value) { return fitting(value.base(), watt_units); }
std::string short_text(Joules value) { return fitting(value.base(), joule_units); }
std::string short_text(Dollars value) { return fitting(value.base(), dollar_units); }

} // namespace weft
