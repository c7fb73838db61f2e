// What every link carried: bytes, busy time, highest load and, on request, load over time in bounded memory.
#pragma once
#include "engine/network.hpp"

#include <cstdint>
#include <vector>

namespace weft {

/// Bytes per interval of time over a span that is not known in advance: when the intervals no longer reach, neighbours are joined and
/// every interval becomes twice as wide. Sums are kept.
class CoarseningSeries {
  std::size_t intervals_ = 0;
  double width_ = 0;
  std::vector<std::vector<float>> bytes_; ///< per row; empty until something is added

  void widen();

public:
  CoarseningSeries(std::size_t rows, std::size_t intervals, Seconds least_end);
  [[nodiscard]] bool wanted() const { return intervals_ > 0; }
  /// Adds a constant rate from `begin` to `end`.
  void add(std::uint32_t row, Bandwidth rate, Seconds begin, Seconds end);
  /// Bytes of one row in `bins` equal parts of [0, end]; an interval that straddles two parts is shared by overlap.
  [[nodiscard]] std::vector<double> rebinned(std::uint32_t row, std::size_t bins, Seconds end) const;
};

/// Adds a constant rate over [begin, end] to bytes in equal bins of width `width`; what lies beyond the last bin goes into it.
template <class Number> void deposit(std::vector<Number>& bins, double width, double rate, double begin, double end)
{
  const auto last = bins.size() - 1;
  auto bin = static_cast<std::size_t>(begin / width);
  if (bin > last) bin = last;
  while (bin < last && begin < end) {
    const double edge = static_cast<double>(bin + 1) * width;
    if (edge >= end) break;
    if (edge > begin) {
      bins[bin] += static_cast<Number>(rate * (edge - begin));
      begin = edge;
    }
    bin++;
  }
  if (end > begin) bins[bin] += static_cast<Number>(rate * (end - begin));
}

class LinkAccount {
  struct Link {
    double capacity = 1;
    double bytes = 0, busy = 0, peak = 0;
    double load = 0, since = 0; ///< of the load
    double busy_since = 0;
    std::uint32_t flows = 0;
  };
  std::vector<Link> links_;
  int bins_ = 0;
  CoarseningSeries series_;

public:
  explicit LinkAccount(const NetworkInput& input);
  void flow_starts(std::uint32_t link, Seconds now)
  {
    Link& l = links_[link];
    if (l.flows++ == 0) l.busy_since = now.base();
  }
  /// `bytes`: what the flow put on this link in all.
  void flow_ends(std::uint32_t link, Bytes bytes, Seconds now)
  {
    Link& l = links_[link];
    l.bytes += bytes.base();
    if (--l.flows == 0) l.busy += now.base() - l.busy_since;
  }
  [[nodiscard]] bool busy(std::uint32_t link) const { return links_[link].flows > 0; }
  /// What the link carries at present.
  [[nodiscard]] Bandwidth load(std::uint32_t link) const { return Bandwidth(links_[link].load); }
  /// The link carries `load` from now on.
  void set_load(std::uint32_t link, Bandwidth load, Seconds now)
  {
    Link& l = links_[link];
    if (load.base() == l.load) return;
    if (l.load > 0 && now.base() > l.since) close_interval(link, now);
    l.load = load.base();
    l.since = now.base();
  }
  /// Results up to `end`; nothing may be on a link then.
  [[nodiscard]] NetworkUse use(Seconds end) const;

private:
  void close_interval(std::uint32_t link, Seconds now);
};

} // namespace weft
