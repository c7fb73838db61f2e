#include "engine/player.hpp"

#include "config/error.hpp"

#include <algorithm>

namespace weft {

Player::Player(const Folding& folding, Network& network, Progress progress)
    : folding_(folding), network_(network), progress_(std::move(progress)), open_(folding.groups.size(), none)
{
  for (const Script& script : folding.scripts)
    for (const Action& action : script.actions) lanes_ = std::max<std::size_t>(lanes_, action.lane + std::size_t{1});
  if (folding.ranks.size() * lanes_ >= none) throw LogicError("the job has too many lanes to count (fold it)");
  for (const Script& script : folding.scripts) orders_.push_back(order_of(script));
  lane_.reserve(folding.ranks.size() * lanes_);
  for (const RankClass& rank : folding.ranks) {
    const Script& script = folding.scripts[rank.script];
    const ScriptOrder& order = orders_[rank.script];
    spans_.emplace_back(script.actions.size(), Span{.ready = {}, .begin = {}, .end = Seconds(-1), .released_action = Span::none});
    seats_.push_back({&script, &order, spans_.back().data()});
    for (std::size_t lane = 0; lane < lanes_; lane++)
      lane_.push_back(
          {.head = order.actions.data() + order.first_of_lane[lane], .end = order.actions.data() + order.first_of_lane[lane + 1]});
    actions_ += script.actions.size();
  }
}

Player::ScriptOrder Player::order_of(const Script& script) const
{
  ScriptOrder order;
  order.first_of_lane.assign(lanes_ + 1, 0);
  for (const Action& action : script.actions) order.first_of_lane[action.lane + std::size_t{1}]++;
  for (std::size_t i = 1; i <= lanes_; i++) order.first_of_lane[i] += order.first_of_lane[i - 1];
  order.actions.resize(script.actions.size());
  order.ordinal.resize(script.actions.size());
  std::vector<std::uint32_t> next(order.first_of_lane.begin(), order.first_of_lane.end() - 1);
  std::vector<std::uint32_t> met(folding_.job->slots.size());
  for (std::uint32_t i = 0; i < script.actions.size(); i++) {
    order.actions[next[script.actions[i].lane]++] = i;
    if (script.actions[i].kind == Action::Kind::meet) order.ordinal[i] = met[script.actions[i].slot]++;
  }
  return order;
}

void Player::play()
{
  for (std::uint32_t lane = 0; lane < lane_.size(); lane++) advance(lane);
  handle({});
  network_.run(*this);
  if (done_ < actions_) throw LogicError(deadlock_report());
}

void Player::handle(std::span<const Token> due)
{
  for (const Token& token : due) process(token);
  while (!at_once_.empty()) {
    const Token token = at_once_.front();
    at_once_.pop_front();
    process(token);
  }
}

void Player::process(const Token& token)
{
  switch (token.purpose) {
  case action_done:
    return finish(token.owner);
  case meeting_done:
    return end_meeting(token.owner);
  case phase_latency_over:
    if (!start_phase_flows(token.owner)) play_phases(token.owner);
    return;
  case phase_flow_done:
    if (--meetings_[token.owner].outstanding == 0) play_phases(token.owner);
    return;
  case message_latency_over:
    return start_message_flow(token.owner, token.detail);
  case message_done:
    return message_over(token.owner, token.detail);
  default:
    throw LogicError("a network returned a token nobody gave it");
  }
}

void Player::after(Seconds duration, Token token)
{
  if (duration.base() > 0)
    network_.start_timer(duration, token);
  else
    at_once_.push_back(token);
}

/// Begins the head of the lane when everything it waits for is done; else notes what it waits for.
void Player::advance(std::uint32_t lane)
{
  Lane& state = lane_[lane];
  if (state.head == state.end) return;
  const Seat& seat = seats_[class_of(lane)];
  const auto waits = seat.script->waits_of(seat.script->actions[*state.head]);
  for (; state.waits_done < waits.size(); state.waits_done++)
    if (seat.spans[waits[state.waits_done]].end.base() < 0) {
      state.blocked_on = waits[state.waits_done];
      return;
    }
  begin(lane);
}

void Player::begin(std::uint32_t lane)
{
  const std::uint32_t rank_class = class_of(lane);
  const Seat& seat = seats_[rank_class];
  const Action& action = seat.script->actions[*lane_[lane].head];
  // Released by what ended last; of equals by the lane itself, else by the wait named first.
  std::uint32_t last = lane_[lane].previous;
  for (const std::uint32_t wait : seat.script->waits_of(action))
    if (last == none || seat.spans[wait].end > seat.spans[last].end) last = wait;
  Span& span = seat.spans[*lane_[lane].head];
  span.released_class = rank_class;
  span.released_action = last;
  span.ready = span.begin = network_.now();
  if (action.kind == Action::Kind::meet)
    arrive(lane, action);
  else
    after(action.duration, {.purpose = action_done, .owner = lane});
}

/// Ends the head of the lane, and lets go on whoever waited for it.
void Player::finish(std::uint32_t lane)
{
  Lane& state = lane_[lane];
  const std::uint32_t action = *state.head;
  span_of(lane).end = network_.now();
  state.previous = action;
  state.head++;
  state.waits_done = 0;
  done_++;
  constexpr std::uint64_t often = 1 << 16;
  if (progress_ && done_ % often == 0) progress_(static_cast<double>(done_) / static_cast<double>(actions_));
  const auto first = static_cast<std::uint32_t>(class_of(lane) * lanes_);
  advance(lane);
  for (std::uint32_t other = first; other < first + lanes_; other++)
    if (lane_[other].blocked_on == action) {
      lane_[other].blocked_on = none;
      advance(other);
    }
}

} // namespace weft
