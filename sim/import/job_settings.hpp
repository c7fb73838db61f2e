// A training configuration of another program as a flat list of settings, and the checks that all its readers share: a setting is read,
// or known to change no time and noted, or refused. Internal to the room.
#pragma once
#include "import/format.hpp"

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace weft {

/// One setting: its name in the file's own vocabulary, its value as text.
struct JobSetting {
  std::string text;
  Place place;
  bool taken = false;
};

/// Names that change nothing Weft simulates, by pattern, and why (for the note).
struct UnusedNames {
  const char* why; ///< "training mathematics", "logging", ...
  std::vector<const char*> patterns;
};

enum class UnknownNames { refuse, ignore };
template <> struct Choices<UnknownNames> {
  static constexpr std::array<const char*, 2> names{"refuse", "ignore"};
};

/// What a user may say beside a configuration file.
struct JobReading {
  int accelerators = 0; ///< the job runs on; 0: told from the file
  UnknownNames unknown = UnknownNames::refuse;
};
template <> const Record<JobReading>& record_of<JobReading>();

/// All settings of a file. Reading one marks it; finish() looks at the rest.
class JobSettings {
public:
  JobSettings(std::string file, const Node& settings);

  /// Throws ConfigError for a name that stands there already with another value.
  void add(const std::string& name, const std::string& text, const Place& place);

  /// The setting, marked as read; nothing when it is absent, or `null`, `None` or `auto`, which leave it to somebody else.
  const JobSetting* take(const std::string& name);
  /// Whole number within bounds. Throws ConfigError for another text.
  std::optional<std::int64_t> whole(const std::string& name, std::int64_t low = 1, std::int64_t high = 1'000'000'000'000);
  std::optional<double> number(const std::string& name);
  /// Whether it is there and not false.
  bool flag(const std::string& name);
  /// true, false, or nothing when absent.
  std::optional<bool> choice(const std::string& name);
  /// Refuses it, when it is there and switched on, with what to do.
  void unsupported(const std::string& name, const std::string& problem);

  /// Notes what is unused and refuses (or notes) what is neither read nor unused.
  void finish(std::span<const UnusedNames> unused, std::vector<ImportNote>& notes) const;

  [[nodiscard]] Place place_of(const std::string& name) const; ///< of the whole file when absent
  [[nodiscard]] const JobReading& reading() const { return reading_; }
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const std::map<std::string, JobSetting>& all() const { return settings_; }

private:
  std::string file_;
  JobReading reading_;
  std::map<std::string, JobSetting> settings_;
  std::set<std::string> asked_;
};

/// The scenario's keys while they are put together. Later values win.
class JobTree {
public:
  explicit JobTree(const std::string& file);
  /// Sets the value at a dotted path ("plan.tp").
  void set(const std::string& path, const std::string& text, const Place& place);
  void set(const std::string& path, std::int64_t number, const Place& place) { set(path, std::to_string(number), place); }
  void set(const std::string& path, std::vector<std::int64_t> numbers, const Place& place);
  void set(const std::string& path, const std::vector<std::string>& words, const Place& place);
  [[nodiscard]] bool has(const std::string& path) const;
  [[nodiscard]] Node take() { return std::move(tree_); }

private:
  Node tree_;
  Node& make(const std::string& path, const Place& place);
};

/// "true" or "false".
inline const char* truth(bool value) { return value ? "true" : "false"; }

/// Degrees whose product leaves the data-parallel one.
struct JobDegrees {
  std::int64_t tp = 1, cp = 1, pp = 1;
};
/// The product of degrees. Throws ConfigError for more than a million.
std::int64_t product_of(std::initializer_list<std::int64_t> degrees, const Place& place);
/// Replicas on that many accelerators. Throws ConfigError when nothing says how many, or they do not divide.
std::int64_t replicas_of(const JobSettings& settings, std::optional<std::int64_t> accelerators, const JobDegrees& degrees,
                         const Place& place);

} // namespace weft
