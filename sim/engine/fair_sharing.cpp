#include "engine/fair_sharing.hpp"

#include <algorithm>
#include <cmath>

namespace weft {

FairSharing::FairSharing(std::span<const Bandwidth> capacities, LinkAccount& account, SharingScope scope)
    : account_(account), scope_(scope), links_(capacities.size())
{
  for (std::size_t i = 0; i < links_.size(); i++) links_[i].capacity = capacities[i].base();
}

void FairSharing::touch(std::uint32_t link)
{
  if (links_[link].touched) return;
  links_[link].touched = true;
  touched_.push_back(link);
}

void FairSharing::start(std::span<const Charge> path, Bytes bytes, Token token, Seconds now)
{
  std::uint32_t slot = static_cast<std::uint32_t>(flows_.size());
  if (free_.empty())
    flows_.emplace_back();
  else {
    slot = free_.back();
    free_.pop_back();
  }
  LiveFlow& flow = flows_[slot];
  flow.path = path;
  flow.bytes = flow.remaining = bytes.base();
  flow.rate = 0;
  flow.since = now.base();
  flow.sequence = sequence_++;
  flow.bottleneck = none;
  flow.token = token;
  flow.places.resize(path.size());
  for (std::uint32_t i = 0; i < path.size(); i++) {
    SharedLink& link = links_[path[i].link];
    flow.places[i] = static_cast<std::uint32_t>(link.crossings.size());
    link.crossings.push_back({slot, i, path[i].weight});
    account_.flow_starts(path[i].link, now);
    touch(path[i].link);
  }
  fresh_.push_back(slot);
}

void FairSharing::end_due(Seconds until, Seconds now, std::vector<Token>& due)
{
  while (completions_.next() <= until) {
    const std::uint32_t flow = completions_.first();
    completions_.remove_first();
    due.push_back(flows_[flow].token);
    remove(flow, now.base());
  }
}

void FairSharing::remove(std::uint32_t slot, double now)
{
  const LiveFlow& flow = flows_[slot];
  for (std::uint32_t i = 0; i < flow.path.size(); i++) {
    const Charge& charge = flow.path[i];
    auto& crossings = links_[charge.link].crossings;
    const Crossing last = crossings.back();
    crossings[flow.places[i]] = last;
    flows_[last.flow].places[last.charge] = flow.places[i];
    crossings.pop_back();
    account_.flow_ends(charge.link, Bytes(charge.weight * flow.bytes), Seconds(now));
    touch(charge.link);
  }
  free_.push_back(slot);
}

/// Makes the rates under construction the rates, from `now` on.
void FairSharing::commit(double now)
{
  constexpr double unchanged = 1e-13; // relative: rounding of the fill, not a change
  for (const std::uint32_t slot : changing_) {
    LiveFlow& flow = flows_[slot];
    flow.bottleneck = flow.next_bottleneck;
    if (flow.rate > 0 && std::abs(flow.next_rate - flow.rate) <= unchanged * flow.rate) continue;
    flow.remaining = std::max(0.0, flow.remaining - flow.rate * (now - flow.since));
    flow.since = now;
    flow.rate = flow.next_rate;
    completions_.set(slot, flow.sequence, Seconds(now + flow.remaining / flow.rate));
  }
  for (const std::uint32_t index : reached_) {
    double load = 0;
    for (const Crossing& c : links_[index].crossings) load += c.weight * flows_[c.flow].rate;
    account_.set_load(index, Bandwidth(load), Seconds(now));
  }
}

} // namespace weft
