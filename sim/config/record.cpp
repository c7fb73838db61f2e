#include "config/record.hpp"

namespace weft {

Node settings_beyond(const Node& mapping, const std::vector<FieldDoc>& known)
{
  Node settings = mapping;
  std::erase_if(settings.entries, [&](const auto& entry) {
    return std::any_of(known.begin(), known.end(), [&](const FieldDoc& field) { return field.key == entry.first; });
  });
  return settings;
}

} // namespace weft
