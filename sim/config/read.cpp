// Reading YAML through yaml-cpp's events: places are known, nothing recurses, and every limit is held while reading.
#include "config/node.hpp"

#include "config/text_file.hpp"
#include "config/value.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <sstream>

namespace weft {
namespace {

constexpr std::size_t deepest = 64;                         // mappings and lists within one another
constexpr std::size_t most_values = 2'000'000;              // after aliases are written out
constexpr std::size_t most_text = std::size_t{256} << 20;   // bytes of text, keys, paths and file names, after aliases are written out
constexpr std::size_t longest_key = 200;                    // bytes of one key

[[noreturn]] void refuse_at(const std::string& file, const YAML::Mark& mark, const std::string& key, const std::string& problem)
{
  throw ConfigError(mark.is_null() ? Place{file} : Place{file, mark.line + 1, mark.column + 1}, key, problem);
}

/// Builds the tree from the parser's events.
class TreeBuilder : public YAML::EventHandler {
  struct Open {
    Node node;
    YAML::anchor_t anchor = 0;
    std::set<std::string, std::less<>> seen; ///< keys so far, of a mapping
    std::optional<std::string> key;          ///< read, its value to come
    YAML::Mark key_mark;
  };
  /// A finished value that aliases may repeat.
  struct Anchored {
    Node node;
    std::size_t values = 0, text = 0;
  };
  std::string file_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchored_;
  std::size_t values_ = 0, text_ = 0;
  int documents_ = 0;
  YAML::Mark last_quoted_ = YAML::Mark::null_mark();
  Node root_;

public:
  explicit TreeBuilder(std::string file) : file_(std::move(file)) {}
  [[nodiscard]] Node take_root() { return std::move(root_); }
  [[nodiscard]] bool has_document() const { return documents_ > 0; }
  /// Where the last text in quotes began.
  [[nodiscard]] const YAML::Mark& last_quoted() const { return last_quoted_; }

