// How refinement and the whole folding grow with the number of ranks: a TP8 PP16 step with 2 to 128 replicas on a rail-optimized
// network whose traffic between pods is sprayed over all spines. The job and its traffic are put together here so that only folding is
// measured.
#include "../fold/hand_made.hpp"
#include "fold/colouring.hpp"
#include "fold/folding.hpp"

#include <benchmark/benchmark.h>

#include <map>

using namespace weft;

namespace {

constexpr std::uint32_t tensor_ranks = 8, stages = 16, pod = 16, spines = 32, layers = 8, microbatches = 16;

class BigStep {
public:
  explicit BigStep(std::uint32_t ranks) : replicas_(ranks / (tensor_ranks * stages))
  {
    people();
    machine();
    groups();
    programs();
  }
  hand_made::Case built;

private:
  enum Slots : std::uint8_t { tensor, data, forward_send, forward_receive, backward_send, backward_receive };
  enum Lanes : std::uint8_t { compute, tensor_lane, data_lane, send_lane, receive_lane };

  std::uint32_t rank_at(std::uint32_t stage, std::uint32_t replica, std::uint32_t t) const
  {
    return (stage * replicas_ + replica) * tensor_ranks + t;
  }
  std::uint32_t ranks() const { return stages * replicas_ * tensor_ranks; }

  void people()
  {
    for (const char* name : {"compute", "tp", "dp", "send", "receive"}) built.lane(name);
    for (const char* name : {"tp", "dp", "forward send", "forward receive", "backward send", "backward receive"}) built.slot(name);
    for (std::uint32_t s = 0; s < stages; ++s) built.role();
    for (std::uint32_t r = 0; r < ranks(); ++r) built.rank(r / (replicas_ * tensor_ranks));
    work_ = built.work(Seconds(1e-3));
    activations_ = built.payload(Bytes(6.4e7));
    gradients_ = built.payload(Bytes(2e9));
    message_ = built.payload(Bytes(8e6));
  }
  void machine()
  {
    for (std::uint32_t r = 0; r < ranks(); ++r) {
      for (std::uint16_t medium = 0; medium < 6; ++medium) {
        const std::uint32_t link = built.link(Bandwidth(medium < 2 ? 300e9 : 25e9), medium);
        if (medium == 0) first_own_.push_back(link);
      }
    }
    const std::uint32_t leaves = (ranks() / tensor_ranks + pod - 1) / pod * tensor_ranks;
    for (std::uint32_t i = 0; i < leaves * spines; ++i) {
      up_.push_back(built.link(Bandwidth(25e9), 6));
      down_.push_back(built.link(Bandwidth(25e9), 7));
    }
  }
  void charge(std::map<std::uint32_t, double>& on, std::uint32_t from, std::uint32_t to, double weight)
  {
    const std::uint32_t from_node = from / tensor_ranks, to_node = to / tensor_ranks;
    if (from_node == to_node) {
      on[first_own_[from]] += weight;
      on[first_own_[to] + 1] += weight;
      return;
    }
    for (const std::uint32_t link : {first_own_[from] + 2, first_own_[from] + 4, first_own_[to] + 3, first_own_[to] + 5})
      on[link] += weight;
    if (from_node / pod == to_node / pod) return;
    const std::uint32_t a = (from_node / pod * tensor_ranks + from % tensor_ranks) * spines,
                        b = (to_node / pod * tensor_ranks + to % tensor_ranks) * spines;
    for (std::uint32_t s = 0; s < spines; ++s) {
      on[up_[a + s]] += weight / spines;
      on[down_[b + s]] += weight / spines;
    }
  }
  void carry(std::uint32_t group, const std::map<std::uint32_t, double>& on, std::uint32_t payload)
  {
    std::vector<Charge> charges;
    for (const auto& [link, weight] : on) charges.push_back({link, weight});
    built.transfer(group, {{Seconds(1e-5), {{built.flow(group, charges), built.job.payloads[payload].bytes}}}});
  }
  void ring(std::uint8_t kind, std::uint8_t slot, const std::vector<std::uint32_t>& members, std::uint32_t payload)
  {
    std::vector<std::pair<std::uint32_t, std::uint8_t>> in;
    std::map<std::uint32_t, double> on;
    const double weight = 2.0 * static_cast<double>(members.size() - 1) / static_cast<double>(members.size());
    for (std::size_t i = 0; i < members.size(); ++i) {
      in.emplace_back(members[i], slot);
      charge(on, members[i], members[(i + 1) % members.size()], weight);
    }
    carry(built.group(kind, in), on, payload);
  }
  void pair(std::uint8_t kind, std::uint32_t from, std::uint8_t send, std::uint32_t to, std::uint8_t receive)
  {
    std::map<std::uint32_t, double> on;
    charge(on, from, to, 1);
    carry(built.group(kind, {{from, send}, {to, receive}}), on, message_);
  }
  void groups()
  {
    const std::uint8_t tp = built.group_kind("tp", {activations_}), dp = built.group_kind("dp", {gradients_});
    const std::uint8_t forward = built.group_kind("forward", {message_}), backward = built.group_kind("backward", {message_});
    for (std::uint32_t s = 0; s < stages; ++s) {
      for (std::uint32_t d = 0; d < replicas_; ++d) {
        std::vector<std::uint32_t> members;
        for (std::uint32_t t = 0; t < tensor_ranks; ++t) members.push_back(rank_at(s, d, t));
        ring(tp, tensor, members, activations_);
      }
      for (std::uint32_t t = 0; t < tensor_ranks; ++t) {
        std::vector<std::uint32_t> members;
        for (std::uint32_t d = 0; d < replicas_; ++d) members.push_back(rank_at(s, d, t));
        ring(dp, data, members, gradients_);
        for (std::uint32_t d = 0; d < replicas_ && s + 1 < stages; ++d) {
          pair(forward, rank_at(s, d, t), forward_send, rank_at(s + 1, d, t), forward_receive);
          pair(backward, rank_at(s + 1, d, t), backward_send, rank_at(s, d, t), backward_receive);
        }
      }
    }
  }
  std::uint32_t pass(std::uint32_t role, const std::vector<std::uint32_t>& waits)
  {
    std::uint32_t last = built.compute(role, compute, work_, waits);
    for (std::uint32_t layer = 0; layer < layers; ++layer) {
      last = built.communicate(role, tensor_lane, tensor, activations_, {last});
      last = built.compute(role, compute, work_, {last});
    }
    return last;
  }
  void programs()
  {
    for (std::uint32_t s = 0; s < stages; ++s) {
      for (const bool is_forward : {true, false}) {
        const bool first = is_forward ? s == 0 : s + 1 == stages, last = is_forward ? s + 1 == stages : s == 0;
        for (std::uint32_t m = 0; m < microbatches; ++m) {
          std::vector<std::uint32_t> waits;
          if (!first) waits.push_back(built.communicate(s, receive_lane, is_forward ? forward_receive : backward_receive, message_));
          const std::uint32_t end = pass(s, waits);
          if (!last) built.communicate(s, send_lane, is_forward ? forward_send : backward_send, message_, {end});
        }
      }
      built.communicate(s, data_lane, data, gradients_, {static_cast<std::uint32_t>(built.job.programs[s].tasks.size() - 1)});
    }
  }

