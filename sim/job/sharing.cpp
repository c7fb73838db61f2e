#include "job/sharing.hpp"

#include "job/pipeline.hpp"
#include "layout/layout.hpp"

#include <algorithm>
#include <initializer_list>
#include <map>

namespace weft {
namespace {

/// Rates of one accelerator, and which ranks share a node.
struct Rates {
  Bandwidth within;  ///< over its scale-up links, or its host link without any
  Bandwidth between; ///< its share of the node's adapters
  int accelerators = 1;
};

Rates rates_of(const NodeModel& node)
{
  const Adapters& a = node.adapters;
  const LinkMedium& link = node.chip.scaleup_links > 0 ? node.scaleup_medium : node.host_medium;
  return {link.bandwidth * (link.efficiency * std::max(node.chip.scaleup_links, 1)),
          a.bandwidth * (a.efficiency * a.count / node.accelerators), node.accelerators};
}

/// Ranks that meet in a collective: `stride` apart in numbering.
struct Meeting {
  int ranks = 1, stride = 1;
};

/// Time of an all-gather or reduce-scatter of `bytes` in all: every rank passes on (n - 1) / n of them, over its links, or, when the group
/// leaves the node, over the adapters of its members there.
Seconds time_of(Bytes bytes, const Meeting& meeting, const Rates& rates)
{
  if (meeting.ranks <= 1) return {};
  const int here = std::clamp(rates.accelerators / meeting.stride, 1, meeting.ranks);
  const Bandwidth rate = here == meeting.ranks ? rates.within : std::min(rates.within, rates.between * here);
  return rate > Bandwidth(0) ? bytes * ((meeting.ranks - 1.0) / meeting.ranks) / rate : Seconds{};
}

Meeting meeting_of(const Layout& layout, std::initializer_list<Axis> axes)
{
  const std::vector<RankId> group = layout.dense.along(axes, RankId(0));
  return {static_cast<int>(group.size()), group.size() > 1 ? static_cast<int>(group[1].value - group[0].value) : 1};
}

/// Lengthens computations.
class Sharing {
public:
  Sharing(Job& job, const Scenario& scenario)
      : job_(job), scenario_(scenario), plan_(scenario.plan), rates_(rates_of(scenario.platform.node)), layout_(scenario.plan),
        all_(scenario.platform.node.chip.compute.multiprocessors), taken_(scenario.platform.library.multiprocessors)
  {
  }
  [[nodiscard]] bool nothing_left() const { return taken_ >= all_; }

  void beside_tensor(const StepWorks& w);
  void beside_data(const StepWorks& w);
  void beside_exchanges(const StepWorks& w, std::uint32_t layers_end);

private:
  /// One collective lasts as long as the computations beside it.
  void throughout(std::initializer_list<std::uint32_t> works);
  /// Collectives of this length in all run beside the computations, which lose the share taken while they do.
  void beside(Seconds collectives, const std::vector<std::uint32_t>& works);

