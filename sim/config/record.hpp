// A record describes how a struct is written in YAML: one table of fields serves reading, writing back, the format
// documentation and the JSON Schema, so that they cannot drift apart. The default of an optional field is its value in T{}.
//
//   struct FatTree { int tiers = 2; double oversubscription = 1; };
//   template <> const Record<FatTree>& record_of<FatTree>() {
//     static const Record<FatTree> record = Record<FatTree>("fat-tree", "A folded Clos ...")
//         .optional("tiers", &FatTree::tiers, "switch levels, 2 or 3", in_range(2, 3))
//         .optional("oversubscription", &FatTree::oversubscription, "leaf downlinks per uplink", at_least(1));
//     return record;
//   }
#pragma once
#include "config/value.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace weft {

/// What the documentation and the JSON Schema say of one field.
struct FieldDoc {
  std::string key, type, unit, default_text, doc;
  bool required = false;
  std::vector<std::string> choices = {}; ///< of an enumeration
  std::vector<FieldDoc> nested = {};     ///< of a nested record (or of the items of a list of records)
  std::string preset = {};               ///< folder of presets a word here names ("platforms/chips"); empty: none
  std::vector<std::string> keys = {};    ///< of a mapping whose keys are an enumeration's words
  bool open = false;                     ///< a mapping that also takes keys not listed in `nested` (read by a kind)
};

/// How a T stands in YAML: closed set of keys, each with type, unit, default, bounds and meaning.
template <class T> class Record {
  struct Field {
    FieldDoc doc;
    std::function<void(const Node&, T&)> read;
    std::function<Node(const T&)> write;
  };
  std::string name_, doc_;
  std::vector<Field> fields_;
  std::function<void(const Node&, const T&)> check_;
  bool open_ = false;
  template <class> friend class Record;

  template <class M> Record& add(std::string key, M T::*member, std::string doc, Check<M> check, bool required)
  {
    Field field;
    field.doc = FieldDoc{key,      type_name<M>(),    unit_name<M>(),  required ? "" : default_text(T{}.*member), std::move(doc),
                         required, choice_names<M>(), nested_docs<M>()};
    field.doc.keys = key_names<M>();
    if (check.text.size()) field.doc.doc += " (" + check.text + ")";
    field.read = [member, check](const Node& node, T& into) {
      read_value(node, into.*member);
      if (check.holds && !check.holds(into.*member))
        refuse(node, "must be " + check.text + ", got '" + (node.kind == Node::Kind::scalar ? node.text : "...") + "'");
    };
    field.write = [member](const T& from) { return write_value(from.*member); };
    fields_.push_back(std::move(field));
    return *this;
  }

public:
  Record(std::string name, std::string doc) : name_(std::move(name)), doc_(std::move(doc)) {}

  /// A key that must be written.
  template <class M> Record& required(std::string key, M T::*member, std::string doc, Check<M> check = {})
  {
    return add(std::move(key), member, std::move(doc), std::move(check), true);
  }
  /// A key that may be left out; the default is the member's value in T{}.
  template <class M> Record& optional(std::string key, M T::*member, std::string doc, Check<M> check = {})
  {
    return add(std::move(key), member, std::move(doc), std::move(check), false);
  }
  /// The keys of a member record stand among this record's own keys instead of in a mapping of their own.
  template <class M> Record& inlined(M T::*member)
  {
    for (const auto& inner : record_of<M>().fields_) {
      Field field;
      field.doc = inner.doc;
      field.read = [member, read = inner.read](const Node& node, T& into) { read(node, into.*member); };
      field.write = [member, write = inner.write](const T& from) { return write(from.*member); };
      fields_.push_back(std::move(field));
    }
    return *this;
  }
  /// For the docs: the field added last takes the name of a preset of `folder`, or a mapping with the keys of `nested`.
  Record& preset(std::string folder, std::vector<FieldDoc> nested)
  {
    fields_.back().doc.preset = std::move(folder);
    fields_.back().doc.nested = std::move(nested);
    return *this;
  }
  /// For the docs: the field added last is a mapping with the keys of `nested`; other keys are read by a kind.
  Record& kind_settings(std::vector<FieldDoc> nested)
  {
    fields_.back().doc.open = true;
    fields_.back().doc.nested = std::move(nested);
    return *this;
  }
  /// Keys beyond the described ones are not refused but left for a kind to read.
  Record& leaves_other_keys()
  {
    open_ = true;
    return *this;
  }
  /// A rule across the fields, run after all are read; it throws through refuse().
  Record& rule(std::function<void(const Node&, const T&)> check)
  {
    check_ = std::move(check);
    return *this;
  }

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& doc() const { return doc_; }
  [[nodiscard]] std::vector<FieldDoc> docs() const
  {
    std::vector<FieldDoc> result;
    for (const auto& field : fields_) result.push_back(field.doc);
    return result;
  }

  /// Reads a T. Throws ConfigError for an unknown key (with the nearest known one), a missing key, a bad value.
  T read(const Node& node) const
  {
    if (node.kind != Node::Kind::mapping) refuse(node, "expected a mapping with the keys of " + name_);
    std::vector<std::string> known;
    for (const auto& field : fields_) known.push_back(field.doc.key);
    for (const auto& [key, value] : node.entries)
      if (!open_ && std::find(known.begin(), known.end(), key) == known.end()) refuse_unknown_key(value, key, known);
    T result{};
    for (const auto& field : fields_) {
      const Node* value = node.find(field.doc.key);
      if (value && value->kind != Node::Kind::null)
        field.read(*value, result);
      else if (value && !field.doc.required)
        continue; // an explicit null asks for the default
      else if (field.doc.required)
        refuse_missing_key(node, field.doc.key, name_);
    }
    if (check_) check_(node, result);
    return result;
  }

  /// Writes a T back as YAML, every key spelled out.
  Node write(const T& from) const
  {
    Node node;
    node.kind = Node::Kind::mapping;
    for (const auto& field : fields_) node.entries.emplace_back(field.doc.key, field.write(from));
    return node;
  }
};

/// The mapping with only those keys that are not among `known`: a kind's own, beside the common ones.
Node settings_beyond(const Node& mapping, const std::vector<FieldDoc>& known);

template <Described T> void read_value(const Node& node, T& into) { into = record_of<T>().read(node); }
template <Described T> Node write_value(const T& from) { return record_of<T>().write(from); }

template <class T> std::vector<FieldDoc> nested_docs()
{
  if constexpr (Described<T>)
    return record_of<T>().docs();
  else if constexpr (!std::is_void_v<typename ListItem<T>::type>)
    return nested_docs<typename ListItem<T>::type>();
  else
    return {};
}

} // namespace weft
