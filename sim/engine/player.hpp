// Plays a folding over a network: a state machine per lane of every rank class, advanced by the network's events. No actors, no task
// objects: per lane where it stands, per open meeting who has come. Nothing recurses: what is due at once goes through a queue.
#pragma once
#include "engine/network.hpp"
#include "engine/simulate.hpp"
#include "engine/stepping.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace weft {

class Player final : public EventHandler {
public:
  /// `folding` must be playable (check_playable) and outlive the player, as must the network.
  Player(const Folding& folding, Network& network, Progress progress);

  /// Plays everything. Throws LogicError on deadlock.
  void play();
  /// Dates of all actions; to be taken after play().
  [[nodiscard]] std::vector<std::vector<Span>> take_spans() { return std::move(spans_); }

  void handle(std::span<const Token> due) override;

private:
  static constexpr std::uint32_t none = 0xffffffff;
  enum Purpose : std::uint32_t { action_done, meeting_done, phase_latency_over, phase_flow_done, message_latency_over, message_done };

  /// What is worked out once per script.
  struct ScriptOrder {
    std::vector<std::uint32_t> first_of_lane; ///< per lane, and one beyond: into actions
    std::vector<std::uint32_t> actions;       ///< by lane, in order
    std::vector<std::uint32_t> ordinal;       ///< per action: it is the n-th meeting of the script in its slot
  };
  /// A rank class, as the player looks at it all the time.
  struct Seat {
    const Script* script = nullptr;
    const ScriptOrder* order = nullptr;
    Span* spans = nullptr;
  };
  /// Where a lane of a rank class stands.
  struct Lane {
    const std::uint32_t* head = nullptr; ///< action to be done next, in ScriptOrder::actions
    const std::uint32_t* end = nullptr;
    std::uint32_t previous = none;        ///< action done last
    std::uint32_t waits_done = 0;         ///< of the head: so many of its waits are known to be over
    std::uint32_t blocked_on = none;      ///< the head waits for this action
    std::uint32_t next_in_meeting = none; ///< the lane that came to the same meeting after this one
  };
  /// A meeting that has begun to gather, or whose transfer is on its way.
  struct Meeting {
    std::uint32_t group = 0, ordinal = 0, what = 0;
    std::uint32_t first_lane = none, last_lane = none, arrived = 0;
    std::uint32_t phase = 0, phases_end = 0, outstanding = 0;
    std::uint32_t transfer = 0;
    std::uint32_t next_open = none;
    Seconds duration; ///< of a fused one
    bool fused = false;
    std::unique_ptr<StepState> steps; ///< of a transfer played message by message
  };

  const Folding& folding_;
  Network& network_;
  Progress progress_;
  std::size_t lanes_ = 0; ///< per rank class
  std::vector<ScriptOrder> orders_;
  std::vector<Seat> seats_;              ///< per rank class
  std::vector<Lane> lane_;               ///< by rank class, then lane
  std::vector<std::vector<Span>> spans_; ///< end < 0: not done
  std::vector<std::uint32_t> open_;      ///< per group class: first meeting that gathers
  std::vector<Meeting> meetings_;
  std::vector<std::uint32_t> free_meetings_;
  std::map<std::uint32_t, StepTable> step_tables_; ///< per transfer
  std::vector<std::uint32_t> messages_to_start_;
  std::deque<Token> at_once_;
  std::uint64_t actions_ = 0, done_ = 0;

  // Lanes (player.cpp)
  [[nodiscard]] ScriptOrder order_of(const Script& script) const;
  void process(const Token& token);
  void advance(std::uint32_t lane);
  void begin(std::uint32_t lane);
  void finish(std::uint32_t lane);
  void after(Seconds duration, Token token);
  [[nodiscard]] std::uint32_t class_of(std::uint32_t lane) const { return static_cast<std::uint32_t>(lane / lanes_); }
  [[nodiscard]] Span& span_of(std::uint32_t lane) const { return seats_[class_of(lane)].spans[*lane_[lane].head]; }

  // Meetings (meetings.cpp)
  void arrive(std::uint32_t lane, const Action& action);
  std::uint32_t meeting_of(std::uint32_t group, std::uint32_t ordinal, const Action& action);
  void begin_meeting(std::uint32_t meeting);
  void play_phases(std::uint32_t meeting);
  bool start_phase_flows(std::uint32_t meeting);
  void end_meeting(std::uint32_t meeting);
  void begin_steps(std::uint32_t meeting, const Transfer& transfer);
  void start_messages(std::uint32_t meeting);
  void start_message_flow(std::uint32_t meeting, std::uint32_t number);
  void message_over(std::uint32_t meeting, std::uint32_t number);

  // Deadlock (deadlock.cpp)
  [[nodiscard]] std::string deadlock_report() const;
  [[nodiscard]] std::string waiting_for(std::uint32_t lane) const;
};

} // namespace weft
