// A machine of 16,384 end points of every scale-out kind: what the contract at scale and the benchmark build.
#pragma once
#include "small_platforms.hpp"

#include <map>
#include <optional>

namespace weft {

/// 512 switches in a ring, four nodes' adapters on each, listed one by one.
inline std::string listed_ring()
{
  std::string text = "switches:\n";
  for (int s = 0; s < 512; ++s) text += "  - {name: s" + std::to_string(s) + "}\n";
  text += "links:\n";
  for (int node = 0; node < 2048; ++node)
    for (int k = 0; k < 8; ++k)
      text += "  - {from: node" + std::to_string(node) + "/nic" + std::to_string(k) + ", to: s" + std::to_string(node / 4) + "}\n";
  for (int s = 0; s < 512; ++s) text += "  - {from: s" + std::to_string(s) + ", to: s" + std::to_string((s + 1) % 512) + "}\n";
  return text;
}

/// 2,048 nodes of 8 accelerators and adapters; nothing for a kind without a network. Kinds not named here build from no settings at all.
inline std::optional<Platform> machine_of_16384(const std::string& kind)
{
  if (kind == "none") return std::nullopt;
  const std::map<std::string, std::string> settings{
      {"graph", kind == "graph" ? listed_ring() : ""}, {"hyperx", "dims: [16, 16, 4]"},
      {"leaf-spine", "{leaves: 512, spines: 32}"},     {"optical-circuit", "{matching: torus, block: [4, 4, 4], dims: [4, 8, 8]}"},
      {"torus", "{dims: [16, 32, 32], of: adapters}"},
  };
  const auto found = settings.find(kind);
  return platform_of(2048, kind, found == settings.end() ? "" : found->second, kind == "leaf-spine" ? 512 : 64);
}

} // namespace weft
