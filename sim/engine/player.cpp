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
  lane_.resize(folding.ranks.size() * lanes_);
  for (const Script& script : folding.scripts) {
    ScriptOrder order;
    order.first_of_lane.assign(lanes_ + 1, 0);
    for (const Action& action : script.actions) order.first_of_lane[action.lane + std::size_t{1}]++;
    for (std::size_t i = 1; i <= lanes_; i++) order.first_of_lane[i] += order.first_of_lane[i - 1];
    order.actions.resize(script.actions.size());
    order.ordinal.resize(script.actions.size());
    std::vector<std::uint32_t> next(order.first_of_lane.begin(), order.first_of_lane.end() - 1);
    std::vector<std::uint32_t> met(folding.job->slots.size());
    for (std::uint32_t i = 0; i < script.actions.size(); i++) {
      order.actions[next[script.actions[i].lane]++] = i;
      if (script.actions[i].kind == Action::Kind::meet) order.ordinal[i] = met[script.actions[i].slot]++;
    }
    orders_.push_back(std::move(order));
  }
  for (const RankClass& rank : folding.ranks) {
    const std::size_t count = folding.scripts[rank.script].actions.size();
    spans_.emplace_back(count, Span{.ready = {}, .begin = {}, .end = Seconds(-1), .released_action = Span::none});
    actions_ += count;
  }
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

std::uint32_t Player::head(std::uint32_t lane) const
{
  const ScriptOrder& order = orders_[folding_.ranks[class_of(lane)].script];
  return order.actions[order.first_of_lane[lane % lanes_] + lane_[lane].position];
}

/// Begins the head of the lane when everything it waits for is done; else notes what it waits for.
void Player::advance(std::uint32_t lane)
{
  Lane& state = lane_[lane];
  const std::uint32_t rank_class = class_of(lane);
  const ScriptOrder& order = orders_[folding_.ranks[rank_class].script];
  const std::size_t which = lane % lanes_;
  if (order.first_of_lane[which] + state.position == order.first_of_lane[which + 1]) return;
  const std::uint32_t action = head(lane);
  const Script& script = script_of(rank_class);
  const auto waits = script.waits_of(script.actions[action]);
  for (; state.waits_done < waits.size(); state.waits_done++)
    if (spans_[rank_class][waits[state.waits_done]].end.base() < 0) {
      state.blocked_on = waits[state.waits_done];
      return;
    }
  begin(lane, action);
}

void Player::begin(std::uint32_t lane, std::uint32_t action)
{
  const std::uint32_t rank_class = class_of(lane);
  const Script& script = script_of(rank_class);
  Span& span = spans_[rank_class][action];
  // Released by what ended last; of equals by the lane itself, else by the wait named first.
  const auto consider = [&](std::uint32_t earlier) {
    const Seconds end = spans_[rank_class][earlier].end;
    if (span.released_action != Span::none && end <= spans_[rank_class][span.released_action].end) return;
    span.released_action = earlier;
  };
  if (lane_[lane].position > 0) {
    const ScriptOrder& order = orders_[folding_.ranks[rank_class].script];
    consider(order.actions[order.first_of_lane[lane % lanes_] + lane_[lane].position - 1]);
  }
  for (const std::uint32_t wait : script.waits_of(script.actions[action])) consider(wait);
  span.released_class = rank_class;
  span.ready = span.begin = network_.now();
  if (script.actions[action].kind == Action::Kind::meet)
    arrive(lane, action);
  else
    after(script.actions[action].duration, {.purpose = action_done, .owner = lane});
}

/// Ends the head of the lane, and lets go on whoever waited for it.
void Player::finish(std::uint32_t lane)
{
  const std::uint32_t action = head(lane);
  span_of(lane).end = network_.now();
  lane_[lane].position++;
  lane_[lane].waits_done = 0;
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
