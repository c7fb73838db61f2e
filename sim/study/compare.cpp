#include "study/compare.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <set>

namespace weft {
namespace {

std::string with_digits(double value, int decimals)
{
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

/// What a category of the critical path is called in a sentence.
std::string in_words(const std::string& category)
{
  if (category == "compute") return "computation";
  if (category == "tensor") return "exposed tensor-parallel communication";
  if (category == "context") return "exposed context-parallel communication";
  if (category == "expert") return "exposed expert-parallel communication";
  if (category == "data") return "exposed data-parallel communication";
  if (category == "pipeline") return "exposed pipeline messages";
  return "waiting and uncategorised communication";
}

double seconds_of(const std::vector<CriticalPart>& parts, const std::string& category)
{
  const auto found = std::find_if(parts.begin(), parts.end(), [&](const CriticalPart& part) { return part.category == category; });
  return found == parts.end() ? 0 : found->time.base();
}

/// The part that grew most (direction +1) or shrank most (-1) from `base` to `other`; nothing when none moved that way.
std::optional<CriticalPart> mover(const std::vector<CriticalPart>& base, const std::vector<CriticalPart>& other, double direction)
{
  std::vector<CriticalPart> all = other;
  for (const CriticalPart& part : base)
    if (std::none_of(other.begin(), other.end(), [&](const CriticalPart& p) { return p.category == part.category; }))
      all.push_back({part.category, Seconds(0)});
  std::optional<CriticalPart> best;
  for (const CriticalPart& part : all) {
    const double change = part.time.base() - seconds_of(base, part.category);
    if (change * direction <= 0) continue;
    if (!best || change * direction > best->time.base() * direction) best = {part.category, Seconds(change)};
  }
  return best;
}

const LinkReport* find_link(const Results& results, const std::string& name)
{
  const auto found = std::find_if(results.links.begin(), results.links.end(), [&](const LinkReport& link) { return link.name == name; });
  return found == results.links.end() ? nullptr : &*found;
}

/// The medium class that limits most of the communication on the critical path; latency is no medium.
const LinkReport* main_limit(const Results& results)
{
  for (const CriticalPart& part : results.critical_links)
    if (part.category != "latency") return find_link(results, part.category);
  return nullptr;
}

/// ", whose links (nvlink3 up) run at 66.7 % of a's capacity", or what else there is to say of the links; may be empty.
std::string about_links(const Entry& base, const Entry& other, double direction)
{
  const auto moved = mover(base.results.critical_links, other.results.critical_links, direction);
  if (!moved) return "";
  if (moved->category == "latency") return ", most of it the fixed latency of messages";
  const LinkReport* now = find_link(other.results, moved->category);
  const LinkReport* before = find_link(base.results, moved->category);
  if (now == nullptr) now = main_limit(other.results);
  if (before == nullptr) before = main_limit(base.results);
  if (now == nullptr || before == nullptr) return ", limited by " + moved->category;
  const double ratio = now->capacity / before->capacity;
  const std::string names = now->name == before->name ? now->name : now->name + " instead of " + before->name;
  if (std::abs(ratio - 1) < 5e-4) return ", limited by the same links (" + names + ") at the same capacity";
  return ", whose links (" + names + ") run at " + with_digits(100 * ratio, 1) + " % of " + base.name + "'s capacity";
}

} // namespace

std::string explain(const Entry& base, const Entry& other)
{
  const double before = base.results.step_time.base();
  const double change = other.results.step_time.base() - before;
  const double percent = 100 * change / before;
  if (std::abs(percent) < 0.05)
    return other.name + " takes as long as " + base.name + " (" + (percent < 0 ? "-" : "+") + with_digits(std::abs(percent), 3) + " %).";
  const double direction = change > 0 ? 1 : -1;
  std::string sentence =
      other.name + " takes " + with_digits(std::abs(percent), 1) + " % " + (change > 0 ? "longer" : "less") + " than " + base.name;
  const auto moved = mover(base.results.critical_path, other.results.critical_path, direction);
  if (!moved) return sentence + ".";
  sentence += ": " + std::string(change > 0 ? "+" : "-") + with_digits(std::abs(100 * moved->time.base() / before), 1) + " points are " +
              in_words(moved->category);
  const std::set<std::string> communications{"tensor", "context", "expert", "data", "pipeline"};
  const bool communication = communications.contains(moved->category);
  return sentence + (communication ? about_links(base, other, direction) : "") + ".";
}

std::vector<std::string> short_names(const std::vector<std::string>& files)
{
  std::vector<std::string> names;
  for (const std::string& file : files) names.push_back(std::filesystem::path(file).stem().string());
  if (std::set<std::string>(names.begin(), names.end()).size() == names.size()) return names;
  names = files;
  if (std::set<std::string>(names.begin(), names.end()).size() == names.size()) return names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] += " #" + std::to_string(i + 1);
  return names;
}

} // namespace weft
