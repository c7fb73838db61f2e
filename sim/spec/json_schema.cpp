// The JSON Schema of a scenario, from the same field tables as the reference. https://json-schema.org/draft/2020-12/schema
#include "spec/format_docs.hpp"
#include "spec/forms.hpp"

#include <map>

namespace weft {
namespace {

/// Keys and rendered values of a JSON object, in order.
using Members = std::vector<std::pair<std::string, std::string>>;

std::string text(const std::string& value)
{
  std::string result = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

constexpr const char* decimal_pattern = "-?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?";

std::string list(const std::vector<std::string>& values)
{
  std::string result;
  for (const std::string& value : values) result += (result.empty() ? "" : ",") + value;
  return "[" + result + "]";
}

std::string words(const std::vector<std::string>& values)
{
  std::vector<std::string> quoted;
  for (const std::string& value : values) quoted.push_back(text(value));
  return list(quoted);
}

std::string object(const Members& members)
{
  std::string result;
  for (const auto& [key, value] : members) result += (result.empty() ? "" : ",") + text(key) + ":" + value;
  return "{" + result + "}";
}

/// Breaks rendered JSON into indented lines.
std::string pretty(const std::string& json)
{
  std::string result, indent = "\n";
  bool in_text = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_text) {
      result += c;
      if (c == '\\')
        result += json[++i];
      else if (c == '"')
        in_text = false;
      continue;
    }
    if (c == '"') in_text = true;
    if ((c == '}' || c == ']') && result.back() != '{' && result.back() != '[') {
      indent.resize(indent.size() - 2);
      result += indent + c;
    } else if (c == '}' || c == ']') {
      indent.resize(indent.size() - 2);
      result += c;
    } else {
      if (!result.empty() && (result.back() == '{' || result.back() == '[')) result += indent;
      result += c;
    }
    if (c == '{' || c == '[') indent += "  ";
    if (c == ',') result += indent;
    if (c == ':') result += ' ';
  }
  return result + "\n";
}

/// Walks the field tables and collects what the presets of each folder look like.
class SchemaWriter {
  const std::vector<KindSettings>& kinds_;
  std::map<std::string, std::string> definitions_; ///< by the last part of the folder's name

public:
  explicit SchemaWriter(const std::vector<KindSettings>& kinds) : kinds_(kinds) {}
  [[nodiscard]] const std::map<std::string, std::string>& definitions() const { return definitions_; }

  /// A mapping with a closed set of keys. What a preset or a base may supply is not required of the mapping itself.
  enum class Needs { required_keys, nothing };
  std::string mapping(const std::vector<FieldDoc>& fields, Needs needs, Members extra = {})
  {
    Members properties = std::move(extra);
    std::vector<std::string> required;
    for (const FieldDoc& field : fields) {
      properties.emplace_back(field.key, property(field));
      if (field.required) required.push_back(field.key);
    }
    Members members{{"type", text("object")}, {"properties", object(properties)}, {"additionalProperties", "false"}};
    if (needs == Needs::required_keys && !required.empty()) members.emplace_back("required", words(required));
    return object(members);
  }

  std::string property(const FieldDoc& field)
  {
    Members members{{"description", text(field.doc)}};
    if (!field.default_text.empty() && field.nested.empty() && field.preset.empty()) add_default(field, members);
    for (auto& member : type_of(field)) members.push_back(std::move(member));
    return object(members);
  }

private:
  static std::string type_name_of(const char* name, const FieldDoc& field)
  {
    return field.required ? text(name) : list({text(name), text("null")});
  }

  static void add_default(const FieldDoc& field, Members& members)
  {
    const bool bare = field.type == "count" || field.type == "number" || field.type == "true or false";
    members.emplace_back("default", bare ? field.default_text : text(field.default_text));
  }

  Members type_of(const FieldDoc& field)
  {
    if (!field.preset.empty()) return preset(field);
    if (field.open) return open_mapping(field);
    if (field.type == import_type) return {{"type", words({"string", "object", "null"})}};
    constexpr std::string_view list_prefix = "list of ", map_prefix = "mapping to ";
    if (field.type.starts_with(list_prefix)) {
      FieldDoc item = field;
      item.type = field.type.substr(list_prefix.size());
      item.required = true;
      return {{"type", type_name_of("array", field)}, {"items", object(type_of(item))}};
    }
    if (field.type.starts_with(map_prefix)) {
      FieldDoc item = field;
      item.type = field.type.substr(map_prefix.size());
      item.required = false;
      Members members{{"type", type_name_of("object", field)}, {"additionalProperties", object(type_of(item))}};
      if (!field.keys.empty()) members.emplace_back("propertyNames", object({{"enum", words(field.keys)}}));
      return members;
    }
    if (!field.nested.empty()) {
      const std::string closed = mapping(field.nested, Needs::required_keys);
      return {{"anyOf", field.required ? list({closed}) : list({closed, object({{"type", text("null")}})})}};
    }
    return scalar(field);
  }

