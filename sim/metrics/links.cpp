#include "metrics/links.hpp"

#include <algorithm>

namespace weft {

std::vector<LinkReport> link_reports(const Fabric& fabric, const Folding& folding, const Trace& trace)
{
  std::vector<LinkReport> by_medium(fabric.media.size());
  for (std::size_t c = 0; c < folding.links.size(); ++c) {
    const LinkClass& link = folding.links[c];
    const LinkUse& use = trace.links.at(c);
    if (use.bytes <= Bytes(0)) continue;
    const double utilisation = trace.end > Seconds(0) ? use.bytes / (link.capacity * trace.end) : 0;
    LinkReport& report = by_medium[fabric.links[link.representative.index()].medium];
    report.links += link.links;
    report.bytes_total += use.bytes * static_cast<double>(link.links);
    report.mean_utilisation += utilisation * static_cast<double>(link.links); // divided by the links below
    report.peak_utilisation = std::max(report.peak_utilisation, use.peak);
    if (utilisation <= report.busiest_utilisation) continue;
    report.busiest_utilisation = utilisation;
    report.bytes_busiest = use.bytes;
    report.capacity = link.capacity;
  }
  std::vector<LinkReport> reports;
  for (std::size_t m = 0; m < by_medium.size(); ++m) {
    LinkReport& report = by_medium[m];
    if (report.links == 0) continue;
    report.name = fabric.media[m].name;
    report.mean_utilisation /= static_cast<double>(report.links);
    reports.push_back(std::move(report));
  }
  std::sort(reports.begin(), reports.end(), [](const LinkReport& a, const LinkReport& b) {
    return a.busiest_utilisation != b.busiest_utilisation ? a.busiest_utilisation > b.busiest_utilisation : a.name < b.name;
  });
  return reports;
}

} // namespace weft
