#include "spec/plan.hpp"

#include <algorithm>

namespace weft {

std::vector<Axis> axes_of(const std::string& order)
{
  static constexpr std::array<const char*, 5> names{"tp", "cp", "ep", "dp", "pp"};
  std::vector<Axis> axes;
  const auto stands = [&axes](Axis axis) { return std::find(axes.begin(), axes.end(), axis); };
  for (std::size_t begin = 0; begin <= order.size(); begin = order.find('-', begin) + 1) {
    const std::string word = order.substr(begin, order.find('-', begin) - begin);
    const auto* const known = std::find(names.begin(), names.end(), word);
    if (known == names.end() || stands(static_cast<Axis>(known - names.begin())) != axes.end()) return {};
    axes.push_back(static_cast<Axis>(known - names.begin()));
    if (order.find('-', begin) == std::string::npos) break;
  }
  for (const Axis needed : {Axis::tp, Axis::dp, Axis::pp})
    if (stands(needed) == axes.end()) return {};
  if (stands(Axis::cp) == axes.end()) axes.insert(stands(Axis::tp) + 1, Axis::cp);
  if (stands(Axis::ep) == axes.end()) axes.insert(stands(Axis::dp), Axis::ep);
  return axes;
}

} // namespace weft
