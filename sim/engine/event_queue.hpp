// Timers in order of date, then of creation.
#pragma once
#include "engine/network.hpp"
#include "units/quantity.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace weft {

class EventQueue {
  struct Event {
    double date;
    std::uint64_t sequence;
    Token token;
    bool operator<(const Event& other) const { return date != other.date ? date > other.date : sequence > other.sequence; }
  };
  std::vector<Event> heap_;
  std::uint64_t sequence_ = 0;

public:
  void push(Seconds date, Token token)
  {
    heap_.push_back({date.base(), sequence_++, token});
    std::push_heap(heap_.begin(), heap_.end());
  }
  /// Date of the first event; infinity when there is none.
  [[nodiscard]] Seconds next() const { return Seconds(heap_.empty() ? std::numeric_limits<double>::infinity() : heap_.front().date); }
  /// Moves the tokens of all events up to `until` to the end of `due`.
  void take_due(Seconds until, std::vector<Token>& due)
  {
    while (!heap_.empty() && heap_.front().date <= until.base()) {
      due.push_back(heap_.front().token);
      std::pop_heap(heap_.begin(), heap_.end());
      heap_.pop_back();
    }
  }
};

} // namespace weft
