// Writes the tasks of a program along one chain of dependence, with communications beside it.
#pragma once
#include "job/job.hpp"

#include <cstdint>
#include <initializer_list>
#include <vector>

namespace weft {

/// No task.
constexpr std::uint32_t no_task = 0xffffffff;

/// Appends tasks along one chain: each computation or blocking collective follows the one before, on whatever lane.
class ChainWriter {
public:
  explicit ChainWriter(Program& program) : program_(program) {}

  std::uint16_t microbatch = 0xffff; ///< of the tasks written from now on

  /// A computation next in the chain.
  void compute(std::uint32_t work);
  /// A collective next in the chain: the computation after it waits for it.
  void collective(std::uint32_t payload, std::uint8_t slot, std::uint8_t lane);
  /// A communication that starts where the chain is now and runs beside what follows; returns it for wait_for().
  std::uint32_t aside(std::uint32_t payload, std::uint8_t slot, std::uint8_t lane);
  /// A communication that waits for the given tasks only; no_task among them is nothing to wait for.
  std::uint32_t after(std::initializer_list<std::uint32_t> tasks, std::uint32_t payload, std::uint8_t slot, std::uint8_t lane);
  std::uint32_t after(std::uint32_t task, std::uint32_t payload, std::uint8_t slot, std::uint8_t lane)
  {
    return after({task}, payload, slot, lane);
  }
  /// The next task of the chain also waits for this one.
  void wait_for(std::uint32_t task);
  /// The chain goes on behind an earlier task of it, beside what has been written since: a second pass in company of the first.
  /// Returns the tasks its next task was to wait for.
  std::vector<std::uint32_t> go_on_behind(std::uint32_t task);
  /// Tasks from `first` on have new numbers.
  void renumber(std::uint32_t first, const std::vector<std::uint32_t>& numbers);
  /// Last task of the chain, no_task at the start.
  [[nodiscard]] std::uint32_t last() const { return last_; }

private:
  std::vector<std::uint32_t> waits_on(std::uint8_t lane) const;
  std::uint32_t add(Task task, const std::vector<std::uint32_t>& waits);

  Program& program_;
  std::uint32_t last_ = no_task;
  std::vector<std::uint32_t> pending_;
};

} // namespace weft
