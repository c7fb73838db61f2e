#include "cli/dump.hpp"

#include "config/node.hpp"
#include "metrics/intervals.hpp"
#include "report/numbers.hpp"
#include "study/walk.hpp"

#include <ostream>

namespace weft {
namespace {

/// One line per action: class, number, lane, first task, when it was ready, began and ended, and what released it.
void dump_trace(const Walk& walk, std::ostream& out)
{
  out << "end " << shortest(walk.trace.end.base()) << " s, " << walk.trace.events << " events, " << walk.trace.flows << " flows\n";
  for (std::size_t c = 0; c < walk.trace.spans.size(); ++c) {
    const Script& script = walk.folding.scripts[walk.folding.ranks[c].script];
    const Program& program = program_of(walk.folding, c);
    out << "class " << c << ": " << walk.folding.ranks[c].ranks << " ranks, " << program.name << "\n";
    for (std::size_t a = 0; a < walk.trace.spans[c].size(); ++a) {
      const Span& span = walk.trace.spans[c][a];
      const Action& action = script.actions[a];
      out << "  " << a << " " << walk.job.lanes[action.lane] << " \"" << name_of(walk.job, program.tasks[action.task]) << "\" ready "
          << shortest(span.ready.base()) << " begin " << shortest(span.begin.base()) << " end " << shortest(span.end.base());
      if (span.released_action != Span::none) out << " after " << span.released_class << "/" << span.released_action;
      out << "\n";
    }
  }
  for (std::size_t l = 0; l < walk.trace.links.size(); ++l) {
    const LinkUse& use = walk.trace.links[l];
    out << "link class " << l << ": " << shortest(use.bytes.base()) << " B, busy " << shortest(use.busy.base()) << " s, peak "
        << shortest(use.peak) << "\n";
  }
}

} // namespace

std::vector<std::string> stage_names() { return {"spec", "fabric", "job", "fold", "trace"}; }

void dump(const std::string& stage, Scenario scenario, std::ostream& out)
{
  if (stage == "spec") {
    out << to_yaml(resolved(scenario));
  } else if (stage == "fabric") {
    out << to_text(build_fabric(scenario.platform, scenario.faults, static_cast<std::uint64_t>(scenario.engine.seed)));
  } else if (stage == "job") {
    out << to_text(build_job(scenario));
  } else {
    const auto walk = prepare(std::move(scenario));
    if (stage == "fold") {
      out << to_text(walk->folding);
      return;
    }
    finish(*walk, Where::this_process, TimeSeries::leave_out);
    dump_trace(*walk, out);
  }
}

} // namespace weft
