// The solver of FairSharing. Start from the flows that are new or lost or gained a competitor on their bottleneck; fill the links
// with these while all others keep their rates (progressive filling, Bertsekas and Gallager, section 6.5.2); then look at the links
// reached: a flow outside that no longer has a bottleneck, or takes more than its share of one, joins; repeat until none does.
// When the flows to change become half of the connected component, solve the component at once. No recursion anywhere.
#include "engine/fair_sharing.hpp"

#include <algorithm>

namespace weft {

namespace {
constexpr double tolerance = 1e-11; ///< relative: two rates or loads closer than this are equal
constexpr std::size_t few = 16;     ///< so few flows are solved locally without asking how large the component is
} // namespace

void FairSharing::solve(double now)
{
  flow_mark_++;
  changing_.clear();
  choose_first();
  if (scope_ == SharingScope::component) join_component(flows_.size());
  while (true) {
    prepare();
    fill();
    check();
    if (joining_.empty()) break;
    for (const std::uint32_t flow : joining_) join(flow);
    if (changing_.size() > few) join_component(2 * changing_.size());
  }
  commit(now);
  for (const std::uint32_t link : touched_) links_[link].touched = false;
  touched_.clear();
}

void FairSharing::join(std::uint32_t flow)
{
  if (flows_[flow].mark == flow_mark_) return;
  flows_[flow].mark = flow_mark_;
  changing_.push_back(flow);
}

void FairSharing::choose_first()
{
  for (const std::uint32_t flow : fresh_) join(flow);
  fresh_.clear();
  for (const std::uint32_t link : touched_)
    for (const Crossing& c : links_[link].crossings)
      if (flows_[c.flow].bottleneck == link || scope_ == SharingScope::component) join(c.flow);
}

/// Adds every flow coupled to the changing ones, directly or through others; gives up, adding none, when that makes more than `most`.
bool FairSharing::join_component(std::size_t most)
{
  const std::size_t before = changing_.size();
  link_mark_++;
  for (std::size_t i = 0; i < changing_.size(); i++)
    for (const Charge& charge : flows_[changing_[i]].path) {
      SharedLink& link = links_[charge.link];
      if (link.mark == link_mark_) continue;
      link.mark = link_mark_;
      for (const Crossing& c : link.crossings) join(c.flow);
      if (changing_.size() <= most) continue;
      for (std::size_t k = before; k < changing_.size(); k++) flows_[changing_[k]].mark = 0;
      changing_.resize(before);
      return false;
    }
  return true;
}

/// Lists the links reached, and what the flows that keep their rates leave of them.
void FairSharing::prepare()
{
  link_mark_++;
  reached_.clear();
  candidates_.clear();
  const auto reach = [this](std::uint32_t link) {
    if (links_[link].mark == link_mark_) return;
    links_[link].mark = link_mark_;
    reached_.push_back(link);
  };
  for (const std::uint32_t link : touched_) reach(link);
  for (const std::uint32_t slot : changing_) {
    flows_[slot].filled = false;
    for (const Charge& charge : flows_[slot].path) reach(charge.link);
  }
  for (const std::uint32_t index : reached_) {
    SharedLink& link = links_[index];
    link.left = link.capacity;
    link.weight = 0;
    link.open = 0;
    link.level = -1;
    for (const Crossing& c : link.crossings) {
      const LiveFlow& flow = flows_[c.flow];
      if (flow.mark != flow_mark_)
        link.left -= c.weight * flow.rate;
      else {
        link.weight += c.weight;
        link.open++;
      }
    }
    if (link.open > 0) candidates_.push_back({std::max(0.0, link.left) / link.weight, index});
  }
  std::make_heap(candidates_.begin(), candidates_.end());
}

/// Progressive filling: the link with the lowest level holds back all its flows at that level, then the next lowest, and so on.
void FairSharing::fill()
{
  std::size_t open = changing_.size();
  while (open > 0) {
    std::pop_heap(candidates_.begin(), candidates_.end());
    const Candidate candidate = candidates_.back();
    candidates_.pop_back();
    const SharedLink& link = links_[candidate.link];
    if (link.open == 0) continue;
    // Levels only rise as flows elsewhere are held back: an old one may have to wait for its turn.
    double level = std::max(0.0, link.left) / link.weight;
    if (level <= candidate.level * (1 + tolerance)) level = exact_level(link);
    if (level > candidate.level * (1 + tolerance)) {
      candidates_.push_back({level, candidate.link});
      std::push_heap(candidates_.begin(), candidates_.end());
      continue;
    }
    open -= link.open;
    fix_at(candidate.link, level);
  }
}

/// The level from the flows themselves: running differences lose digits when weights differ widely.
double FairSharing::exact_level(const SharedLink& link) const
{
  double left = link.capacity, weight = 0;
  for (const Crossing& c : link.crossings) {
    const LiveFlow& flow = flows_[c.flow];
    if (flow.mark != flow_mark_)
      left -= c.weight * flow.rate;
    else if (flow.filled)
      left -= c.weight * flow.next_rate;
    else
      weight += c.weight;
  }
  return std::max(0.0, left) / weight;
}

void FairSharing::fix_at(std::uint32_t index, double level)
{
  links_[index].level = level;
  for (const Crossing& c : links_[index].crossings) {
    LiveFlow& flow = flows_[c.flow];
    if (flow.mark != flow_mark_ || flow.filled) continue;
    flow.filled = true;
    flow.next_rate = level;
    flow.next_bottleneck = index;
    for (const Charge& charge : flow.path) {
      SharedLink& other = links_[charge.link];
      other.left -= charge.weight * level;
      other.weight -= charge.weight;
      other.open--;
    }
  }
}

void FairSharing::check()
{
  joining_.clear();
  for (const std::uint32_t link : reached_) check_link(link);
}

/// Finds flows that kept their rate but must not: their bottleneck is one no more, or they are faster than flows held back here.
void FairSharing::check_link(std::uint32_t index)
{
  const SharedLink& link = links_[index];
  double load = 0, fastest = 0, fastest_kept = 0;
  for (const Crossing& c : link.crossings) {
    const LiveFlow& flow = flows_[c.flow];
    const bool changes = flow.mark == flow_mark_;
    const double rate = changes ? flow.next_rate : flow.rate;
    load += c.weight * rate;
    fastest = std::max(fastest, rate);
    if (!changes) fastest_kept = std::max(fastest_kept, rate);
  }
  if (fastest_kept == 0) return;
  const bool saturated = load >= link.capacity * (1 - tolerance);
  const bool unfair = link.level >= 0 && link.level < fastest_kept * (1 - tolerance);
  for (const Crossing& c : link.crossings) {
    const LiveFlow& flow = flows_[c.flow];
    if (flow.mark == flow_mark_) continue;
    const bool loose = flow.bottleneck == index && (!saturated || flow.rate < fastest * (1 - tolerance));
    if (loose || (unfair && flow.rate > link.level * (1 + tolerance))) joining_.push_back(c.flow);
  }
}

} // namespace weft
