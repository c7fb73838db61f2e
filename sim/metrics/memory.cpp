#include "metrics/memory.hpp"

#include "units/text.hpp"

#include <algorithm>

namespace weft {
namespace {

std::string joined(const std::vector<std::string>& words)
{
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) text += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  return text;
}

/// Settings that would lower the largest part of the need.
std::string advice(const Scenario& scenario, const MemoryNeed& need)
{
  const Plan& plan = scenario.plan;
  std::vector<std::string> ways;
  if (need.activations + need.buffers + need.fragmentation > need.weights + need.gradients + need.optimizer) {
    if (plan.recompute == Recompute::none) ways.emplace_back("plan.recompute: selective");
    if (plan.recompute != Recompute::full) ways.emplace_back("plan.recompute: full");
    if (plan.tp > 1 && !plan.sequence_parallel) ways.emplace_back("plan.sequence-parallel: true");
    if (plan.microbatch > 1) ways.emplace_back("a smaller plan.microbatch");
  } else if (plan.zero == Zero::off && plan.dp > 1) {
    ways.emplace_back("plan.zero: optimizer");
  }
  ways.emplace_back("a larger plan.tp or plan.pp");
  return joined(ways);
}

} // namespace

std::size_t hungriest(const std::vector<MemoryNeed>& needs)
{
  const auto most =
      std::max_element(needs.begin(), needs.end(), [](const MemoryNeed& a, const MemoryNeed& b) { return a.total() < b.total(); });
  return needs.empty() ? 0 : static_cast<std::size_t>(most - needs.begin());
}

std::string memory_objection(const Scenario& scenario, const std::vector<MemoryNeed>& needs)
{
  if (needs.empty()) return "";
  const std::size_t role = hungriest(needs);
  const MemoryNeed& need = needs[role];
  const Chip& chip = scenario.platform.node.chip;
  if (need.total() <= chip.memory) return "";
  std::string parts;
  for (const MemoryPart& part : memory_parts)
    if (need.*part.bytes > Bytes(0)) parts += std::string(parts.empty() ? "" : ", ") + part.name + " " + short_text(need.*part.bytes);
  return "does not fit in memory: stage " + std::to_string(role) + " needs " + short_text(need.total()) + " per accelerator, " +
         short_text(need.total() - chip.memory) + " more than the " + short_text(chip.memory) + " of " + chip.name + ": " + parts +
         (need.moment.empty() ? "" : ", in the " + need.moment) + " (try " + advice(scenario, need) +
         ", or engine.memory: warn to simulate it all the same)";
}

} // namespace weft
