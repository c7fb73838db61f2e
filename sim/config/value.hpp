// How single values stand in YAML: counts, fractions, quantities with units, enumerations, lists, names of presets.
// Each type has read_value, write_value, type_name, unit_name; Record<T> puts them together.
#pragma once
#include "config/node.hpp"
#include "config/word.hpp"
#include "units/quantity.hpp"
#include "units/text.hpp"

#include <concepts>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace weft {

/// A bound on a value and its words: `{"at least 1", holds}`.
template <class T> struct Check {
  std::string text;
  std::function<bool(const T&)> holds;
};

/// A file-given list of choices of an enumeration, in the order of the enumerators. Specialise for each enum used in YAML:
///   template <> struct Choices<Recompute> { static constexpr std::array names{"none", "selective", "full"}; };
template <class E> struct Choices;
template <class E>
concept Enumerated = std::is_enum_v<E> && requires
{
  Choices<E>::names;
};
/// The YAML word of an enumerator.
template <Enumerated E> std::string name_of(E value) { return Choices<E>::names[static_cast<std::size_t>(value)]; }

void read_value(const Node&, std::string&);  ///< any scalar
void read_value(const Node&, Word&);         ///< any scalar, with its place
void read_value(const Node&, int&);          ///< a whole number; refuses 010, 1e3, fractions, overflow
void read_value(const Node&, std::int64_t&); ///< a whole number, also "300e9" when exact
void read_value(const Node&, double&);       ///< a plain number: finite, no unit
void read_value(const Node&, bool&);         ///< true or false, nothing else
void read_value(const Node&, Bytes&);
void read_value(const Node&, Flops&);
void read_value(const Node&, Seconds&);
void read_value(const Node&, Bandwidth&);
void read_value(const Node&, FlopRate&);
void read_value(const Node&, Watts&);
void read_value(const Node&, Joules&);
void read_value(const Node&, Dollars&);
void read_value(const Node&, Metres&);
void read_value(const Node&, Node&); ///< kept as it stands, for a kind to read later

Node write_value(const std::string&);
Node write_value(int);
Node write_value(std::int64_t);
Node write_value(double);
Node write_value(bool);
Node write_value(Bytes);
Node write_value(Flops);
Node write_value(Seconds);
Node write_value(Bandwidth);
Node write_value(FlopRate);
Node write_value(Watts);
Node write_value(Joules);
Node write_value(Dollars);
Node write_value(Metres);
Node write_value(const Node&);

/// One of a closed set of words; an unknown word is refused with the list and the nearest one.
std::size_t read_choice(const Node&, std::span<const char* const> names);
template <Enumerated E> void read_value(const Node& node, E& into) { into = static_cast<E>(read_choice(node, Choices<E>::names)); }
template <Enumerated E> Node write_value(E value) { return write_value(name_of(value)); }

template <class T> class Record;
/// The description of T; specialise it in the .cpp of the room that owns T (declare the specialisation in its header).
template <class T> const Record<T>& record_of() = delete;
/// Types whose record_of is specialised. They are read and written by their record (config/record.hpp).
template <class T>
concept Described = std::is_class_v<T> && requires
{
  {
    record_of<T>()
    } -> std::same_as<const Record<T>&>;
};
template <Described T> void read_value(const Node& node, T& into);
template <Described T> Node write_value(const T& from);

template <class T> void read_value(const Node& node, std::optional<T>& into)
{
  T value{};
  read_value(node, value);
  into = std::move(value);
}
template <class T> Node write_value(const std::optional<T>& from) { return from ? write_value(*from) : Node{}; }

template <class T> void read_value(const Node& node, std::vector<T>& into)
{
  if (node.kind != Node::Kind::list) refuse(node, "expected a list (write [a, b] or one '- item' per line)");
  into.clear();
  for (const Node& item : node.items) {
    T value{};
    read_value(item, value);
    into.push_back(std::move(value));
  }
}
template <class T> Node write_value(const std::vector<T>& from)
{
  Node node;
  node.kind = Node::Kind::list;
  for (const T& item : from) node.items.push_back(write_value(item));
  return node;
}

/// Keys of a map in YAML: words or an enumeration's words.
template <class K, class T> void read_value(const Node& node, std::map<K, T>& into)
{
  if (node.kind != Node::Kind::mapping) refuse(node, "expected a mapping");
  into.clear();
  for (const auto& [name, item] : node.entries) {
    K key{};
    Node key_node = item;
    key_node.kind = Node::Kind::scalar;
    key_node.text = name;
    read_value(key_node, key);
    if (item.kind == Node::Kind::null) continue; // `fp8: null` says: not there
    T value{};
    read_value(item, value);
    into.emplace(key, std::move(value));
  }
}
template <class K, class T> Node write_value(const std::map<K, T>& from)
{
  Node node;
  node.kind = Node::Kind::mapping;
  for (const auto& [key, item] : from) node.entries.emplace_back(write_value(key).text, write_value(item));
  return node;
}

