#include "job/chain_writer.hpp"

#include "job/ranks.hpp"

#include <utility>

namespace weft {
namespace {

Task communication(std::uint32_t payload, std::uint8_t slot, std::uint8_t lane)
{
  return {.kind = TaskKind::communicate, .lane = lane, .slot = slot, .what = payload};
}

} // namespace

void ChainWriter::compute(std::uint32_t work)
{
  last_ = add({.kind = TaskKind::compute, .lane = lane_compute, .what = work}, waits_on(lane_compute));
  pending_.clear();
}

void ChainWriter::collective(std::uint32_t payload, std::uint8_t slot, std::uint8_t lane)
{
  last_ = aside(payload, slot, lane);
  pending_.clear();
}

std::uint32_t ChainWriter::aside(std::uint32_t payload, std::uint8_t slot, std::uint8_t lane)
{
  return add(communication(payload, slot, lane), waits_on(lane));
}

std::uint32_t ChainWriter::after(std::initializer_list<std::uint32_t> tasks, std::uint32_t payload, std::uint8_t slot, std::uint8_t lane)
{
  std::vector<std::uint32_t> waits;
  for (const std::uint32_t task : tasks)
    if (task != no_task) waits.push_back(task);
  return add(communication(payload, slot, lane), waits);
}

void ChainWriter::wait_for(std::uint32_t task)
{
  if (task != no_task) pending_.push_back(task);
}

std::vector<std::uint32_t> ChainWriter::go_on_behind(std::uint32_t task)
{
  last_ = task;
  return std::exchange(pending_, {});
}

void ChainWriter::renumber(std::uint32_t first, const std::vector<std::uint32_t>& numbers)
{
  const auto new_number = [&](std::uint32_t task) { return task == no_task || task < first ? task : numbers[task - first]; };
  last_ = new_number(last_);
  for (std::uint32_t& task : pending_) task = new_number(task);
}

/// What the next task on a lane waits for; the task before it on its own lane needs no wait.
std::vector<std::uint32_t> ChainWriter::waits_on(std::uint8_t lane) const
{
  std::vector<std::uint32_t> waits = pending_;
  if (last_ != no_task && program_.tasks[last_].lane != lane) waits.push_back(last_);
  return waits;
}

std::uint32_t ChainWriter::add(Task task, const std::vector<std::uint32_t>& waits)
{
  task.microbatch = microbatch;
  task.first_wait = static_cast<std::uint32_t>(program_.waits.size());
  task.waits = static_cast<std::uint32_t>(waits.size());
  program_.waits.insert(program_.waits.end(), waits.begin(), waits.end());
  program_.tasks.push_back(task);
  return static_cast<std::uint32_t>(program_.tasks.size() - 1);
}

} // namespace weft
