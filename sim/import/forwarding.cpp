#include "import/forwarding.hpp"

namespace weft {

std::vector<std::string> name_end_points(const EndPoints& ends, const std::vector<bool>& forwards, const std::vector<Bandwidth>& rates,
                                         ImportedNetwork& network)
{
  std::vector<std::string> names;
  for (std::int64_t e = 0; e < ends.count; ++e) {
    const auto index = static_cast<std::size_t>(e);
    const std::string adapter = adapter_name(e / ends.per_node, e % ends.per_node);
    if (!forwards[index]) {
      names.push_back(adapter);
      continue;
    }
    names.push_back("npu" + std::to_string(e));
    network.switches.push_back({names.back(), network.place, 0});
    network.links.push_back({adapter, names.back(), rates[index], Seconds(0), 1, network.place});
  }
  return names;
}

} // namespace weft