// --- what documentation says of a type -----------------------------------------------------------------------------
template <class T> struct ListItem {
  using type = void;
};
template <class T> struct ListItem<std::vector<T>> {
  using type = T;
};
template <class T> struct ListItem<std::optional<T>> {
  using type = T;
};
template <class K, class T> struct ListItem<std::map<K, T>> {
  using type = T;
};

/// "count", "number", "text", "bandwidth", "list of ...", "one of", "mapping".
template <class T> std::string type_name()
{
  if constexpr (std::is_same_v<T, int> || std::is_same_v<T, std::int64_t>)
    return "count";
  else if constexpr (std::is_same_v<T, double>)
    return "number";
  else if constexpr (std::is_same_v<T, bool>)
    return "true or false";
  else if constexpr (std::is_base_of_v<std::string, T>)
    return "text";
  else if constexpr (std::is_same_v<T, Bytes>)
    return "size";
  else if constexpr (std::is_same_v<T, Flops>)
    return "operations";
  else if constexpr (std::is_same_v<T, Seconds>)
    return "time";
  else if constexpr (std::is_same_v<T, Bandwidth>)
    return "bandwidth";
  else if constexpr (std::is_same_v<T, FlopRate>)
    return "rate";
  else if constexpr (std::is_same_v<T, Watts>)
    return "power";
  else if constexpr (std::is_same_v<T, Joules>)
    return "energy";
  else if constexpr (std::is_same_v<T, Dollars>)
    return "price";
  else if constexpr (std::is_same_v<T, Metres>)
    return "length";
  else if constexpr (std::is_enum_v<T>)
    return "one of";
  else if constexpr (requires { typename T::mapped_type; })
    return "mapping to " + type_name<typename T::mapped_type>();
  else if constexpr (std::is_same_v<T, std::optional<typename ListItem<T>::type>>)
    return type_name<typename ListItem<T>::type>();
  else if constexpr (!std::is_void_v<typename ListItem<T>::type>)
    return "list of " + type_name<typename ListItem<T>::type>();
  else
    return "mapping";
}

/// An example unit: "GB/s", "us"; empty for counts and words.
template <class T> std::string unit_name()
{
  if constexpr (std::is_same_v<T, Bytes>)
    return "GiB";
  else if constexpr (std::is_same_v<T, Flops>)
    return "TFLOP";
  else if constexpr (std::is_same_v<T, Seconds>)
    return "us";
  else if constexpr (std::is_same_v<T, Bandwidth>)
    return "GB/s";
  else if constexpr (std::is_same_v<T, FlopRate>)
    return "TFLOP/s";
  else if constexpr (std::is_same_v<T, Watts>)
    return "W";
  else if constexpr (std::is_same_v<T, Joules>)
    return "J";
  else if constexpr (std::is_same_v<T, Dollars>)
    return "USD";
  else if constexpr (std::is_same_v<T, Metres>)
    return "m";
  else if constexpr (!std::is_void_v<typename ListItem<T>::type>)
    return unit_name<typename ListItem<T>::type>();
  else
    return "";
}

template <class T> std::vector<std::string> choice_names()
{
  if constexpr (Enumerated<T>)
    return {Choices<T>::names.begin(), Choices<T>::names.end()};
  else if constexpr (!std::is_void_v<typename ListItem<T>::type>)
    return choice_names<typename ListItem<T>::type>();
  else
    return {};
}

/// The words that may be keys of a map over an enumeration.
template <class T> std::vector<std::string> key_names()
{
  if constexpr (requires {
                  typename T::key_type;
                  typename T::mapped_type;
                })
    return choice_names<typename T::key_type>();
  else
    return {};
}

struct FieldDoc;
template <class T> std::vector<FieldDoc> nested_docs(); // in record.hpp

/// The default of an optional field as it would be written in YAML, on one line; "" for an empty list or absent optional.
std::string one_line(const Node& node);
template <class T> std::string default_text(const T& value) { return one_line(write_value(value)); }

// --- bounds ----------------------------------------------------------------------------------------------------------
template <class T> Check<T> positive()
{
  return {"above zero", [](const T& v) { return v > T{}; }};
}
template <class T> Check<T> not_negative()
{
  return {"zero or more", [](const T& v) { return v >= T{}; }};
}
Check<int> at_least(int low);
Check<int> in_range(int low, int high);
Check<double> in_range(double low, double high); ///< both ends included
Check<double> fraction();                        ///< above 0, at most 1

/// The candidate closest to `word` by edit distance, when close enough to be a slip of the finger; else "".
std::string nearest(const std::string& word, const std::vector<std::string>& candidates);
/// "a, b, c".
std::string joined(const std::vector<std::string>& words);
/// " (did you mean 'x'?)", or " (" + `otherwise` + ": a, b, c)" when nothing is near; "" when there are no candidates, and when nothing is
/// near and `otherwise` is empty.
std::string suggestion(const std::string& word, const std::vector<std::string>& candidates, const std::string& otherwise);
/// The text as it goes into a message: cut to a readable length.
std::string shown(const std::string& text);

[[noreturn]] void refuse_unknown_key(const Node& value, const std::string& key, const std::vector<std::string>& known);
[[noreturn]] void refuse_missing_key(const Node& mapping, const std::string& key, const std::string& what);

} // namespace weft
