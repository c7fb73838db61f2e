// The part of the player that gathers the members of a group and plays their transfer.
#include "config/error.hpp"
#include "engine/player.hpp"

#include <algorithm>
#include <cmath>

namespace weft {

/// The meeting that gathers for the n-th time the group meets, opened by whoever comes first. Numbers follow the programs, so members
/// pair up the same way whatever the order of arrival.
std::uint32_t Player::meeting_of(std::uint32_t group, std::uint32_t ordinal, const Action& action)
{
  std::uint32_t open = open_[group];
  while (open != none && meetings_[open].ordinal != ordinal) open = meetings_[open].next_open;
  if (open != none) return open;
  open = static_cast<std::uint32_t>(meetings_.size());
  if (free_meetings_.empty())
    meetings_.emplace_back();
  else {
    open = free_meetings_.back();
    free_meetings_.pop_back();
  }
  Meeting& meeting = meetings_[open];
  meeting = {};
  meeting.group = group;
  meeting.ordinal = ordinal;
  meeting.fused = action.segment != Action::no_segment;
  meeting.what = meeting.fused ? 0 : action.payload;
  meeting.duration = action.duration;
  meeting.next_open = open_[group];
  open_[group] = open;
  return open;
}

void Player::arrive(std::uint32_t lane, const Action& action)
{
  const std::uint32_t group = folding_.ranks[class_of(lane)].group_of_slot[action.slot];
  const std::uint32_t index = meeting_of(group, seats_[class_of(lane)].order->ordinal[*lane_[lane].head], action);
  Meeting& meeting = meetings_[index];
  const bool fused = action.segment != Action::no_segment;
  constexpr double rounding = 1e-9;
  const double difference = std::abs(action.duration.base() - meeting.duration.base());
  if (fused != meeting.fused || (!fused && action.payload != meeting.what) || (fused && difference > rounding * meeting.duration.base()))
    throw LogicError("members of group class " + std::to_string(group) + " come to meeting " + std::to_string(meeting.ordinal) +
                     " for different things");
  (meeting.first_lane == none ? meeting.first_lane : lane_[meeting.last_lane].next_in_meeting) = lane;
  meeting.last_lane = lane;
  lane_[lane].next_in_meeting = none;
  if (++meeting.arrived >= folding_.groups[group].arrivals) begin_meeting(index);
}

void Player::begin_meeting(std::uint32_t index)
{
  Meeting& meeting = meetings_[index];
  std::uint32_t* link = &open_[meeting.group];
  while (*link != index) link = &meetings_[*link].next_open;
  *link = meeting.next_open;

  // Whoever came last released the others; of equals the one with the lowest number.
  const Seconds now = network_.now();
  std::uint32_t last = none;
  for (std::uint32_t lane = meeting.first_lane; lane != none; lane = lane_[lane].next_in_meeting)
    if (span_of(lane).ready == now) last = std::min(last, lane);
  const Span& release = span_of(last);
  for (std::uint32_t lane = meeting.first_lane; lane != none; lane = lane_[lane].next_in_meeting) {
    Span& span = span_of(lane);
    span.begin = now;
    if (span.ready == now) continue;
    span.released_class = release.released_class;
    span.released_action = release.released_action;
  }
  if (meeting.fused) return after(meeting.duration, {.purpose = meeting_done, .owner = index});
  meeting.transfer = transfer_of(folding_, meeting.group, meeting.what);
  const Transfer& transfer = folding_.traffic.transfers[meeting.transfer];
  if (!transfer.steps.empty()) return begin_steps(index, transfer);
  meeting.phase = transfer.first_phase;
  meeting.phases_end = transfer.first_phase + transfer.phases;
  play_phases(index);
}

/// Goes through phases until one takes time; the end of the last ends the meeting.
void Player::play_phases(std::uint32_t index)
{
  Meeting& meeting = meetings_[index];
  while (meeting.phase < meeting.phases_end) {
    const Seconds latency = folding_.traffic.phases[meeting.phase].latency;
    if (latency.base() > 0) return network_.start_timer(latency, {.purpose = phase_latency_over, .owner = index});
    if (start_phase_flows(index)) return;
  }
  at_once_.push_back({.purpose = meeting_done, .owner = index});
}

/// Starts the flows of the phase and moves on to the next; false when there was nothing to carry.
bool Player::start_phase_flows(std::uint32_t index)
{
  Meeting& meeting = meetings_[index];
  const Traffic& traffic = folding_.traffic;
  const TransferPhase& phase = traffic.phases[meeting.phase++];
  for (std::uint32_t i = phase.first_use; i < phase.first_use + phase.uses; i++) {
    const FlowUse& use = traffic.uses[i];
    if (use.bytes.base() <= 0 || traffic.flows[use.flow].charges == 0) continue;
    meeting.outstanding++;
    network_.start_flow(use.flow, use.bytes, {.purpose = phase_flow_done, .owner = index});
  }
  return meeting.outstanding > 0;
}

void Player::end_meeting(std::uint32_t index)
{
  std::uint32_t lane = meetings_[index].first_lane;
  meetings_[index].steps.reset();
  free_meetings_.push_back(index);
  while (lane != none) { // a lane that goes on may come to another meeting at once: look before it does
    const std::uint32_t next = lane_[lane].next_in_meeting;
    finish(lane);
    lane = next;
  }
}

void Player::begin_steps(std::uint32_t index, const Transfer& transfer)
{
  const auto table = step_tables_.try_emplace(meetings_[index].transfer, transfer).first;
  messages_to_start_.clear();
  meetings_[index].steps = std::make_unique<StepState>(table->second, messages_to_start_);
  start_messages(index);
  if (meetings_[index].steps->finished()) at_once_.push_back({.purpose = meeting_done, .owner = index});
}

void Player::start_messages(std::uint32_t index)
{
  const Seconds latency = folding_.traffic.transfers[meetings_[index].transfer].step_latency;
  for (const std::uint32_t number : messages_to_start_) after(latency, {.purpose = message_latency_over, .owner = index, .detail = number});
}

void Player::start_message_flow(std::uint32_t index, std::uint32_t number)
{
  const StepMessage& message = step_tables_.at(meetings_[index].transfer).message(number);
  const Token token{.purpose = message_done, .owner = index, .detail = number};
  if (message.bytes.base() > 0 && folding_.traffic.flows[message.flow].charges > 0)
    network_.start_flow(message.flow, message.bytes, token);
  else
    at_once_.push_back(token);
}

void Player::message_over(std::uint32_t index, std::uint32_t number)
{
  Meeting& meeting = meetings_[index];
  messages_to_start_.clear();
  meeting.steps->done(step_tables_.at(meeting.transfer), number, messages_to_start_);
  start_messages(index);
  if (meeting.steps->finished()) at_once_.push_back({.purpose = meeting_done, .owner = index});
}

} // namespace weft