  void OnDocumentStart(const YAML::Mark& mark) override
  {
    if (++documents_ > 1) refuse_at(file_, mark, "", "more than one YAML document (keep one document per file)");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override
  {
    if (key_expected()) refuse_at(file_, mark, path(), "an empty key (write key: value)");
    add(leaf(mark, Node::Kind::null), anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override
  {
    refuse_tag(mark, tag);
    if (tag == "!") last_quoted_ = mark;
    if (key_expected()) {
      if (anchor != 0) refuse_at(file_, mark, path(), "an anchor on a key (put it on a value)");
      return take_key(mark, value);
    }
    Node node = leaf(mark, Node::Kind::scalar);
    node.text = value;
    node.quoted = tag == "!";
    add(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override
  {
    if (key_expected()) refuse_at(file_, mark, path(), "an alias as a key (write the key out)");
    const auto found = anchored_.find(anchor);
    if (found == anchored_.end()) refuse_at(file_, mark, path(), "an alias inside the value it stands for (write the value out)");
    // The copy's own path may be longer than the original's, so each value is charged for it as well.
    charge(mark, found->second.values, found->second.text + found->second.values * path().size());
    Node copy = found->second.node;
    set_key_path(copy, path());
    if (depth(copy) + open_.size() > deepest) refuse_depth(mark);
    attach(std::move(copy));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override
  {
    start(mark, tag, anchor, Node::Kind::list);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override
  {
    start(mark, tag, anchor, Node::Kind::mapping);
  }
  void OnMapEnd() override { end(); }

private:
  [[nodiscard]] bool key_expected() const { return !open_.empty() && open_.back().node.kind == Node::Kind::mapping && !open_.back().key; }

  /// Dotted path of the value that comes next.
  [[nodiscard]] std::string path() const
  {
    if (open_.empty()) return "";
    const Open& top = open_.back();
    if (top.node.kind == Node::Kind::list) return top.node.key + "[" + std::to_string(top.node.items.size()) + "]";
    if (!top.key) return top.node.key;
    return top.node.key.empty() ? *top.key : top.node.key + "." + *top.key;
  }

  static std::size_t depth(const Node& node)
  {
    std::size_t below = 0;
    for (const Node& item : node.items) below = std::max(below, depth(item));
    for (const auto& entry : node.entries) below = std::max(below, depth(entry.second));
    return below + (node.kind == Node::Kind::list || node.kind == Node::Kind::mapping ? 1 : 0);
  }

  void refuse_depth(const YAML::Mark& mark) const
  {
    refuse_at(file_, mark, "", "nested more than " + std::to_string(deepest) + " levels deep (flatten the file)");
  }

  void refuse_tag(const YAML::Mark& mark, const std::string& tag) const
  {
    if (!tag.empty() && tag != "?" && tag != "!") refuse_at(file_, mark, path(), "a YAML tag '" + shown(tag) + "' (leave tags out)");
  }

  void charge(const YAML::Mark& mark, std::size_t values, std::size_t text)
  {
    values_ += values;
    text_ += text;
    if (values_ > most_values) refuse_at(file_, mark, "", "more than 2 million values, aliases written out (make the file smaller)");
    if (text_ > most_text) refuse_at(file_, mark, "", "more than 256 MiB of text, aliases written out (make the file smaller)");
  }

  static std::size_t text_of(const Node& node) { return node.text.size() + 2 * node.key.size() + node.place.file.size(); }

  Node leaf(const YAML::Mark& mark, Node::Kind kind) const
  {
    Node node;
    node.kind = kind;
    node.place = Place{file_, mark.line + 1, mark.column + 1};
    node.key = path();
    return node;
  }

  void take_key(const YAML::Mark& mark, const std::string& key)
  {
    Open& top = open_.back();
    if (key.size() > longest_key) refuse_at(file_, mark, top.node.key, "a key of more than 200 characters (shorten it)");
    if (key == "<<") refuse_at(file_, mark, top.node.key, "a merge key '<<' (write the keys out)");
    if (!top.seen.insert(key).second) refuse_at(file_, mark, top.node.key, "the key '" + key + "' stands here twice (keep one)");
    top.key = key;
    top.key_mark = mark;
  }

  void start(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Node::Kind kind)
  {
    refuse_tag(mark, tag);
    if (key_expected()) refuse_at(file_, mark, path(), "a list or mapping as a key, or a bracket left open (keys are plain text)");
    if (open_.size() >= deepest) refuse_depth(mark);
    Open entry;
    entry.node = leaf(mark, kind);
    entry.anchor = anchor;
    charge(mark, 1, text_of(entry.node));
    open_.push_back(std::move(entry));
  }

  void end()
  {
    Open closed = std::move(open_.back());
    open_.pop_back();
    if (closed.anchor != 0) remember(closed.node, closed.anchor);
    attach(std::move(closed.node));
  }

  void add(Node node, YAML::anchor_t anchor)
  {
    charge(YAML::Mark::null_mark(), 1, text_of(node));
    if (anchor != 0) remember(node, anchor);
    attach(std::move(node));
  }

  static void count(const Node& node, Anchored& into)
  {
    ++into.values;
    into.text += text_of(node);
    for (const Node& item : node.items) count(item, into);
    for (const auto& entry : node.entries) count(entry.second, into);
  }

  /// Keeps a copy for aliases; the copy counts against the limits like any other.
  void remember(const Node& node, YAML::anchor_t anchor)
  {
    Anchored kept;
    count(node, kept);
    charge(YAML::Mark::null_mark(), kept.values, kept.text);
    kept.node = node;
    anchored_[anchor] = std::move(kept);
  }

  void attach(Node node)
  {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& top = open_.back();
    if (top.node.kind == Node::Kind::list) {
      top.node.items.push_back(std::move(node));
      return;
    }
    node.key_line = top.key_mark.line + 1;
    node.key_column = top.key_mark.column + 1;
    top.node.entries.emplace_back(std::move(*top.key), std::move(node));
    top.key.reset();
  }
};

/// yaml-cpp 0.7 takes the end of the file for the closing quote. Only the last text in quotes can have been closed so.
void check_closed(const std::string& text, const YAML::Mark& opened, const std::string& file)
{
  if (opened.is_null()) return;
  std::size_t at = 0;
  for (int line = 0; line < opened.line; ++line) at = text.find('\n', at) + 1;
  at = text.find_first_of("'\"|>", std::min(at + static_cast<std::size_t>(opened.column), text.size())); // past an anchor
  if (at == std::string::npos || text[at] == '|' || text[at] == '>') return; // a block of text has no quotes to close
  const char quote = text[at++];
  for (; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\')
      ++at;
    else if (text[at] == quote && quote == '\'' && at + 1 < text.size() && text[at + 1] == quote)
      ++at;
    else if (text[at] == quote)
      return;
  }
  refuse_at(file, opened, "", "a quote that is never closed (close it)");
}

} // namespace

Node read_yaml_text(const std::string& bytes, const std::string& name)
{
  const std::string text = checked_text(bytes, name);
  TreeBuilder builder(name);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {}
  } catch (const ConfigError&) {
    throw;
  } catch (const YAML::Exception& error) {
    refuse_at(name, error.mark, "", "not valid YAML: " + error.msg + " (check quotes, brackets and indentation)");
  } catch (const std::exception& error) {
    throw ConfigError(Place{name}, "", std::string("not valid YAML: ") + error.what() + " (check quotes, brackets and indentation)");
  }
  check_closed(text, builder.last_quoted(), name);
  Node root = builder.take_root();
  if (!builder.has_document() || (root.kind == Node::Kind::null && root.place.file.empty()))
    throw ConfigError(Place{name}, "", "empty (write at least one key)");
  return root;
}

Node read_yaml_file(const std::string& path) { return read_yaml_text(read_text_file(path, "a YAML file"), path); }

} // namespace weft
