// Refusing a word and saying which one was probably meant.
#include "config/value.hpp"

#include <algorithm>
#include <numeric>

namespace weft {
namespace {

constexpr std::size_t longest_compared = 64; // longer words are no slips of the finger

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other (optimal string alignment;
/// Boytsov 2011, "Indexing methods for approximate dictionary searching", section 2).
std::size_t edit_distance(const std::string& a, const std::string& b)
{
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) now[j] = std::min(now[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(now);
  }
  return last[b.size()];
}

} // namespace

std::string joined(const std::vector<std::string>& words)
{
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string nearest(const std::string& word, const std::vector<std::string>& candidates)
{
  if (word.size() > longest_compared) return "";
  std::string best;
  std::size_t best_distance = word.size() / 3 + 1; // one slip in a short word, more in a long one
  for (const std::string& candidate : candidates) {
    if (candidate.size() > longest_compared || candidate == word) continue;
    const std::size_t longer = std::max(word.size(), candidate.size()), shorter = std::min(word.size(), candidate.size());
    if (longer - shorter > best_distance) continue; // that many letters are missing at least
    const std::size_t distance = edit_distance(word, candidate);
    const bool nothing_left = distance >= longer;
    if (!nothing_left && (distance < best_distance || (distance == best_distance && best.empty())))
      best = candidate, best_distance = distance;
  }
  return best;
}

std::string suggestion(const std::string& word, const std::vector<std::string>& candidates, const std::string& otherwise)
{
  if (const std::string near = nearest(word, candidates); !near.empty()) return " (did you mean '" + near + "'?)";
  return candidates.empty() || otherwise.empty() ? "" : " (" + otherwise + ": " + joined(candidates) + ")";
}

std::string shown(const std::string& text)
{
  constexpr std::size_t longest = 60;
  if (text.size() <= longest) return text;
  std::size_t end = longest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end; // not within a character
  return text.substr(0, end) + "...";
}

void refuse(const Word& word, const std::string& key, const std::string& problem)
{
  throw ConfigError(word.place, word.key.empty() ? key : word.key, problem);
}

void refuse_unknown(const Word& word, const std::string& key, const std::string& thing, const std::vector<std::string>& known)
{
  refuse(word, key, "unknown " + thing + " '" + shown(word) + "'" + suggestion(word, known, "one of"));
}

std::size_t read_choice(const Node& node, std::span<const char* const> names)
{
  std::string word;
  read_value(node, word);
  for (std::size_t i = 0; i < names.size(); ++i)
    if (word == names[i]) return i;
  const std::vector<std::string> known(names.begin(), names.end());
  refuse(node, "unknown word '" + shown(word) + "'" + suggestion(word, known, "one of"));
}

void refuse_unknown_key(const Node& value, const std::string& key, const std::vector<std::string>& known)
{
  Node mapping = value; // the message names the mapping the key stands in
  mapping.key = value.key == key ? "" : value.key.substr(0, value.key.size() - std::min(value.key.size(), key.size() + 1));
  refuse_key(mapping, "unknown key '" + shown(key) + "'" + suggestion(key, known, "known keys"));
}

void refuse_missing_key(const Node& mapping, const std::string& key, const std::string& what)
{
  refuse(mapping, "missing key '" + key + "' (a " + what + " needs it)");
}

} // namespace weft
