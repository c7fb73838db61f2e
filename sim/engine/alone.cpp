#include "engine/alone.hpp"

#include "engine/fair_sharing.hpp"

#include <cmath>
#include <map>

namespace weft {
namespace {

/// Loads by link, while flows of one phase share the links they cross; done on a small copy that holds these links only.
class PhaseAlone {
  std::vector<std::uint32_t> links_;       ///< of the folding, ascending
  std::vector<std::vector<Charge>> paths_; ///< per flow, over the copy's links
  std::vector<Bandwidth> capacities_;

public:
  PhaseAlone(const Folding& folding, std::span<const FlowUse> uses)
  {
    std::map<std::uint32_t, std::uint32_t> place;
    for (const FlowUse& use : uses)
      for (const Charge& charge : folding.traffic.charges_of(use.flow)) place.emplace(charge.link, 0);
    for (auto& [link, number] : place) {
      number = static_cast<std::uint32_t>(links_.size());
      links_.push_back(link);
      capacities_.push_back(folding.links[link].capacity);
    }
    for (const FlowUse& use : uses) {
      auto& path = paths_.emplace_back();
      for (const Charge& charge : folding.traffic.charges_of(use.flow)) path.push_back({place.at(charge.link), charge.weight});
    }
  }
  /// Plays from `begin`; returns the end.
  Seconds play(std::span<const FlowUse> uses, Seconds begin, std::vector<LinkInterval>& out) const
  {
    LinkAccount account({.capacities = capacities_, .traffic = nullptr, .utilisation_bins = 0, .least_end = {}});
    FairSharing sharing(capacities_, account, SharingScope::component);
    Seconds now;
    for (std::uint32_t i = 0; i < uses.size(); i++)
      if (uses[i].bytes.base() > 0 && !paths_[i].empty()) sharing.start(paths_[i], uses[i].bytes, {.purpose = 0, .owner = i}, now);
    std::vector<Token> due;
    sharing.share(now);
    while (!std::isinf(sharing.next_end().base())) {
      const Seconds next = sharing.next_end();
      for (std::uint32_t link = 0; link < links_.size(); link++)
        if (const Bandwidth load = account.load(link); load.base() > 0) out.push_back({links_[link], load, begin + now, begin + next});
      now = next;
      sharing.end_due(now * (1 + simultaneous), now, due);
      sharing.share(now);
    }
    return begin + now;
  }
};

std::vector<LinkInterval> spread_steps(const Folding& folding, const Transfer& transfer, Seconds duration)
{
  std::map<std::uint32_t, double> bytes;
  for (const auto& step : transfer.steps)
    for (const StepMessage& message : step)
      for (const Charge& charge : folding.traffic.charges_of(message.flow)) bytes[charge.link] += charge.weight * message.bytes.base();
  std::vector<LinkInterval> out;
  if (duration.base() <= 0) return out;
  for (const auto& [link, sum] : bytes) out.push_back({link, Bytes(sum) / duration, Seconds(0), duration});
  return out;
}

} // namespace

std::vector<LinkInterval> play_alone(const Folding& folding, const Transfer& transfer, Seconds duration)
{
  if (!transfer.steps.empty()) return spread_steps(folding, transfer, duration);
  std::vector<LinkInterval> out;
  Seconds now;
  for (std::uint32_t i = transfer.first_phase; i < transfer.first_phase + transfer.phases; i++) {
    const TransferPhase& phase = folding.traffic.phases[i];
    const std::span<const FlowUse> uses{folding.traffic.uses.data() + phase.first_use, phase.uses};
    now = PhaseAlone(folding, uses).play(uses, now + phase.latency, out);
  }
  return out;
}

} // namespace weft
