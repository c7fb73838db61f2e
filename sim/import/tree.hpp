// Writing Weft's keys with places in the foreign file they come from. Internal to the room.
#pragma once
#include "config/node.hpp"

#include <string>

namespace weft {

/// A scalar, and an empty mapping or list, that stand at `place`.
Node scalar_at(std::string text, const Place& place);
Node mapping_at(const Place& place);
Node list_at(const Place& place);
/// Adds a key to a mapping.
void put(Node& mapping, const std::string& key, Node value);

} // namespace weft
