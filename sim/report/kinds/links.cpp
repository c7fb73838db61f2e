// links.csv: what one link of every link class carried.
#include "report/csv.hpp"
#include "report/numbers.hpp"
#include "report/report.hpp"

#include <ostream>

namespace weft {
namespace {

void render(const Report& report, std::ostream& out)
{
  out << "class,medium,links,example_from,example_to,capacity_bytes_per_s,bytes_per_link,busy_s,mean_utilisation,peak_utilisation\n";
  const Fabric& fabric = *report.fabric;
  const Seconds step = report.trace->end;
  for (std::size_t c = 0; c < report.folding->links.size(); ++c) {
    const LinkClass& link = report.folding->links[c];
    const LinkUse& use = report.trace->links[c];
    const Link& example = fabric.links[link.representative.index()];
    const double utilisation = step > Seconds(0) ? use.bytes / (link.capacity * step) : 0;
    out << c << ',' << csv_field(fabric.media[example.medium].name) << ',' << link.links << ','
        << csv_field(fabric.vertices[example.from.index()].name) << ',' << csv_field(fabric.vertices[example.to.index()].name) << ','
        << shortest(link.capacity.base()) << ',' << shortest(use.bytes.base()) << ',' << shortest(use.busy.base()) << ','
        << shortest(utilisation) << ',' << shortest(use.peak) << '\n';
  }
}

} // namespace

extern const ReportKind kind_links_report_kinds;
const ReportKind kind_links_report_kinds{"links", "bytes, busy time and utilisation of every link class, as CSV", "links.csv", render};

} // namespace weft