  Job& job_;
  const Scenario& scenario_;
  const Plan& plan_;
  Rates rates_;
  Layout layout_;
  double all_, taken_;
};

void Sharing::throughout(std::initializer_list<std::uint32_t> works)
{
  for (const std::uint32_t work : works)
    if (work != no_work) job_.works[work].duration *= all_ / (all_ - taken_);
}

void Sharing::beside(Seconds collectives, const std::vector<std::uint32_t>& works)
{
  Seconds computing{};
  for (const std::uint32_t work : works)
    if (work != no_work) computing += job_.works[work].duration;
  if (computing <= Seconds(0)) return;
  const double longer = std::min(1 + taken_ / all_ * (collectives / computing), all_ / (all_ - taken_));
  for (const std::uint32_t work : works)
    if (work != no_work) job_.works[work].duration *= longer;
}

/// Tensor-parallel collectives beside products (LayerWriter).
void Sharing::beside_tensor(const StepWorks& w)
{
  if (plan_.overlap.tensor == TensorOverlap::off || plan_.tp == 1) return;
  const bool cut = plan_.sequence_parallel;
  const Seconds one = time_of(boundary_bytes(shard_of(scenario_)), meeting_of(layout_, {Axis::tp}), rates_);
  const Seconds sum = cut ? one : 2 * one; // an all-reduce passes its bytes twice
  beside(sum, {w.head_weights});
  if (cut) beside(one, {w.head_data}); // the input is gathered again beside the input gradient
  beside(2 * sum, {w.prediction.column_weights}); // of state and embedding
  if (cut) beside(2 * one, {w.prediction.column_data});
  for (const LayerWorks& layer : w.layers)
    for (const BlockWorks* block : {&layer.attention, &layer.feedforward}) {
      beside(sum, {block->column_weights});
      if (cut) beside(one, {block->column_data});
      for (const std::uint32_t work : {block->forward.main_beside, block->forward.tail_beside, block->again.main_beside,
                                       block->again.tail_beside, block->tail_backward_beside})
        beside(one, {work});
    }
}

/// Gathers of parameters and sums of gradients beside the layers of dense weights. Where they come once per step they are spread over its
/// microbatches, whose computations are the same.
void Sharing::beside_data(const StepWorks& w)
{
  const Replicas replicas = dense_replicas(plan_);
  if (replicas.ranks == 1) return;
  Meeting meeting = meeting_of(layout_, {Axis::cp, Axis::dp});
  if (plan_.zero != Zero::off) meeting.ranks = replicas.cut;
  const double microbatches = std::max(1, scenario_.workload->batch / (plan_.dp * plan_.microbatch));
  const double gathers = plan_.overlap.parameters ? plan_.zero == Zero::parameters ? 1 : 1 / microbatches : 0;
  const double sums = plan_.overlap.gradients ? plan_.zero >= Zero::gradients ? 1 : 1 / microbatches : 0;
  const double passes = plan_.zero == Zero::off ? 2 : 1;
  std::vector<bool> seen(w.layers.size(), false);
  for (std::size_t layer = 0; layer < w.of_layer.size(); layer++) {
    const std::size_t kind = w.of_layer[layer];
    if (seen[kind]) continue;
    seen[kind] = true;
    const double parameters = held_parameters(shard_of(scenario_, static_cast<int>(layer)), static_cast<int>(layer)).dense;
    const Seconds gather = gathers * time_of(Bytes(2) * parameters, meeting, rates_);
    const Seconds sum = sums * passes * time_of(bytes_of(scenario_.workload->gradients) * parameters, meeting, rates_);
    std::vector<std::uint32_t> forward, backward;
    for (const BlockWorks* b : {&w.layers[kind].attention, &w.layers[kind].feedforward}) {
      forward.insert(forward.end(), {b->forward.main_beside, b->forward.main, b->forward.core, b->forward.tail, b->forward.tail_beside});
      backward.insert(backward.end(), {b->again.main_beside, b->again.main, b->again.core, b->again.tail, b->again.tail_beside,
                                       b->tail_backward, b->tail_backward_beside, b->column_data, b->column_weights});
    }
    beside(gather, forward);
    beside((plan_.zero == Zero::parameters ? gather : Seconds{}) + sum, backward);
  }
}

/// Keys that go round a ring (ContextWriter) and tokens on their way to experts (ExpertWriter). Where passes run in pairs, one computes
/// while the other's tokens travel: all layers give multiprocessors away all the time.
void Sharing::beside_exchanges(const StepWorks& w, std::uint32_t layers_end)
{
  if (plan_.ep > 1 && pipeline_of(scenario_).schedule->pairs_passes) {
    for (std::uint32_t work = 0; work < layers_end; work++) throughout({work});
    return;
  }
  for (const LayerWorks& layer : w.layers) {
    const BlockWorks& a = layer.attention;
    if (plan_.cp > 1 && plan_.context == ContextExchange::ring) throughout({a.forward.core, a.again.core, a.core_backward});
    if (plan_.cp > 1 && plan_.context == ContextExchange::gathered_ring) throughout({a.core_backward}); // forward one piece of cp: left out
    if (plan_.ep > 1 && plan_.overlap.experts && layer.experts) {
      const ExpertWorks& e = *layer.experts;
      throughout({e.forward.shared, e.again.shared, e.shared_data, e.shared_weights});
    }
  }
}

} // namespace

void share_with_collectives(Job& job, const StepWorks& works, const Scenario& scenario, std::uint32_t layers_end)
{
  Sharing sharing(job, scenario);
  if (sharing.nothing_left()) return;
  sharing.beside_tensor(works);
  sharing.beside_data(works);
  sharing.beside_exchanges(works, layers_end);
}

} // namespace weft
