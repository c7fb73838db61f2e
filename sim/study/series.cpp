#include "study/series.hpp"

#include "study/children.hpp"
#include "study/walk.hpp"
#include "units/text.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>

namespace weft {

template <> const Record<PublishedPoint>& record_of<PublishedPoint>()
{
  static const Record<PublishedPoint> record =
      Record<PublishedPoint>("point", "one size of a series")
          .required("bytes", &PublishedPoint::bytes, "the whole buffer, as nccl-tests counts it",
                    {"above zero", [](const Bytes& v) { return v > Bytes(0); }})
          .optional("bus", &PublishedPoint::bus, "published bus bandwidth",
                    {"above zero", [](const std::optional<Bandwidth>& v) { return !v || *v > Bandwidth(0); }})
          .optional("time", &PublishedPoint::time, "published time of one call",
                    {"above zero", [](const std::optional<Seconds>& v) { return !v || *v > Seconds(0); }})
          .rule([](const Node& node, const PublishedPoint& point) {
            if (point.bus.has_value() == point.time.has_value()) refuse(node, "a point needs one published figure (write bus or time)");
          });
  return record;
}

template <> const Record<PublishedSeries>& record_of<PublishedSeries>()
{
  static const Record<PublishedSeries> record =
      Record<PublishedSeries>("series", "one collective on one machine at several sizes")
          .required("id", &PublishedSeries::id, "name in the report")
          .required("scenario", &PublishedSeries::scenario, "file of a scenario with a collective, beside the table")
          .optional("set", &PublishedSeries::set, "settings of the scenario by key path, such as {platform: dgx-h100-1}")
          .optional("source", &PublishedSeries::source, "where exactly in the source")
          .required("points", &PublishedSeries::points, "what was published, by size");
  return record;
}

namespace {

/// What a point's child process hands back: seconds and bytes per second, exactly.
std::string simulate_point(const std::string& scenario_file, const std::vector<Override>& overrides, const DataFolder& data)
{
  const auto walk = prepare(read_scenario(scenario_file, overrides, data));
  if (!walk->scenario.collective) throw ConfigError({scenario_file}, "", "trains a model (a series needs a scenario with a collective)");
  finish(*walk, Where::this_process, TimeSeries::leave_out);
  return exact_text(walk->results.collective->time.base()) + " " + exact_text(walk->results.collective->bus.base());
}

/// The settings of one point: the series' own, its size, then the user's.
std::vector<Override> settings_of(const PublishedSeries& series, const PublishedPoint& point, const std::vector<Override>& overrides)
{
  std::vector<Override> all;
  for (const auto& [path, value] : series.set) all.push_back({path, value});
  all.push_back({"collective.bytes", exact_text(point.bytes.base()) + " B"});
  all.insert(all.end(), overrides.begin(), overrides.end());
  return all;
}

ValidatedPoint answer_of(const PublishedPoint& published, const ChildAnswer& answer)
{
  ValidatedPoint point{published, {}, {}, {}, {}};
  const std::size_t space = answer.text.find(' ');
  const auto time = parse_number(answer.text.substr(0, space));
  const auto bus = space == std::string::npos ? std::nullopt : parse_number(answer.text.substr(space + 1));
  if (answer.failed || !time || !bus)
    point.problem = answer.text;
  else {
    point.time = Seconds(*time);
    point.bus = Bandwidth(*bus);
  }
  return point;
}

void add(SeriesErrors& errors, double error)
{
  // Running means, so that bands of several series can be joined the same way.
  const auto count = static_cast<double>(++errors.points);
  errors.mean += (std::abs(error) - errors.mean) / count;
  errors.bias += (error - errors.bias) / count;
  errors.worst = std::max(errors.worst, std::abs(error));
}

} // namespace

ValidatedSeries judge_series(PublishedSeries published, std::vector<ValidatedPoint> points)
{
  ValidatedSeries series{std::move(published), std::move(points), {}, {}};
  for (ValidatedPoint& point : series.points) {
    if (!point.problem.empty()) continue;
    // At one size bus bandwidth is inverse to time.
    point.error = (point.published.bus ? point.bus / *point.published.bus : *point.published.time / point.time) - 1;
    add(point.published.bytes < large_from ? series.small : series.large, *point.error);
  }
  return series;
}

SeriesErrors joined(SeriesErrors one, const SeriesErrors& other)
{
  if (other.points == 0) return one;
  one.points += other.points;
  const double weight = static_cast<double>(other.points) / static_cast<double>(one.points);
  one.mean += (other.mean - one.mean) * weight;
  one.bias += (other.bias - one.bias) * weight;
  one.worst = std::max(one.worst, other.worst);
  return one;
}

SeriesErrors joined_errors(const std::vector<ValidatedSeries>& series, SeriesErrors ValidatedSeries::*band)
{
  SeriesErrors all;
  for (const ValidatedSeries& one : series) all = joined(all, one.*band);
  return all;
}

std::vector<ValidatedSeries> simulate_series(const std::vector<PublishedSeries>& series, const std::string& folder,
                                             const std::vector<Override>& overrides, const DataFolder& data)
{
  std::vector<std::function<std::string()>> simulations;
  for (const PublishedSeries& one : series) {
    const std::string scenario = (std::filesystem::path(folder) / one.scenario).lexically_normal().string();
    for (const PublishedPoint& point : one.points)
      simulations.emplace_back(
          [scenario, settings = settings_of(one, point, overrides), &data] { return simulate_point(scenario, settings, data); });
  }
  constexpr std::size_t at_a_time = 2;
  const std::vector<ChildAnswer> answers = run_in_children(simulations, at_a_time);

  std::vector<ValidatedSeries> result;
  std::size_t next = 0;
  for (const PublishedSeries& one : series) {
    std::vector<ValidatedPoint> points;
    for (const PublishedPoint& point : one.points) points.push_back(answer_of(point, answers[next++]));
    result.push_back(judge_series(one, std::move(points)));
  }
  return result;
}

} // namespace weft
