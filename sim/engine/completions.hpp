// Expected ends of flows in order of date, then of start. A flow's date can be changed in place, so the queue never holds more
// entries than there are flows.
#pragma once
#include "units/quantity.hpp"

#include <cstdint>
#include <limits>
#include <vector>

namespace weft {

/// A four-ary heap whose entries know their place.
class Completions {
  struct Entry {
    double date;
    std::uint64_t sequence;
    std::uint32_t flow;
    bool operator<(const Entry& other) const { return date != other.date ? date < other.date : sequence < other.sequence; }
  };
  static constexpr std::uint32_t absent = 0xffffffff;
  std::vector<Entry> heap_;
  std::vector<std::uint32_t> place_; ///< per flow

  void put(std::size_t at, const Entry& entry)
  {
    heap_[at] = entry;
    place_[entry.flow] = static_cast<std::uint32_t>(at);
  }
  void rise(std::size_t at, const Entry& entry)
  {
    while (at > 0) {
      const std::size_t parent = (at - 1) / 4;
      if (!(entry < heap_[parent])) break;
      put(at, heap_[parent]);
      at = parent;
    }
    put(at, entry);
  }
  void sink(std::size_t at, const Entry& entry)
  {
    while (4 * at + 1 < heap_.size()) {
      std::size_t least = 4 * at + 1;
      for (std::size_t child = least + 1; child < heap_.size() && child < 4 * at + 5; child++)
        if (heap_[child] < heap_[least]) least = child;
      if (!(heap_[least] < entry)) break;
      put(at, heap_[least]);
      at = least;
    }
    put(at, entry);
  }
  void settle(std::size_t at, const Entry& entry)
  {
    if (at > 0 && entry < heap_[(at - 1) / 4])
      rise(at, entry);
    else
      sink(at, entry);
  }

public:
  /// Enters the flow, or changes its date.
  void set(std::uint32_t flow, std::uint64_t sequence, Seconds date)
  {
    if (flow >= place_.size()) place_.resize(flow + 1, absent);
    const Entry entry{date.base(), sequence, flow};
    if (place_[flow] != absent) return settle(place_[flow], entry);
    heap_.push_back(entry);
    rise(heap_.size() - 1, entry);
  }
  /// Date of the first; infinity when there is none.
  [[nodiscard]] Seconds next() const { return Seconds(heap_.empty() ? std::numeric_limits<double>::infinity() : heap_.front().date); }
  [[nodiscard]] std::uint32_t first() const { return heap_.front().flow; }
  void remove_first()
  {
    place_[heap_.front().flow] = absent;
    const Entry last = heap_.back();
    heap_.pop_back();
    if (!heap_.empty()) sink(0, last);
  }
};

} // namespace weft
