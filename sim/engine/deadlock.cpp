// What the player says when nothing is left to happen but actions are unfinished.
#include "engine/player.hpp"
#include "units/text.hpp"

namespace weft {

std::string Player::waiting_for(std::uint32_t lane) const
{
  const std::uint32_t rank_class = class_of(lane);
  const Seat& seat = seats_[rank_class];
  const std::uint32_t index = *lane_[lane].head;
  const Action& action = seat.script->actions[index];
  const auto& names = folding_.job->lanes;
  const std::size_t which = lane % lanes_;
  std::string text = "rank class " + std::to_string(rank_class) + ", lane " +
                     (which < names.size() ? names[which] : std::to_string(which)) + ", task " + std::to_string(action.task);
  if (lane_[lane].blocked_on != none) return text + " waits for task " + std::to_string(seat.script->actions[lane_[lane].blocked_on].task);
  if (action.kind == Action::Kind::timer) return text + " does not end";
  const std::uint32_t group = folding_.ranks[rank_class].group_of_slot[action.slot];
  text += " meets group " + std::to_string(group);
  for (std::uint32_t open = open_[group]; open != none; open = meetings_[open].next_open)
    if (meetings_[open].ordinal == seat.order->ordinal[index])
      return text + " where " + std::to_string(meetings_[open].arrived) + " of " + std::to_string(folding_.groups[group].arrivals) +
             " have come";
  return text + " whose transfer does not end";
}

std::string Player::deadlock_report() const
{
  constexpr int shown = 4;
  std::string text = "deadlock at " + short_text(network_.now()) + ": " + std::to_string(actions_ - done_) + " of " +
                     std::to_string(actions_) + " actions cannot finish";
  int told = 0;
  for (std::uint32_t lane = 0; lane < lane_.size() && told < shown; lane++) {
    if (lane_[lane].head == lane_[lane].end) continue;
    text += (told++ == 0 ? ": " : "; ") + waiting_for(lane);
  }
  return text;
}

} // namespace weft
