#include "import/job_settings.hpp"

#include "config/value.hpp"
#include "import/network.hpp"
#include "import/pattern.hpp"
#include "import/tree.hpp"
#include "units/text.hpp"

#include <charconv>
#include <cmath>

namespace weft {

template <> const Record<JobReading>& record_of<JobReading>()
{
  static const Record<JobReading> record =
      Record<JobReading>("training configuration", "What a configuration file does not say.")
          .optional("accelerators", &JobReading::accelerators, "accelerators the job runs on; 0: as many as the file says",
                    in_range(0, 1'000'000))
          .optional("unknown", &JobReading::unknown, "what to do with settings that are not known here");
  return record;
}

namespace {

bool leaves_it_open(const std::string& text)
{
  return text.empty() || text == "null" || text == "None" || text == "none" || text == "auto" || text == "~";
}
bool is_false(const std::string& text) { return text == "false" || text == "False" || text == "0"; }

} // namespace

JobSettings::JobSettings(std::string file, const Node& settings) : file_(std::move(file)), reading_(record_of<JobReading>().read(settings))
{
}

void JobSettings::add(const std::string& name, const std::string& text, const Place& place)
{
  const auto [known, is_new] = settings_.try_emplace(name, JobSetting{text, place, false});
  if (!is_new && known->second.text != text)
    throw ConfigError(place, shown(name),
                      "is '" + shown(text) + "' here and '" + shown(known->second.text) + "' on line " +
                          std::to_string(known->second.place.line) + " (keep one)");
}

const JobSetting* JobSettings::take(const std::string& name)
{
  asked_.insert(name);
  const auto found = settings_.find(name);
  if (found == settings_.end()) return nullptr;
  found->second.taken = true;
  return leaves_it_open(found->second.text) ? nullptr : &found->second;
}

std::optional<double> JobSettings::number(const std::string& name)
{
  const JobSetting* setting = take(name);
  if (!setting) return {};
  const std::optional<double> value = parse_number(setting->text);
  if (!value) throw ConfigError(setting->place, name, "expected a number, got '" + shown(setting->text) + "' (write the number itself)");
  return value;
}

std::optional<std::int64_t> JobSettings::whole(const std::string& name, std::int64_t low, std::int64_t high)
{
  const std::optional<double> value = number(name);
  if (!value) return {};
  if (*value != std::floor(*value) || *value < static_cast<double>(low) || *value > static_cast<double>(high))
    throw ConfigError(place_of(name), name,
                      "expected a whole number from " + std::to_string(low) + " to " + std::to_string(high) + ", got '" +
                          shown(settings_.at(name).text) + "' (correct it)");
  return static_cast<std::int64_t>(*value);
}

bool JobSettings::flag(const std::string& name)
{
  const JobSetting* setting = take(name);
  return setting && !is_false(setting->text);
}

std::optional<bool> JobSettings::choice(const std::string& name)
{
  const JobSetting* setting = take(name);
  if (!setting) return {};
  return !is_false(setting->text);
}

void JobSettings::unsupported(const std::string& name, const std::string& problem)
{
  if (flag(name)) throw ConfigError(place_of(name), name, problem);
}

Place JobSettings::place_of(const std::string& name) const
{
  const auto found = settings_.find(name);
  return found == settings_.end() ? Place{file_, 1, 1} : found->second.place;
}

void JobSettings::finish(std::span<const UnusedNames> unused, std::vector<ImportNote>& notes) const
{
  std::map<std::string, std::string> names; // by reason
  for (const auto& [name, setting] : settings_) {
    if (setting.taken || leaves_it_open(setting.text)) continue;
    const char* why = nullptr;
    for (const UnusedNames& family : unused)
      for (const char* pattern : family.patterns)
        if (!why && fits_pattern(pattern, name)) why = family.why;
    if (!why && reading_.unknown == UnknownNames::refuse) {
      const std::string near = nearest(name, {asked_.begin(), asked_.end()});
      throw ConfigError(setting.place, shown(name),
                        "is not known here (" + (near.empty() ? "" : "did you mean '" + near + "'? ") +
                            "to go on without it, set import.unknown: ignore, or give weft import --ignore-unknown)");
    }
    std::string& list = names[why ? std::string("without effect here (") + why + ")" : "not known and left out"];
    list += (list.empty() ? "" : ", ") + shown(name);
  }
  for (const auto& [reason, list] : names) notes.push_back({{file_}, reason + ": " + list});
}

JobTree::JobTree(const std::string& file) : tree_(mapping_at({file, 1, 1}))
{
  set("title", "Imported from " + file_name(file), {file, 1, 1});
}

Node& JobTree::make(const std::string& path, const Place& place)
{
  Node* at = &tree_;
  for (const PathStep& step : parse_path(path, "import")) {
    Node* next = at->find(step.name);
    if (!next) next = &at->entries.emplace_back(step.name, mapping_at(place)).second;
    at = next;
  }
  return *at;
}

void JobTree::set(const std::string& path, const std::string& text, const Place& place) { make(path, place) = scalar_at(text, place); }

void JobTree::set(const std::string& path, std::vector<std::int64_t> numbers, const Place& place)
{
  Node list = list_at(place);
  for (const std::int64_t number : numbers) list.items.push_back(scalar_at(std::to_string(number), place));
  make(path, place) = std::move(list);
}

void JobTree::set(const std::string& path, const std::vector<std::string>& words, const Place& place)
{
  Node list = list_at(place);
  for (const std::string& word : words) list.items.push_back(scalar_at(word, place));
  make(path, place) = std::move(list);
}

bool JobTree::has(const std::string& path) const
{
  const Node* at = &tree_;
  for (const PathStep& step : parse_path(path, "import")) {
    at = at->find(step.name);
    if (!at) return false;
  }
  return true;
}

std::int64_t product_of(std::initializer_list<std::int64_t> degrees, const Place& place)
{
  constexpr std::int64_t most = 1'000'000;
  std::int64_t product = 1;
  for (const std::int64_t degree : degrees) {
    if (degree > most / product) throw ConfigError(place, "", "degrees or batches of more than 1000000 together (correct them)");
    product *= degree;
  }
  return product;
}

std::int64_t replicas_of(const JobSettings& settings, std::optional<std::int64_t> accelerators, const JobDegrees& degrees,
                         const Place& place)
{
  if (settings.reading().accelerators > 0) accelerators = settings.reading().accelerators;
  if (!accelerators)
    throw ConfigError({settings.file()}, "", "the file does not say on how many accelerators the job runs (set import.accelerators)");
  const std::int64_t model = product_of({degrees.tp, degrees.cp, degrees.pp}, place);
  if (*accelerators % model != 0)
    throw ConfigError(place, "",
                      std::to_string(*accelerators) + " accelerators are no multiple of tensor x context x pipeline, " +
                          std::to_string(model) + " (correct the degrees or import.accelerators)");
  return *accelerators / model;
}

} // namespace weft
