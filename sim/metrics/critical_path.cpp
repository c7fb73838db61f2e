#include "metrics/critical_path.hpp"

#include "config/error.hpp"
#include "metrics/intervals.hpp"

#include <algorithm>
#include <map>

namespace weft {
namespace {

/// How the time of one transfer splits when it has the network to itself.
struct TransferProfile {
  double latency = 0;                      ///< seconds
  std::map<std::size_t, double> by_medium; ///< seconds at full rate on the limiting medium of each phase
};

/// Adds the use of a flow: the medium class on which its bytes take longest, and for how long.
void find_limit(const Fabric& fabric, const Folding& folding, std::uint32_t flow, Bytes bytes, std::size_t& medium, double& longest)
{
  for (const Charge& charge : folding.traffic.charges_of(flow)) {
    const LinkClass& link = folding.links[charge.link];
    const double seconds = bytes.base() * charge.weight / link.capacity.base();
    if (seconds <= longest) continue;
    longest = seconds;
    medium = fabric.links[link.representative.index()].medium;
  }
}

TransferProfile profile_of(const Fabric& fabric, const Folding& folding, const Transfer& transfer)
{
  const Traffic& traffic = folding.traffic;
  TransferProfile profile;
  for (std::uint32_t p = transfer.first_phase; p < transfer.first_phase + transfer.phases; ++p) {
    const TransferPhase& phase = traffic.phases[p];
    profile.latency += phase.latency.base();
    std::size_t medium = fabric.media.size();
    double longest = 0;
    for (std::uint32_t u = phase.first_use; u < phase.first_use + phase.uses; ++u)
      find_limit(fabric, folding, traffic.uses[u].flow, traffic.uses[u].bytes, medium, longest);
    if (longest > 0) profile.by_medium[medium] += longest;
  }
  for (const auto& step : transfer.steps) {
    profile.latency += transfer.step_latency.base();
    std::size_t medium = fabric.media.size();
    double longest = 0;
    for (const StepMessage& message : step) find_limit(fabric, folding, message.flow, message.bytes, medium, longest);
    if (longest > 0) profile.by_medium[medium] += longest;
  }
  return profile;
}

/// Adds up the walk.
class Account {
  const Fabric& fabric_;
  const Folding& folding_;
  std::map<std::uint32_t, TransferProfile> profiles_;
  std::array<double, category_names.size()> by_category_{};
  std::map<std::size_t, double> by_medium_;
  double latency_ = 0;

  [[nodiscard]] std::uint32_t transfer_of(const RankClass& rank_class, const Task& task) const
  {
    const std::uint32_t group = rank_class.group_of_slot[task.slot];
    const std::uint8_t kind = folding_.job->groups[folding_.groups[group].representative.index()].kind;
    const auto& payloads = folding_.traffic.payloads_of[kind];
    const auto found = std::lower_bound(payloads.begin(), payloads.end(), task.what);
    if (found == payloads.end() || *found != task.what) throw LogicError("a communication on the critical path has no transfer");
    return folding_.traffic.transfer_of[group][static_cast<std::size_t>(found - payloads.begin())];
  }

  /// Latency first; what remains goes to the media in proportion to what they would take alone.
  void add_transfer(std::uint32_t transfer, double seconds)
  {
    auto found = profiles_.find(transfer);
    if (found == profiles_.end())
      found = profiles_.emplace(transfer, profile_of(fabric_, folding_, folding_.traffic.transfers[transfer])).first;
    const TransferProfile& profile = found->second;
    double alone = 0;
    for (const auto& entry : profile.by_medium) alone += entry.second;
    const double latency = alone > 0 ? std::min(seconds, profile.latency) : seconds;
    latency_ += latency;
    for (const auto& [medium, share] : profile.by_medium) by_medium_[medium] += (seconds - latency) * share / alone;
  }

public:
  Account(const Fabric& fabric, const Folding& folding) : fabric_(fabric), folding_(folding) {}

  void add_gap(double seconds) { by_category_[static_cast<std::size_t>(Category::other)] += seconds; }

  void add_task(std::size_t rank_class, std::uint32_t task_index, double seconds)
  {
    const Task& task = program_of(folding_, rank_class).tasks[task_index];
    by_category_[static_cast<std::size_t>(category_of(*folding_.job, task))] += seconds;
    if (task.kind == TaskKind::communicate) add_transfer(transfer_of(folding_.ranks[rank_class], task), seconds);
  }

  /// Adds one played action, taken apart when it is fused.
  void add_action(std::size_t rank_class, const Script& script, const Action& action, double seconds)
  {
    if (action.segment == Action::no_segment) return add_task(rank_class, action.task, seconds);
    double done = 0;
    for (const SegmentPart& part : script.segments[action.segment].parts) {
      const double begin = std::max(done, part.offset.base());
      const double end = std::max(begin, std::min(seconds, (part.offset + part.duration).base()));
      add_gap(begin - done);
      add_task(rank_class, action.task + part.task, end - begin);
      done = end;
    }
    add_gap(seconds - done);
  }

  [[nodiscard]] CriticalPath result() const
  {
    CriticalPath path;
    for (std::size_t c = 0; c < category_names.size(); ++c) path.categories.push_back({category_names[c], Seconds(by_category_[c])});
    for (const auto& [medium, seconds] : by_medium_) path.links.push_back({fabric_.media[medium].name, Seconds(seconds)});
    std::stable_sort(path.links.begin(), path.links.end(), [](const CriticalPart& a, const CriticalPart& b) { return a.time > b.time; });
    if (latency_ > 0) path.links.push_back({"latency", Seconds(latency_)});
    return path;
  }
};

/// An action of a rank class.
struct PathPoint {
  std::uint32_t rank_class = 0, action = Span::none;
};

PathPoint last_to_end(const Trace& trace)
{
  PathPoint last;
  Seconds end(-1);
  for (std::size_t c = 0; c < trace.spans.size(); ++c)
    for (std::size_t a = 0; a < trace.spans[c].size(); ++a)
      if (trace.spans[c][a].end > end) {
        end = trace.spans[c][a].end;
        last = {static_cast<std::uint32_t>(c), static_cast<std::uint32_t>(a)};
      }
  return last;
}

} // namespace

CriticalPath critical_path(const Fabric& fabric, const Folding& folding, const Trace& trace)
{
  Account account(fabric, folding);
  std::size_t left = 0;
  for (const auto& spans : trace.spans) left += spans.size();
  double now = trace.end.base();
  for (PathPoint at = last_to_end(trace); at.action != Span::none;) {
    if (left-- == 0) throw LogicError("the trace releases actions in a circle");
    const Span& span = trace.spans.at(at.rank_class).at(at.action);
    const Script& script = folding.scripts[folding.ranks[at.rank_class].script];
    account.add_gap(now - span.end.base());
    account.add_action(at.rank_class, script, script.actions[at.action], (span.end - span.begin).base());
    now = span.begin.base();
    at = {span.released_class, span.released_action};
  }
  account.add_gap(now);
  return account.result();
}

} // namespace weft
