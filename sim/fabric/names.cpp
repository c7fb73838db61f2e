#include "fabric/names.hpp"

#include <algorithm>
#include <vector>

namespace weft {

namespace {

/// Levenshtein distance, given up above `limit`.
std::size_t edit_distance(const std::string& a, const std::string& b, std::size_t limit)
{
  if (a.size() > b.size() + limit || b.size() > a.size() + limit) return limit + 1;
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

} // namespace

std::string did_you_mean(const std::string& wrong, std::span<const std::string> known)
{
  constexpr std::size_t longest_name = 64;
  if (wrong.size() > longest_name) return "";
  const std::string* best = nullptr;
  std::size_t best_distance = std::max<std::size_t>(2, wrong.size() / 3) + 1;
  for (const std::string& name : known) {
    const std::size_t distance = edit_distance(wrong, name, best_distance - 1);
    if (distance < best_distance) {
      best_distance = distance;
      best = &name;
    }
  }
  return best ? " (did you mean '" + *best + "'?)" : "";
}

std::string with_commas(long long number)
{
  const std::string digits = std::to_string(number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0 && text.back() != '-') text += ',';
    text += digits[i];
  }
  return text;
}

} // namespace weft
