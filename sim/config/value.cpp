#include "config/value.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace weft {
namespace {

const std::string& scalar(const Node& node, const char* wanted)
{
  if (node.kind == Node::Kind::scalar) return node.text;
  const char* got = node.kind == Node::Kind::null ? "nothing" : node.kind == Node::Kind::list ? "a list" : "a mapping";
  refuse(node, std::string("expected ") + wanted + ", got " + got);
}

bool all_digits(std::string_view text)
{
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// A decimal number as people write it: -12, 0.5, .5, 300e9; no 010, 0x10, inf, nan.
bool is_decimal(std::string_view text)
{
  if (!text.empty() && text.front() == '-') text.remove_prefix(1);
  const std::size_t e = std::min(text.find_first_of("eE"), text.size());
  std::string_view mantissa = text.substr(0, e);
  if (e < text.size()) {
    std::string_view exponent = text.substr(e + 1);
    if (!exponent.empty() && (exponent.front() == '-' || exponent.front() == '+')) exponent.remove_prefix(1);
    if (!all_digits(exponent)) return false;
  }
  const std::size_t dot = std::min(mantissa.find('.'), mantissa.size());
  const std::string_view whole = mantissa.substr(0, dot);
  const std::string_view rest = dot < mantissa.size() ? mantissa.substr(dot + 1) : std::string_view();
  if (whole.empty() && rest.empty()) return false;
  if (whole.size() > 1 && whole.front() == '0') return false;
  return (whole.empty() || all_digits(whole)) && (rest.empty() || all_digits(rest));
}

/// from_chars takes no '+' in front of an exponent's digits on every library; strtod is locale dependent. So: by hand.
std::optional<double> to_double(const std::string& text)
{
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

void refuse_quotes(const Node& node, const char* wanted)
{
  if (node.quoted)
    refuse(node, std::string("expected ") + wanted + ", got text in quotes '" + shown(node.text) + "' (take the quotes off)");
}

std::int64_t whole_number(const Node& node, std::int64_t low, std::int64_t high)
{
  const std::string& text = scalar(node, "a whole number");
  refuse_quotes(node, "a whole number");
  const bool negative = text.starts_with('-');
  const std::string_view digits = std::string_view(text).substr(negative ? 1 : 0);
  if (!all_digits(digits)) refuse(node, "expected a whole number, got '" + shown(text) + "' (write digits only)");
  if (digits.size() > 1 && digits.front() == '0')
    refuse(node, "expected a whole number, got '" + shown(text) + "' (leave out the leading zero)");
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || value < low || value > high)
    refuse(node,
           "too large a number: '" + shown(text) + "' (write one between " + std::to_string(low) + " and " + std::to_string(high) + ")");
  return value;
}

template <class Q>
void read_quantity(const Node& node, Q& into, std::optional<Q> (*parse)(std::string_view), const char* what, const char* first,
                   const char* second)
{
  const std::string& text = scalar(node, what);
  if (const auto value = parse(text)) {
    into = *value;
    return;
  }
  const std::string wanted(what);
  if (is_decimal(text)) {
    if (!to_double(text)) refuse(node, wanted + " that is no finite number: '" + shown(text) + "' (write a smaller one)");
    refuse(node, wanted + " needs a unit, got '" + shown(text) + "' (write '" + text.substr(0, 20) + " " + first + "' or '" +
                     text.substr(0, 20) + " " + second + "')");
  }
  refuse(node,
         "expected " + wanted + ", got '" + shown(text) + "' (write a number and a unit, such as '1 " + first + "' or '1 " + second + "')");
}

} // namespace

void read_value(const Node& node, std::string& into) { into = scalar(node, "text"); }
void read_value(const Node& node, Word& into) { into = Word(scalar(node, "text"), node.place, node.key); }
void read_value(const Node& node, int& into)
{
  into = static_cast<int>(whole_number(node, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()));
}
void read_value(const Node& node, std::int64_t& into)
{
  const std::string& text = scalar(node, "a whole number");
  if (!node.quoted && is_decimal(text) && text.find_first_of(".eE") != std::string::npos) { // 300e9 is a count, too, when exact
    const auto value = to_double(text);
    if (!value || std::trunc(*value) != *value || std::abs(*value) > 9007199254740992.0)
      refuse(node, "expected a whole number, got '" + shown(text) + "' (write a whole number below 9e15)");
    into = static_cast<std::int64_t>(*value);
    return;
  }
  into = whole_number(node, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
}
void read_value(const Node& node, double& into)
{
  const std::string& text = scalar(node, "a number");
  refuse_quotes(node, "a number");
  if (!is_decimal(text))
    refuse(node, "expected a plain number, got '" + shown(text) + "' (write digits such as 0.5 or 300e9, without a unit)");
  const auto value = to_double(text);
  if (!value) refuse(node, "a number that does not fit: '" + shown(text) + "' (write one between 1e-300 and 1e300)");
  into = *value;
}
void read_value(const Node& node, bool& into)
{
  const std::string& text = scalar(node, "true or false");
  if (node.quoted || (text != "true" && text != "false")) refuse(node, "expected true or false, got '" + shown(text) + "'");
  into = text == "true";
}
void read_value(const Node& node, Bytes& into) { read_quantity(node, into, &parse_bytes, "a size", "GB", "GiB"); }
void read_value(const Node& node, Flops& into) { read_quantity(node, into, &parse_flops, "a number of operations", "GFLOP", "TFLOP"); }
void read_value(const Node& node, Seconds& into) { read_quantity(node, into, &parse_seconds, "a time", "us", "s"); }
void read_value(const Node& node, Bandwidth& into) { read_quantity(node, into, &parse_bandwidth, "a bandwidth", "Gbps", "GB/s"); }
void read_value(const Node& node, FlopRate& into)
{
  read_quantity(node, into, &parse_flop_rate, "a rate of operations", "GFLOP/s", "TFLOP/s");
}
void read_value(const Node& node, Watts& into) { read_quantity(node, into, &parse_watts, "a power", "W", "kW"); }
void read_value(const Node& node, Joules& into) { read_quantity(node, into, &parse_joules, "an energy", "J", "kWh"); }
void read_value(const Node& node, Dollars& into) { read_quantity(node, into, &parse_dollars, "a price", "USD", "kUSD"); }
void read_value(const Node& node, Metres& into) { read_quantity(node, into, &parse_metres, "a length", "m", "km"); }
void read_value(const Node& node, Node& into) { into = node; }

Node write_value(const std::string& value) { return scalar_node(value); }
Node write_value(int value) { return scalar_node(std::to_string(value)); }
Node write_value(std::int64_t value) { return scalar_node(std::to_string(value)); }
Node write_value(double value) { return scalar_node(exact_text(value)); }
Node write_value(bool value) { return scalar_node(value ? "true" : "false"); }
Node write_value(Bytes value) { return scalar_node(exact_text(value)); }
Node write_value(Flops value) { return scalar_node(exact_text(value)); }
Node write_value(Seconds value) { return scalar_node(exact_text(value)); }
Node write_value(Bandwidth value) { return scalar_node(exact_text(value)); }
Node write_value(FlopRate value) { return scalar_node(exact_text(value)); }
Node write_value(Watts value) { return scalar_node(exact_text(value)); }
Node write_value(Joules value) { return scalar_node(exact_text(value)); }
Node write_value(Dollars value) { return scalar_node(exact_text(value)); }
Node write_value(Metres value) { return scalar_node(exact_text(value)); }
Node write_value(const Node& value) { return value; }

Check<int> at_least(int low)
{
  return {"at least " + std::to_string(low), [low](const int& value) { return value >= low; }};
}
Check<int> in_range(int low, int high)
{
  return {"between " + std::to_string(low) + " and " + std::to_string(high),
          [low, high](const int& value) { return value >= low && value <= high; }};
}
Check<double> in_range(double low, double high)
{
  return {"between " + exact_text(low) + " and " + exact_text(high),
          [low, high](const double& value) { return value >= low && value <= high; }};
}
Check<double> fraction()
{
  return {"above 0 and at most 1", [](const double& value) { return value > 0 && value <= 1; }};
}

} // namespace weft
