#include "collectives/pipeline.hpp"
#include "collectives/edges.hpp"

#include <algorithm>

namespace weft {
namespace {

constexpr std::uint64_t chunks_per_stage = 128;                   // filling costs at most 1/128 of the time
constexpr std::uint64_t enough_messages = std::uint64_t{1} << 22; // beyond it the pipeline gets fewer chunks instead

} // namespace

Steps pipelined(const std::vector<Hop>& hops, std::uint32_t parts, PieceOrder order, const char* kind, std::size_t members)
{
  require_few_messages(hops.size(), kind, members);
  std::uint32_t stages = 1;
  for (const Hop& hop : hops) stages = std::max(stages, hop.stage + 1);
  const std::uint64_t affordable = enough_messages / std::max<std::uint64_t>(hops.size(), 1);
  const auto chunks =
      static_cast<std::uint32_t>(std::clamp<std::uint64_t>(chunks_per_stage * (stages - 1), 1, std::max<std::uint64_t>(affordable, 1)));

  Steps result;
  result.pieces = chunks * parts;
  result.steps.resize(chunks + stages - 1);
  for (std::uint32_t chunk = 0; chunk < chunks; ++chunk)
    for (const Hop& hop : hops) {
      const std::uint32_t first = order == PieceOrder::chunk_major ? chunk * parts + hop.first_part : hop.first_part * chunks + chunk;
      result.steps[chunk + hop.stage].push_back(
          {.from = hop.from, .to = hop.to, .first_piece = first, .pieces = hop.parts, .reduces = hop.reduces});
    }
  return result;
}

} // namespace weft