  Members scalar(const FieldDoc& field)
  {
    if (field.type == type_name<Recomputation>())
      return {{"anyOf", list({object({{"enum", words(field.choices)}}), object({{"type", text("array")}, {"items", object({{"enum", words(field.choices)}})}}),
                              object({{"type", text("null")}})})}};
    if (!field.choices.empty()) {
      std::string values = words(field.choices);
      if (!field.required) values.insert(values.size() - 1, ",null");
      return {{"enum", values}};
    }
    if (const auto kinds = kinds_of(field.key); !kinds.empty() && field.type == "text") return {{"enum", words(kinds)}};
    if (field.type == "count") return {{"type", type_name_of("integer", field)}};
    if (field.type == "number") { // readers of YAML 1.1 take 300e9 for text
      std::vector<std::string> types{text("number"), text("string")};
      if (!field.required) types.push_back(text("null"));
      return {{"type", list(types)}, {"pattern", text(std::string("^") + decimal_pattern + "$")}};
    }
    if (field.type == "true or false") return {{"type", type_name_of("boolean", field)}};
    Members members{{"type", type_name_of("string", field)}};
    if (const auto units = unit_names(field.type); !units.empty()) {
      std::string alternatives;
      for (const std::string& unit : units) alternatives += (alternatives.empty() ? "" : "|") + unit;
      members.emplace_back("pattern", text(std::string("^") + decimal_pattern + " *(" + alternatives + ")$"));
    }
    return members;
  }

  /// A word, or a mapping that may start from one.
  Members preset(const FieldDoc& field)
  {
    if (field.nested.empty()) return {{"type", type_name_of("string", field)}};
    const std::string name = field.preset.substr(field.preset.rfind('/') + 1);
    if (!definitions_.contains(name)) {
      definitions_[name] = ""; // its place is taken while it is written
      const Members base{{"base", object({{"description", text("preset of " + field.preset + " to start from")},
                                          {"type", list({text("string"), text("null")})}})}};
      definitions_[name] = mapping(field.nested, Needs::nothing, base);
    }
    std::vector<std::string> ways{object({{"type", text("string")}}), object({{"$ref", text("#/$defs/" + name)}})};
    if (!field.required) ways.push_back(object({{"type", text("null")}}));
    return {{"anyOf", list(ways)}};
  }

  std::vector<std::string> kinds_of(const std::string& key) const
  {
    std::vector<std::string> names;
    for (const KindSettings& kind : kinds_)
      if (kind.where == key) names.push_back(kind.kind);
    return names;
  }

  /// A kind's word, or a mapping with its common keys and the settings of any kind.
  Members open_mapping(const FieldDoc& field)
  {
    Members properties;
    const auto kinds = kinds_of(field.key);
    const auto known = [&](const std::string& key) {
      for (const auto& property : properties)
        if (property.first == key) return true;
      return false;
    };
    for (const FieldDoc& inner : field.nested) {
      if (inner.key == "kind" && !kinds.empty())
        properties.emplace_back("kind", object({{"description", text(inner.doc)}, {"enum", words(kinds)}}));
      else
        properties.emplace_back(inner.key, property(inner));
    }
    for (const KindSettings& kind : kinds_) {
      if (kind.where != field.key) continue;
      for (FieldDoc setting : kind.fields) {
        setting.doc = kind.kind + ": " + setting.doc;
        // Two kinds may give one key different meanings: then any value is let through.
        if (!known(setting.key))
          properties.emplace_back(setting.key,
                                  shared(field.key, setting.key) ? object({{"description", text(setting.doc)}}) : property(setting));
      }
    }
    Members closed{{"type", text("object")}, {"properties", object(properties)}};
    if (!kinds.empty()) closed.emplace_back("additionalProperties", "false");
    const std::string word = kinds.empty() ? object({{"type", text("string")}}) : object({{"enum", words(kinds)}});
    return {{"anyOf", list({word, object(closed)})}};
  }

  bool shared(const std::string& where, const std::string& key) const
  {
    int kinds_with_key = 0;
    for (const KindSettings& kind : kinds_)
      for (const FieldDoc& field : kind.fields) kinds_with_key += kind.where == where && field.key == key ? 1 : 0;
    return kinds_with_key > 1;
  }
};

} // namespace

std::string scenario_schema(const std::vector<KindSettings>& kinds)
{
  SchemaWriter writer(kinds);
  const std::string root = writer.mapping(scenario_docs(), SchemaWriter::Needs::required_keys);
  Members definitions;
  for (const auto& [name, definition] : writer.definitions()) definitions.emplace_back(name, definition);
  const Members head{{"$schema", text("https://json-schema.org/draft/2020-12/schema")},
                     {"title", text("Weft scenario")},
                     {"description", text(record_of<ScenarioForm>().doc())},
                     {"$defs", object(definitions)}};
  std::string start = object(head);
  start.pop_back(); // the root mapping's members follow
  return pretty(start + "," + root.substr(1));
}

} // namespace weft
