// Published series of bare collectives: one machine, one operation, a bus bandwidth or a time at every size. A table holds them beside or
// instead of its rows.
//
//   series:
//     - id: all-gather, 8 H100
//       scenario: ../collective.yaml                     # beside the table; its collective and machine are only a start
//       set: {platform: dgx-h100-1, collective.operation: all-gather}
//       points:
//         - {bytes: 1 MiB, time: 16.92 us}
//         - {bytes: 16 MiB, bus: 218.8 GB/s}
#pragma once
#include "config/record.hpp"
#include "spec/reader.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weft {

/// One size: what was measured at it, either figure.
struct PublishedPoint {
  Bytes bytes; ///< the whole buffer, as nccl-tests counts it
  std::optional<Bandwidth> bus;
  std::optional<Seconds> time;
};
template <> const Record<PublishedPoint>& record_of<PublishedPoint>();

/// One machine and operation at several sizes.
struct PublishedSeries {
  std::string id, scenario, source;
  std::map<std::string, Word> set; ///< settings of the scenario, by key path
  std::vector<PublishedPoint> points;
};
template <> const Record<PublishedSeries>& record_of<PublishedSeries>();

/// Sizes from which a collective counts as large: above, bandwidth decides, below, latency and pipeline fill do.
constexpr Bytes large_from = Bytes(16.0 * 1024 * 1024);

/// Errors of bus bandwidths over some points: the mean of absolute errors, the largest of them, and the mean with its sign.
struct SeriesErrors {
  std::size_t points = 0;
  double mean = 0, worst = 0, bias = 0;
};

/// One point compared.
struct ValidatedPoint {
  PublishedPoint published;
  std::string problem;         ///< why it could not be simulated; empty when it was
  Seconds time;                ///< simulated
  Bandwidth bus;               ///< simulated
  std::optional<double> error; ///< of the bus bandwidth: simulated / published - 1
};

/// One series compared.
struct ValidatedSeries {
  PublishedSeries published;
  std::vector<ValidatedPoint> points;
  SeriesErrors small, large; ///< below large_from, and from it on
};

/// Simulates every point of every series, two at a time in child processes; `folder` is where the table lies.
std::vector<ValidatedSeries> simulate_series(const std::vector<PublishedSeries>& series, const std::string& folder,
                                             const std::vector<Override>& overrides, const DataFolder& data);
/// Errors of every point and of both bands. Pure arithmetic.
ValidatedSeries judge_series(PublishedSeries published, std::vector<ValidatedPoint> points);
/// Errors of two sets of points together.
SeriesErrors joined(SeriesErrors one, const SeriesErrors& other);
/// Errors of one band over all series of a table: every point counts alike.
SeriesErrors joined_errors(const std::vector<ValidatedSeries>& series, SeriesErrors ValidatedSeries::*band);

} // namespace weft
