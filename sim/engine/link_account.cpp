#include "engine/link_account.hpp"

#include <algorithm>

namespace weft {

CoarseningSeries::CoarseningSeries(std::size_t rows, std::size_t intervals, Seconds least_end)
    : intervals_(intervals), bytes_(intervals > 0 ? rows : 0)
{
  constexpr double nothing_known = 1e-9; // a nanosecond: doubling reaches any step in a few dozen widenings
  if (intervals > 0) width_ = (least_end.base() > 0 ? least_end.base() : nothing_known) / static_cast<double>(intervals);
}

void CoarseningSeries::widen()
{
  width_ *= 2;
  for (auto& row : bytes_) {
    if (row.empty()) continue;
    for (std::size_t i = 0; i < intervals_; i++) {
      const float second = 2 * i + 1 < intervals_ ? row[2 * i + 1] : 0;
      row[i] = 2 * i < intervals_ ? row[2 * i] + second : 0;
    }
  }
}

void CoarseningSeries::add(std::uint32_t row, Bandwidth rate, Seconds begin, Seconds end)
{
  while (end.base() > width_ * static_cast<double>(intervals_)) widen();
  auto& bins = bytes_[row];
  if (bins.empty()) bins.resize(intervals_);
  deposit(bins, width_, rate.base(), begin.base(), end.base());
}

std::vector<double> CoarseningSeries::rebinned(std::uint32_t row, std::size_t bins, Seconds end) const
{
  std::vector<double> out(bins);
  const double width = end.base() / static_cast<double>(bins);
  if (bytes_[row].empty() || width <= 0) return out;
  for (std::size_t i = 0; i < intervals_; i++) {
    if (bytes_[row][i] == 0) continue;
    const double begin = static_cast<double>(i) * width_;
    const double until = std::min(begin + width_, end.base()); // nothing was carried after the end
    if (until > begin)
      deposit(out, width, bytes_[row][i] / (until - begin), begin, until);
    else
      out.back() += bytes_[row][i];
  }
  return out;
}

/// Several intervals per bin, as the bins' width is known only at the end and intervals rarely divide it: the more, the less a load that
/// ends within an interval is smeared. Sixteen when the memory of 64 MB allows it for all links, never fewer than two.
static std::size_t intervals_for(const NetworkInput& input)
{
  constexpr std::size_t memory = 64'000'000;
  const auto bins = static_cast<std::size_t>(input.utilisation_bins);
  if (bins == 0 || input.capacities.empty()) return 0;
  const std::size_t affordable = memory / (sizeof(float) * input.capacities.size() * bins);
  return bins * std::clamp<std::size_t>(affordable, 2, 16);
}

LinkAccount::LinkAccount(const NetworkInput& input)
    : links_(input.capacities.size()), bins_(input.utilisation_bins),
      series_(input.capacities.size(), intervals_for(input), input.least_end)
{
  for (std::size_t i = 0; i < links_.size(); i++) links_[i].capacity = input.capacities[i].base();
}

void LinkAccount::close_interval(std::uint32_t link, Seconds now)
{
  Link& l = links_[link];
  l.peak = std::max(l.peak, l.load / l.capacity);
  if (series_.wanted()) series_.add(link, Bandwidth(l.load), Seconds(l.since), now);
}

NetworkUse LinkAccount::use(Seconds end) const
{
  NetworkUse result;
  for (const Link& l : links_) result.links.push_back({Bytes(l.bytes), Seconds(l.busy), std::min(l.peak, 1.0)});
  if (bins_ == 0) return result;
  const auto bins = static_cast<std::size_t>(bins_);
  const double width = end.base() / static_cast<double>(bins);
  for (std::uint32_t i = 0; i < links_.size(); i++) {
    std::vector<float> shares;
    shares.reserve(bins);
    for (const double bytes : series_.rebinned(i, bins, end))
      shares.push_back(static_cast<float>(width > 0 ? bytes / (width * links_[i].capacity) : 0));
    result.utilisation.push_back(std::move(shares));
  }
  return result;
}

} // namespace weft
