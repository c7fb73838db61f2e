#include "job/owners.hpp"

namespace weft {

std::vector<Ownership> deal_tensors(const std::vector<std::vector<double>>& parts, int owners)
{
  double total = 0;
  for (const std::vector<double>& part : parts)
    for (const double tensor : part) total += tensor;
  const double share = 1.01 * total / owners;
  std::vector<Ownership> dealt;
  double counted = 0;
  for (std::size_t part = 0; part < parts.size(); part++)
    for (const double tensor : parts[part]) {
      counted += tensor;
      const bool full = counted > share && dealt.size() < static_cast<std::size_t>(owners);
      if (full) counted = 0;
      if (full || dealt.empty()) dealt.push_back({0, part});
      dealt.back().parameters += tensor;
    }
  return dealt;
}

} // namespace weft
