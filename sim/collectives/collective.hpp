// Collective operations and the algorithms that carry them out: which member sends which piece to whom in which step.
// One file per algorithm in kinds/. Pure combinatorics: no links, no seconds. Vertices 0..n-1 are members; n + d is the switch of domain d.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace weft {

enum class Operation : std::uint8_t { all_reduce, reduce_scatter, all_gather, broadcast, all_to_all, send };
constexpr std::array<const char*, 6> operation_names{"all-reduce", "reduce-scatter", "all-gather", "broadcast", "all-to-all", "send"};

/// Who takes part, as far as an algorithm cares: members in ring order, the scale-up domain of each, and which domains can reduce in their switch.
struct GroupShape {
  std::vector<std::uint32_t> domain;      ///< per member: index of its scale-up domain within this group, 0.. in order of first appearance
  std::vector<std::uint8_t> domain_reduces; ///< per domain: its switch can reduce and multicast
  [[nodiscard]] std::size_t members() const { return domain.size(); }
  [[nodiscard]] std::size_t domains() const { return domain_reduces.size(); }
  /// Members of each domain, in member order.
  [[nodiscard]] std::vector<std::vector<std::uint32_t>> by_domain() const;
};

/// One message of the symbolic schedule. Pieces: the payload is cut into `Steps::pieces` equal ones.
struct Message {
  std::uint32_t from = 0, to = 0;
  std::uint32_t first_piece = 0, pieces = 1;
  bool reduces = false;                   ///< the receiver adds it to what it has; else it stores it
};
/// The algorithm step by step: a member enters step k when all its own messages of step k-1, sent and received, are done.
struct Steps {
  std::uint32_t pieces = 1;
  std::vector<std::vector<Message>> steps;
};

/// Bytes one edge carries per byte of payload.
struct Edge {
  std::uint32_t from = 0, to = 0;
  double bytes_per_byte = 0;
};
/// The algorithm as flows: phases in sequence; the edges of a phase advance together as one coupled flow.
struct Phase {
  std::vector<Edge> edges;
  double scaleup_steps = 0, network_steps = 0; ///< dependent message steps, for latency
  double switch_steps = 0, switch_network_steps = 0; ///< in-switch reductions and their levels over the network
};
enum class LatencyForm : std::uint8_t { ring, tree, in_switch, direct };

/// One algorithm.
struct CollectiveKind {
  const char* name;                       ///< YAML value: "ring", "tree", "nvls", "hierarchical", "direct"
  const char* summary;
  const char* source;
  LatencyForm latency = LatencyForm::ring;
  /// Whether it can carry out the operation on such a group.
  bool (*supports)(Operation operation, const GroupShape& group);
  /// Edges and step counts in closed form; must equal what steps() adds up to.
  std::vector<Phase> (*phases)(Operation operation, const GroupShape& group);
  /// The symbolic schedule. Payload as in nccl-tests: all-reduce and broadcast: the buffer; reduce-scatter: the whole input; all-gather: the whole output; all-to-all: one member's whole send buffer.
  Steps (*steps)(Operation operation, const GroupShape& group);
};

const std::vector<const CollectiveKind*>& collective_kinds();
const CollectiveKind* find_collective(const std::string& name);

} // namespace weft
