#include "collectives/collective.hpp"
#include "collectives/edges.hpp"
#include "config/error.hpp"

#include <algorithm>

namespace weft {

std::vector<std::vector<std::uint32_t>> GroupShape::by_domain() const
{
  std::vector<std::vector<std::uint32_t>> result(domains());
  for (std::uint32_t member = 0; member < members(); ++member) {
    if (domain[member] >= domains())
      throw LogicError("member " + std::to_string(member) + " is in domain " + std::to_string(domain[member]) + " of " +
                       std::to_string(domains()));
    result[domain[member]].push_back(member);
  }
  return result;
}

const CollectiveKind* find_collective(const std::string& name)
{
  for (const CollectiveKind* kind : collective_kinds())
    if (kind->name == name) return kind;
  return nullptr;
}

Steps CollectiveKind::steps(Operation operation, const GroupShape& group) const
{
  Steps written;
  play(operation, group, [&](std::uint32_t pieces, const std::vector<Message>& step) {
    written.pieces = pieces;
    written.steps.push_back(step);
  });
  return written;
}

std::optional<Operation> parse_operation(const std::string& name)
{
  for (std::size_t i = 0; i < operation_names.size(); ++i)
    if (name == operation_names[i]) return static_cast<Operation>(i);
  return std::nullopt;
}

double bus_bandwidth_factor(Operation operation, std::size_t members)
{
  if (members < 2) return 0;
  const double n = static_cast<double>(members);
  switch (operation) {
  case Operation::all_reduce:
    return 2 * (n - 1) / n;
  case Operation::reduce_scatter:
  case Operation::all_gather:
  case Operation::all_to_all:
    return (n - 1) / n;
  case Operation::broadcast:
  case Operation::send:
    return 1;
  }
  throw LogicError("bus_bandwidth_factor: unknown operation");
}

std::vector<Edge> sum_by_pair(std::vector<Edge> edges)
{
  std::stable_sort(edges.begin(), edges.end(),
                   [](const Edge& a, const Edge& b) { return a.from != b.from ? a.from < b.from : a.to < b.to; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < edges.size(); ++i) {
    if (kept > 0 && edges[kept - 1].from == edges[i].from && edges[kept - 1].to == edges[i].to)
      edges[kept - 1].bytes_per_byte += edges[i].bytes_per_byte;
    else
      edges[kept++] = edges[i];
  }
  edges.resize(kept);
  return edges;
}

std::vector<std::vector<Edge>> edges_per_step(const Steps& steps)
{
  std::vector<std::vector<Edge>> result;
  result.reserve(steps.steps.size());
  std::vector<Edge> edges;
  for (const auto& step : steps.steps) {
    edges.clear();
    // counts of pieces add up exactly; the division comes last
    for (const Message& message : step) edges.push_back({message.from, message.to, static_cast<double>(message.pieces)});
    std::vector<Edge> joined = sum_by_pair(edges);
    for (Edge& edge : joined) edge.bytes_per_byte /= steps.pieces;
    result.emplace_back(joined.begin(), joined.end());
  }
  return result;
}

double edges_of(const Phase& phase, std::size_t members)
{
  const auto n = static_cast<double>(members);
  return static_cast<double>(phase.edges.size()) + (phase.every_pair > 0 ? n * (n - 1) : 0);
}

void require_few_messages(std::uint64_t messages, const char* kind, std::size_t members)
{
  if (messages > most_written_messages)
    throw CannotFinish(std::string(kind) + " over " + std::to_string(members) + " members takes " + std::to_string(messages) +
                       " messages, more than can be played one by one (set engine.fidelity to coupled or edges)");
}

void require_support(const CollectiveKind& kind, Operation operation, const GroupShape& group)
{
  if (!kind.supports(operation, group))
    throw LogicError(std::string(kind.name) + " does not carry out " + operation_names[static_cast<std::size_t>(operation)] +
                     " on this group of " + std::to_string(group.members()));
}

} // namespace weft
