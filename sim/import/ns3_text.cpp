#include "import/ns3_text.hpp"

#include "config/value.hpp"
#include "units/text.hpp"

#include <charconv>
#include <set>

namespace weft {
namespace {

struct Ns3Token {
  std::string_view text;
  Place place;
};

/// Words between blanks, with their places.
class Ns3Tokens {
  const ForeignText& text_;
  std::size_t at_ = 0;
  int line_ = 1, column_ = 1;

  void step()
  {
    if (text_.text[at_++] == '\n')
      ++line_, column_ = 1;
    else
      ++column_;
  }
  [[nodiscard]] bool blank() const
  {
    const char c = text_.text[at_];
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
  }

public:
  explicit Ns3Tokens(const ForeignText& text) : text_(text) {}

  void skip_blanks()
  {
    while (at_ < text_.text.size() && blank()) step();
  }
  /// Blanks but no new line.
  bool more_on_this_line()
  {
    while (at_ < text_.text.size() && blank() && text_.text[at_] != '\n') step();
    return at_ < text_.text.size() && text_.text[at_] != '\n';
  }
  [[nodiscard]] bool at_end()
  {
    skip_blanks();
    return at_ >= text_.text.size();
  }
  [[nodiscard]] Place here() const { return {text_.file, line_, column_}; }

  Ns3Token take(const char* what)
  {
    skip_blanks();
    Ns3Token token{{}, here()};
    const std::size_t first = at_;
    while (at_ < text_.text.size() && !blank()) step();
    token.text = std::string_view(text_.text).substr(first, at_ - first);
    if (token.text.empty()) throw ConfigError(token.place, "", std::string("the file ends where ") + what + " should stand (complete it)");
    return token;
  }
};

std::string shown_token(const Ns3Token& token) { return shown(std::string(token.text.substr(0, 100))); }

std::optional<std::int64_t> whole(std::string_view text)
{
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || stop != text.data() + text.size() || number < 0) return {};
  return number;
}

std::int64_t take_number(Ns3Tokens& tokens, const char* what, std::int64_t below)
{
  const Ns3Token token = tokens.take(what);
  const auto number = whole(token.text);
  if (!number)
    throw ConfigError(token.place, "", std::string("expected ") + what + ", a whole number, got '" + shown_token(token) + "' (correct it)");
  if (*number >= below)
    throw ConfigError(token.place, "",
                      std::string(what) + " is " + std::to_string(*number) + ", but the file counts " + std::to_string(below) +
                          " nodes from 0 (correct one of them)");
  return *number;
}

/// "400Gbps" or "0.0005ms": number and unit without a blank between them.
std::string spaced(std::string_view text)
{
  const std::size_t unit = text.find_first_not_of("0123456789.+-eE");
  if (unit == std::string_view::npos) return std::string(text);
  return std::string(text.substr(0, unit)) + " " + std::string(text.substr(unit));
}

Ns3Link take_link(Ns3Tokens& tokens, std::int64_t nodes, bool& has_errors)
{
  Ns3Link link;
  tokens.skip_blanks();
  link.place = tokens.here();
  link.from = take_number(tokens, "a link's source", nodes);
  link.to = take_number(tokens, "a link's target", nodes);
  if (link.from == link.to)
    throw ConfigError(link.place, "", "node " + std::to_string(link.from) + " is linked to itself (name two different ends)");
  const Ns3Token rate = tokens.take("a link's rate");
  const auto bandwidth = parse_bandwidth(spaced(rate.text));
  if (!bandwidth || *bandwidth <= Bandwidth(0))
    throw ConfigError(rate.place, "", "expected a link's rate, got '" + shown_token(rate) + "' (write 400Gbps)");
  const Ns3Token delay = tokens.take("a link's delay");
  const auto seconds = parse_seconds(spaced(delay.text));
  if (!seconds || *seconds < Seconds(0))
    throw ConfigError(delay.place, "", "expected a link's delay, got '" + shown_token(delay) + "' (write 0.0005ms)");
  const Ns3Token errors = tokens.take("a link's error rate");
  const auto share = parse_number(errors.text);
  if (!share || *share < 0 || *share > 1)
    throw ConfigError(errors.place, "", "expected a link's error rate from 0 to 1, got '" + shown_token(errors) + "' (write 0)");
  has_errors = has_errors || *share > 0;
  link.rate = *bandwidth;
  link.delay = *seconds;
  return link;
}

} // namespace

Ns3Header read_ns3_header(const ForeignText& text)
{
  constexpr std::size_t most_counts = 8;
  Ns3Tokens tokens(text);
  Ns3Header header;
  header.place = {text.file, 1, 1};
  while (tokens.more_on_this_line() && header.counts.size() <= most_counts) {
    const Ns3Token token = tokens.take("a count");
    const auto number = whole(token.text);
    if (number && header.word.empty()) {
      header.counts.push_back(*number);
    } else if (!number && header.word.empty() && !header.counts.empty()) {
      header.word = std::string(token.text.substr(0, 100));
      header.word_place = token.place;
    } else {
      throw ConfigError(token.place, "",
                        "expected counts and one word at most on the first line, got '" + shown_token(token) + "' (correct it)");
    }
  }
  return header;
}

Ns3Topology read_ns3(const ForeignText& text, const Ns3Header& header, const Ns3Counts& counts)
{
  Ns3Topology topology;
  topology.header = header;
  constexpr std::int64_t most_nodes = std::int64_t{1} << 21;
  if (counts.nodes < 1 || counts.nodes > most_nodes || counts.switches > counts.nodes)
    throw ConfigError(header.place, "",
                      "the first line counts " + std::to_string(counts.nodes) + " nodes and " + std::to_string(counts.switches) +
                          " switches among them, at most 2097152 can be read (correct it)");
  require_import_size(counts.switches, 0, header.place);
  Ns3Tokens tokens(text);
  while (tokens.more_on_this_line()) tokens.take("a count");
  std::set<std::int64_t> seen;
  for (std::int64_t i = 0; i < counts.switches; ++i) {
    tokens.skip_blanks();
    const Place place = tokens.here();
    topology.switches.push_back(take_number(tokens, "the number of a switch", counts.nodes));
    if (!seen.insert(topology.switches.back()).second)
      throw ConfigError(place, "", "switch " + std::to_string(topology.switches.back()) + " stands here twice (keep one)");
  }
  while (!tokens.at_end()) {
    const Place place = tokens.here();
    if (static_cast<std::int64_t>(topology.links.size()) == counts.links)
      throw ConfigError(place, "", "more links than the " + std::to_string(counts.links) + " of the first line (correct one of them)");
    topology.links.push_back(take_link(tokens, counts.nodes, topology.has_errors));
    // A machine's scale-up links come on top of what may go into the network.
    require_import_size(0, static_cast<std::int64_t>(topology.links.size()) / 2, place);
  }
  if (static_cast<std::int64_t>(topology.links.size()) < counts.links)
    throw ConfigError(tokens.here(), "",
                      "the file ends after " + std::to_string(topology.links.size()) + " links, the first line counts " +
                          std::to_string(counts.links) + " (correct one of them)");
  return topology;
}

bool looks_like_ns3(const ForeignText& text, std::size_t numbers, Ns3Word word)
{
  try {
    const Ns3Header header = read_ns3_header(text);
    return header.counts.size() >= numbers && (word == Ns3Word::one) == !header.word.empty() &&
           (word == Ns3Word::one || header.counts.size() == numbers);
  } catch (const ConfigError&) {
    return false;
  }
}

} // namespace weft