  std::uint32_t replicas_;
  std::uint32_t work_ = 0, activations_ = 0, gradients_ = 0, message_ = 0;
  std::vector<std::uint32_t> first_own_, up_, down_;
};

void refine(benchmark::State& state)
{
  const BigStep step(static_cast<std::uint32_t>(state.range(0)));
  const hand_made::Case& c = step.built;
  Colouring colouring;
  for (auto _ : state) {
    colouring = refined_colouring(c.job, c.traffic, c.fabric);
    benchmark::DoNotOptimize(colouring.ranks);
  }
  state.counters["charges"] = static_cast<double>(c.traffic.charges.size());
  state.counters["groups"] = static_cast<double>(c.job.groups.size());
  state.counters["rank_classes"] = colouring.ranks;
  state.counters["link_classes"] = colouring.links;
}

void refine_with_straggler(benchmark::State& state)
{
  BigStep step(static_cast<std::uint32_t>(state.range(0)));
  hand_made::Case& c = step.built;
  c.job.ranks[3].slowdown = 1.2;
  Colouring colouring;
  for (auto _ : state) {
    colouring = refined_colouring(c.job, c.traffic, c.fabric);
    benchmark::DoNotOptimize(colouring.ranks);
  }
  state.counters["rank_classes"] = colouring.ranks;
}

void fold_all(benchmark::State& state, FoldMode mode)
{
  const BigStep step(static_cast<std::uint32_t>(state.range(0)));
  const hand_made::Case& c = step.built;
  EngineSettings settings;
  settings.fold = mode;
  for (auto _ : state) {
    const Folding folding = fold(c.job, c.traffic, c.fabric, settings);
    benchmark::DoNotOptimize(folding.scripts.size());
  }
}

} // namespace

BENCHMARK(refine)->RangeMultiplier(4)->Range(256, 16384)->Unit(benchmark::kMillisecond);
BENCHMARK(refine_with_straggler)->RangeMultiplier(4)->Range(256, 16384)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(fold_all, automatic, FoldMode::automatic)->RangeMultiplier(4)->Range(256, 16384)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(fold_all, off, FoldMode::off)->RangeMultiplier(4)->Range(256, 16384)->Unit(benchmark::kMillisecond);

BENCHMARK_MAIN();
