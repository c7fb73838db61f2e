#include "job/interleave.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace weft {
namespace {

/// Copies tasks from `at` up to and with the next communication, not beyond `end`.
void take_piece(const Program& program, std::uint32_t& at, std::uint32_t end, std::vector<std::uint32_t>& order)
{
  while (at < end) {
    order.push_back(at);
    if (program.tasks[at++].kind == TaskKind::communicate) break;
  }
}

} // namespace

std::vector<std::uint32_t> interleave(Program& program, std::uint32_t first, std::uint32_t second)
{
  const auto end = static_cast<std::uint32_t>(program.tasks.size());
  std::vector<std::uint32_t> order; // old numbers in their new order
  for (std::uint32_t one = first, other = second; one < second || other < end;) {
    take_piece(program, one, second, order);
    take_piece(program, other, end, order);
  }
  std::vector<std::uint32_t> number(end - first);
  std::vector<Task> tasks;
  for (std::uint32_t i = 0; i < order.size(); i++) {
    number[order[i] - first] = first + i;
    tasks.push_back(program.tasks[order[i]]);
  }
  std::move(tasks.begin(), tasks.end(), program.tasks.begin() + first);
  for (std::uint32_t i = first; i < end; i++) {
    const Task& task = program.tasks[i];
    for (std::uint32_t w = task.first_wait; w < task.first_wait + task.waits; w++)
      if (program.waits[w] >= first) program.waits[w] = number[program.waits[w] - first];
  }
  return number;
}

} // namespace weft
