// Collective operations and the algorithms that carry them out: which member sends which piece to whom in which step.
// One file per algorithm in kinds/. Pure combinatorics: no links, no seconds. Vertices 0..n-1 are members; n + d is the switch of domain d.
#pragma once
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace weft {

enum class Operation : std::uint8_t { all_reduce, reduce_scatter, all_gather, broadcast, all_to_all, send };
constexpr std::array<const char*, 6> operation_names{"all-reduce", "reduce-scatter", "all-gather", "broadcast", "all-to-all", "send"};

/// How the members of one line of a box are joined: to the next in line, round the line's ends too, or all to all.
enum class BoxJoin : std::uint8_t { line, ring, complete };
struct BoxDimension {
  std::uint32_t size = 2; ///< at least 2; a ring has at least 3
  BoxJoin join = BoxJoin::line;
  std::uint32_t rate = 1; ///< of its links, relative to the other dimensions'
  auto operator<=>(const BoxDimension&) const = default;
};

/// Members that stand in an axis-aligned box of a torus, mesh or full mesh of accelerators, joined by links of their own; of several
/// scale-up domains, in a box of that shape in each.
struct Box {
  std::vector<BoxDimension> dimensions; ///< those the box spans; empty: the members are in no box
  std::vector<std::uint32_t> member_at; ///< by domain, then by position, the last dimension fastest
  auto operator<=>(const Box&) const = default;
};

/// Who takes part, as far as an algorithm cares: members in ring order, the scale-up domain of each, which domains can reduce in their
/// switch, and the box they make where links join them without one.
struct GroupShape {
  std::vector<std::uint32_t> domain; ///< per member: index of its scale-up domain within this group, 0.. in order of first appearance
  std::vector<std::uint8_t> domain_reduces; ///< per domain: its switch can reduce and multicast
  Box box = {};
  [[nodiscard]] std::size_t members() const { return domain.size(); }
  [[nodiscard]] std::size_t domains() const { return domain_reduces.size(); }
  /// Members of each domain, in member order. Throws LogicError when a member's domain is not below domains().
  [[nodiscard]] std::vector<std::vector<std::uint32_t>> by_domain() const;
};

/// One message of the symbolic schedule. Pieces: the payload is cut into `Steps::pieces` equal ones.
struct Message {
  std::uint32_t from = 0, to = 0;
  std::uint32_t first_piece = 0, pieces = 1;
  bool reduces = false; ///< the receiver adds it to what it has; else it stores it
};
/// The algorithm step by step: a member enters step k when all its own messages of step k-1, sent and received, are done.
/// A step may hold several messages from one vertex to another: edges_per_step() joins them.
/// Pieces stand for places in the payload. With all-reduce and broadcast any cut will do; with reduce-scatter and all-gather member m owns
/// the m-th of n equal runs of pieces; with all-to-all a message's pieces are places in its sender's send buffer, whose m-th run is for
/// member m.
struct Steps {
  std::uint32_t pieces = 1;
  std::vector<std::vector<Message>> steps;
};
/// Takes a schedule step by step, so that nobody needs to hold it whole: the pieces the payload is cut into, the messages of the next step.
using StepSink = std::function<void(std::uint32_t pieces, const std::vector<Message>& step)>;

/// Bytes one edge carries per byte of payload.
struct Edge {
  std::uint32_t from = 0, to = 0;
  double bytes_per_byte = 0;
};
/// The algorithm as flows: phases in sequence; the edges of a phase advance together as one coupled flow.
struct Phase {
  std::vector<Edge> edges;
  double scaleup_steps = 0, network_steps = 0; ///< dependent message steps, for latency
  double switch_steps = 0,
         switch_network_steps = 0; ///< in-switch reductions, and dependent messages over the network between them (two per tree level)
  double chain_hops = 0;     ///< of a chain that passes every chunk on from domain to domain: hops over the network
  double chain_channels = 0; ///< its channels, each with a chunk of its own
  double every_pair = 0;           ///< in place of edges, where they are too many to list: what every member sends every other
};
enum class LatencyForm : std::uint8_t { ring, tree, in_switch, direct };
/// Whether an algorithm takes part in the automatic choice, or runs only where engine.collectives names it (collective libraries lack it).
enum class Selection : std::uint8_t { automatic, forced_only };
constexpr Selection always_automatic(Operation) { return Selection::automatic; }

/// One algorithm.
struct CollectiveKind {
  const char* name; ///< YAML value: "ring", "tree", "nvls", "hierarchical", "direct", "torus", "full-mesh"
  const char* summary;
  const char* source;
  LatencyForm latency = LatencyForm::ring;
  Selection (*selection)(Operation operation) = always_automatic;
  /// Whether it can carry out the operation on such a group; phases() and play() throw LogicError when it cannot.
  bool (*supports)(Operation operation, const GroupShape& group);
  /// Edges and step counts in closed form; must equal what steps() adds up to. Edges of a phase are sorted by (from, to), each pair once.
  /// Throws CannotFinish when they are too many to be laid over a fabric.
  std::vector<Phase> (*phases)(Operation operation, const GroupShape& group);
  /// The symbolic schedule, step by step. Payload as in nccl-tests: all-reduce and broadcast: the buffer; reduce-scatter: the whole input;
  /// all-gather: the whole output; all-to-all: one member's whole send buffer. Broadcast starts at member 0. Throws CannotFinish when there
  /// are more than most_written_messages of them.
  void (*play)(Operation operation, const GroupShape& group, const StepSink& sink);
  /// The schedule written out.
  [[nodiscard]] Steps steps(Operation operation, const GroupShape& group) const;
};

const std::vector<const CollectiveKind*>& collective_kinds();
/// The kind of that name, or nullptr.
const CollectiveKind* find_collective(const std::string& name);

/// The operation of that name ("all-reduce"), or nothing.
std::optional<Operation> parse_operation(const std::string& name);

/// Bus bandwidth over algorithm bandwidth (payload / time): what nccl-tests multiplies by so that results of different group sizes compare
/// with the speed of a link. Source: nccl-tests, doc/PERFORMANCE.md. Zero for a group of one, whose operations move nothing.
double bus_bandwidth_factor(Operation operation, std::size_t members);

/// What each step moves over each edge, as a share of the payload: messages of one step between the same two vertices are added up.
/// Sorted by (from, to) within a step.
std::vector<std::vector<Edge>> edges_per_step(const Steps& steps);

/// Schedules with more messages than this are refused (CannotFinish): written out, 32 Mi messages are 640 MiB.
constexpr std::uint64_t most_written_messages = std::uint64_t{1} << 25;

} // namespace weft
