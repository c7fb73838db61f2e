// ECMP: one way per flow, drawn at every switch by a hash of the flow and of the switch.
//
// By default the hash takes source, destination, flow label, the run's seed and the switch, so choices of different tiers are
// independent. Leaving out the switch makes all switches hash alike: what reached one spine then leaves it by few of its ports
// (polarisation). The label stands for the UDP source port of RoCE, or the flow label of IPv6: a pair of accelerators has one per kind of
// group; `labels` says how many of them the hash can tell apart. With several queue pairs per connection a flow is cut into as many equal
// parts, each with a source port and a way of its own (NCCL_IB_QPS_PER_CONNECTION with NCCL_IB_SPLIT_DATA_ON_QPS); a part on a crowded
// way holds up the whole, as the connection is done when its last part is.
// Source: RFC 2992 (equal-cost multi-path by hash); the hash is ours, real switches differ. Queue pairs: Gangidi et al., RDMA over
// Ethernet for distributed AI training at Meta scale, SIGCOMM 2024, section 5.
#include "fabric/flow_hash.hpp"
#include "fabric/wiring.hpp"

#include <algorithm>

namespace weft {

enum class HashInput { source, destination, label, at_switch };
template <> struct Choices<HashInput> {
  static constexpr std::array<const char*, 4> names{"source", "destination", "label", "switch"};
};

namespace {

struct Ecmp {
  std::vector<HashInput> hash{HashInput::source, HashInput::destination, HashInput::label, HashInput::at_switch};
  int queue_pairs = 1;
  int labels = 0;
};

} // namespace

template <> const Record<Ecmp>& record_of<Ecmp>()
{
  static const Record<Ecmp> record =
      Record<Ecmp>("ecmp", "One way per flow, drawn by a hash.")
          .optional("hash", &Ecmp::hash, "what the hash takes in besides the run's seed: any of source, destination, label, switch")
          .optional("queue-pairs", &Ecmp::queue_pairs,
                    "queue pairs of a connection: equal parts of a flow, each hashed with a label of its own", in_range(1, 256))
          .optional("labels", &Ecmp::labels, "different labels (source ports) there are; 0: as many as flows", in_range(0, 65536));
  return record;
}

namespace {

std::vector<FieldDoc> settings() { return record_of<Ecmp>().docs(); }

RoutingPolicy policy(const Node& node)
{
  const auto set = settings_of<Ecmp>(node);
  const auto takes = [&](HashInput input) { return std::find(set.hash.begin(), set.hash.end(), input) != set.hash.end(); };
  return {.hashes_source = takes(HashInput::source),
          .hashes_destination = takes(HashInput::destination),
          .hashes_label = takes(HashInput::label),
          .hashes_switch = takes(HashInput::at_switch),
          .parts = static_cast<std::uint32_t>(set.queue_pairs),
          .labels = static_cast<std::uint32_t>(set.labels)};
}

} // namespace

extern const RoutingKind kind_ecmp_routing_kinds;
const RoutingKind kind_ecmp_routing_kinds{.name = "ecmp",
                                          .summary =
                                              "one way per flow or queue pair, by a hash of source, destination, label, seed and switch",
                                          .source = "RFC 2992; Gangidi et al., SIGCOMM 2024",
                                          .splits = false,
                                          .choose = hashed_choice,
                                          .settings = settings,
                                          .policy = policy};

} // namespace weft
