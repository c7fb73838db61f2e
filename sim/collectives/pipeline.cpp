#include "collectives/pipeline.hpp"
#include "collectives/edges.hpp"

#include <algorithm>

namespace weft {
namespace {

constexpr std::uint64_t chunks_per_stage = 128;                   // filling costs at most 1/128 of the time
constexpr std::uint64_t enough_messages = std::uint64_t{1} << 22; // beyond it the pipeline gets fewer chunks instead

} // namespace

void pipelined(const std::vector<Handover>& hops, std::uint32_t parts, PieceOrder order, const char* kind, std::size_t members,
               const StepSink& sink)
{
  require_few_messages(hops.size(), kind, members);
  std::vector<std::vector<Handover>> by_stage(1);
  for (const Handover& hop : hops) {
    if (hop.stage >= by_stage.size()) by_stage.resize(hop.stage + 1);
    by_stage[hop.stage].push_back(hop);
  }
  const auto stages = static_cast<std::uint32_t>(by_stage.size());
  const std::uint64_t affordable = enough_messages / std::max<std::uint64_t>(hops.size(), 1);
  const auto chunks =
      static_cast<std::uint32_t>(std::clamp<std::uint64_t>(chunks_per_stage * (stages - 1), 1, std::max<std::uint64_t>(affordable, 1)));

  std::vector<Message> messages;
  for (std::uint32_t step = 0; step < chunks + stages - 1; ++step) {
    messages.clear();
    for (std::uint32_t chunk = step < stages ? 0 : step - stages + 1; chunk <= std::min(step, chunks - 1); ++chunk)
      for (const Handover& hop : by_stage[step - chunk]) {
        const std::uint32_t first = order == PieceOrder::chunk_major ? chunk * parts + hop.first_part : hop.first_part * chunks + chunk;
        messages.push_back({.from = hop.from, .to = hop.to, .first_piece = first, .pieces = hop.parts, .reduces = hop.reduces});
      }
    sink(chunks * parts, messages);
  }
}

} // namespace weft
