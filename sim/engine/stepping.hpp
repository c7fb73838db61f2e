// A transfer played message by message. A member enters step k when all its own messages of step k-1, sent and received, are done;
// a message of step k starts when both its ends have entered step k (the receive is posted).
#pragma once
#include "traffic/traffic.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace weft {

/// Which messages each member has in each step: made once per transfer, shared by all that play it.
class StepTable {
  const Transfer* transfer_;
  std::uint32_t members_ = 0;
  std::vector<std::uint32_t> first_message_; ///< per step, and one beyond: number of its first message, counted through all steps
  std::vector<std::uint32_t> first_of_;      ///< per step and member, and one beyond: into messages_
  std::vector<std::uint32_t> messages_;      ///< numbers within the step

public:
  explicit StepTable(const Transfer& transfer);
  [[nodiscard]] std::uint32_t members() const { return members_; }
  [[nodiscard]] std::uint32_t steps() const { return static_cast<std::uint32_t>(transfer_->steps.size()); }
  [[nodiscard]] std::span<const std::uint32_t> messages(std::uint32_t step, std::uint32_t member) const
  {
    const std::size_t at = std::size_t{step} * members_ + member;
    return {messages_.data() + first_of_[at], first_of_[at + 1] - first_of_[at]};
  }
  /// Number of a message, counted through all steps.
  [[nodiscard]] std::uint32_t number(std::uint32_t step, std::uint32_t message) const { return first_message_[step] + message; }
  [[nodiscard]] const StepMessage& message(std::uint32_t number) const;
};

/// How far the members of one playing transfer have come.
class StepState {
  std::vector<std::uint32_t> step_;    ///< per member: the step it has entered
  std::vector<std::uint32_t> pending_; ///< per member: its messages of that step not yet done
  std::uint32_t unfinished_ = 0;       ///< members with steps to go

  void enter(const StepTable& table, std::uint32_t member, std::vector<std::uint32_t>& start);

public:
  /// All members enter the first step; numbers of messages to start go to the end of `start`.
  StepState(const StepTable& table, std::vector<std::uint32_t>& start);
  /// A message is done; numbers of messages to start now go to the end of `start`.
  void done(const StepTable& table, std::uint32_t number, std::vector<std::uint32_t>& start);
  [[nodiscard]] bool finished() const { return unfinished_ == 0; }
};

} // namespace weft
