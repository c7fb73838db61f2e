#include "engine/stepping.hpp"

#include <algorithm>

namespace weft {

StepTable::StepTable(const Transfer& transfer) : transfer_(&transfer)
{
  first_message_.push_back(0);
  for (const auto& step : transfer.steps) {
    for (const StepMessage& message : step) members_ = std::max({members_, message.from + 1, message.to + 1});
    first_message_.push_back(first_message_.back() + static_cast<std::uint32_t>(step.size()));
  }
  first_of_.assign(transfer.steps.size() * members_ + 1, 0);
  for (std::size_t k = 0; k < transfer.steps.size(); k++)
    for (const StepMessage& message : transfer.steps[k]) {
      first_of_[k * members_ + message.from + 1]++;
      if (message.to != message.from) first_of_[k * members_ + message.to + 1]++;
    }
  for (std::size_t i = 1; i < first_of_.size(); i++) first_of_[i] += first_of_[i - 1];
  messages_.resize(first_of_.back());
  std::vector<std::uint32_t> next(first_of_.begin(), first_of_.end() - 1);
  for (std::size_t k = 0; k < transfer.steps.size(); k++)
    for (std::uint32_t i = 0; i < transfer.steps[k].size(); i++) {
      const StepMessage& message = transfer.steps[k][i];
      messages_[next[k * members_ + message.from]++] = i;
      if (message.to != message.from) messages_[next[k * members_ + message.to]++] = i;
    }
}

const StepMessage& StepTable::message(std::uint32_t number) const
{
  const auto beyond = std::upper_bound(first_message_.begin(), first_message_.end(), number);
  const auto step = static_cast<std::size_t>(beyond - first_message_.begin()) - 1;
  return transfer_->steps[step][number - first_message_[step]];
}

StepState::StepState(const StepTable& table, std::vector<std::uint32_t>& start)
    : step_(table.members(), 0xffffffff), pending_(table.members()), unfinished_(table.members())
{
  for (std::uint32_t member = 0; member < table.members(); member++) enter(table, member, start);
}

/// The member enters its next step with messages of its own, or is finished.
void StepState::enter(const StepTable& table, std::uint32_t member, std::vector<std::uint32_t>& start)
{
  std::uint32_t step = step_[member] + 1; // from "not yet begun" this is the first
  while (step < table.steps() && table.messages(step, member).empty()) step++;
  step_[member] = step;
  if (step == table.steps()) {
    unfinished_--;
    return;
  }
  const auto messages = table.messages(step, member);
  pending_[member] = static_cast<std::uint32_t>(messages.size());
  for (const std::uint32_t i : messages) {
    const std::uint32_t number = table.number(step, i);
    const StepMessage& message = table.message(number);
    const std::uint32_t other = message.from == member ? message.to : message.from;
    if (step_[other] == step) start.push_back(number);
  }
}

void StepState::done(const StepTable& table, std::uint32_t number, std::vector<std::uint32_t>& start)
{
  const StepMessage& message = table.message(number);
  if (--pending_[message.from] == 0) enter(table, message.from, start);
  if (message.to != message.from && --pending_[message.to] == 0) enter(table, message.to, start);
}

} // namespace weft
